//! The order of commits, and how much log each of them writes.

use driftlab_model::{CommitIndex, Lsn};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where the source stands.
///
/// SQLite has one writer at a time, and the order in which writers get its lock is the order of their commits. Who is about to commit holds that lock
/// and then takes this one, for the length of the call that commits; so the number that it takes here is its true place in that order, and a number
/// is taken only by who commits. Who opens a snapshot takes this lock as well: between two commits, what a new read transaction sees is exactly what is
/// counted here. The price is a lock that nobody but the openers of snapshots contends for.
#[derive(Debug)]
pub(crate) struct Journal(Mutex<Standing>);

/// What has been committed.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The newest commit's place in the commit order.
    pub(crate) index: CommitIndex,
    /// The newest log record, commits and watermarks counted alike: SQLite knows the byte at which a commit ends only after it has written it.
    pub(crate) lsn: Lsn,
    meter: WalMeter,
}

impl Journal {
    pub(super) fn new(database: &Path) -> std::io::Result<Self> {
        let meter = WalMeter::open(database)?;
        Ok(Self(Mutex::new(Standing { index: CommitIndex(0), lsn: Lsn(0), meter })))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing {
    /// Bytes written to the write-ahead log since the run began; to be asked after each commit.
    pub(crate) fn log_bytes(&mut self) -> u64 {
        self.meter.read()
    }
}

/// Counts the bytes that SQLite writes to its log.
///
/// The file's length says nothing, because SQLite begins anew at its front once everything in it has been checkpointed. The header of the WAL index
/// (`https://www.sqlite.org/walformat.html`, section 2.1) says how many frames there are and in which generation of the log, so what a commit added is
/// known where it is read after each.
#[derive(Debug)]
struct WalMeter {
    index: File,
    salt: [u8; 8],
    frames: u64,
    bytes: u64,
}

const FRAME_HEADER: u64 = 24;
const LOG_HEADER: u64 = 32;

impl WalMeter {
    fn open(database: &Path) -> std::io::Result<Self> {
        let mut name = database.as_os_str().to_owned();
        name.push("-shm");
        let mut meter = Self { index: File::open(name)?, salt: [0; 8], frames: 0, bytes: 0 };
        meter.read();
        // What the load wrote is no cost of the run.
        meter.bytes = 0;
        Ok(meter)
    }

    fn read(&mut self) -> u64 {
        let mut header = [0; 48];
        // Where it cannot be read the count stands still: a cost that is not known is no reason to end a run.
        if self.index.seek(SeekFrom::Start(0)).and_then(|_| self.index.read_exact(&mut header)).is_err() {
            return self.bytes;
        }
        let page = match u16::from_ne_bytes([header[14], header[15]]) {
            1 => 65_536,
            size => u64::from(size),
        };
        let frames = u64::from(u32::from_ne_bytes([header[16], header[17], header[18], header[19]]));
        let salt: [u8; 8] = std::array::from_fn(|i| header[32 + i]);
        if salt != self.salt {
            (self.salt, self.frames) = (salt, 0);
            self.bytes += LOG_HEADER;
        }
        self.bytes += frames.saturating_sub(self.frames) * (page + FRAME_HEADER);
        self.frames = frames;
        self.bytes
    }
}
