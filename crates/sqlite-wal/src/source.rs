//! The application's files: database, log, index; and the reader's hold on them.

use crate::error::Error;
use crate::file::SharedFile;
use crate::lease::Lease;
use crate::page::{DatabaseHeader, PageMap};
use crate::store::Place;
use crate::wal::{Chain, FRAME_HEADER_BYTES, Index, LogFile, frame_offset};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The files of one database.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) log_path: PathBuf,
    pub(crate) lease: Lease,
    pub(crate) database: SharedFile,
    pub(crate) index: SharedFile,
    pub(crate) log: Option<LogFile>,
    pub(crate) page_size: u32,
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl Source {
    /// Opens a database that has a write-ahead log, and begins to hold the log.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let database = SharedFile::open(path)?;
        let header = header(&database)?;
        let mut lease = Lease::open(path)?;
        let begun = lease.begin()?;
        lease.settle(begun)?;
        let log_path = beside(path, "-wal");
        let index = SharedFile::open(&beside(path, "-shm"))?;
        let log = LogFile::open(&log_path)?;
        Ok(Self { path: path.to_owned(), log_path, lease, database, index, log, page_size: header.page_size })
    }

    /// Looks at the index until no writer is in the middle of changing it.
    pub(crate) fn look(&self) -> Result<Index, Error> {
        for attempt in 0..2_000 {
            if let Some(index) = Index::look(&self.index)? {
                return Ok(index);
            }
            if attempt > 100 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        Err(Error::Corrupt {
            path: self.index.path().to_owned(),
            frame: None,
            page: None,
            what: "the index of the log is never in a valid state".to_owned(),
        })
    }

    /// The log's file, opened if it was not there before.
    pub(crate) fn log(&mut self) -> Result<Option<&LogFile>, Error> {
        if self.log.is_none() {
            self.log = LogFile::open(&self.log_path)?;
        }
        Ok(self.log.as_ref())
    }

    /// A consistent state of the database, which `visitor` gets page by page. A read mark is held from before to after.
    ///
    /// The whole is done again where the log was restarted meanwhile.
    pub(crate) fn snapshot(&mut self, visitor: &mut dyn Visitor) -> Result<Snapshot, Error> {
        const ATTEMPTS: usize = 20;
        let mut broken = None;
        for _ in 0..ATTEMPTS {
            let begun = self.lease.begin()?;
            self.lease.settle(begun)?;
            match self.try_snapshot(visitor)? {
                Attempt::Done(snapshot) => return Ok(snapshot),
                Attempt::Restarted => broken = None,
                Attempt::Broken(frame) => broken = Some(frame),
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(Error::Corrupt {
            path: self.log_path.clone(),
            frame: broken,
            page: None,
            what: "a committed frame does not verify".to_owned(),
        })
    }

    fn try_snapshot(&mut self, visitor: &mut dyn Visitor) -> Result<Attempt, Error> {
        let index = self.look()?;
        let page_size = self.page_size;
        let place = Place { salts: index.salts, chain: None };
        let mut snapshot =
            Snapshot { place, pages: 0, backfilled: index.is_backfilled(), frames: PageMap::default() };
        if index.committed > 0 {
            let Some(log) = self.log()? else { return Ok(Attempt::Broken(1)) };
            let Some(header) = log.header()? else { return Ok(Attempt::Broken(1)) };
            if header.salts != index.salts || header.page_size != page_size {
                return Ok(Attempt::Restarted);
            }
            let mut chain = Chain::start(&header);
            let mut buffer = Vec::new();
            while chain.frame < index.committed {
                let at = chain.frame;
                log.frames(&chain, page_size, (index.committed - at).min(256), &mut buffer)?;
                for bytes in buffer.chunks_exact(FRAME_HEADER_BYTES + page_size as usize) {
                    let Some(frame) = chain.step(bytes) else { return Ok(Attempt::Broken(chain.frame + 1)) };
                    snapshot.frames.insert(frame.page, chain.frame - 1);
                    if frame.commit > 0 {
                        snapshot.pages = frame.commit;
                    }
                }
                if chain.frame == at {
                    return Ok(Attempt::Broken(chain.frame + 1));
                }
            }
            snapshot.place.chain = Some(chain);
        } else {
            let bytes = self.database.bytes()? / u64::from(page_size);
            snapshot.pages = header(&self.database)?.pages.unwrap_or(bytes as u32);
        }
        visitor.start()?;
        let mut bytes = vec![0; page_size as usize];
        for page in 1..=snapshot.pages {
            let read = match (snapshot.frames.get(&page), &self.log) {
                (Some(frame), Some(log)) => {
                    log.page(frame_offset(*frame, page_size) + FRAME_HEADER_BYTES as u64, &mut bytes)?
                }
                _ => self.database.read_at(&mut bytes, u64::from(page - 1) * u64::from(page_size))?,
            };
            bytes[read..].fill(0);
            visitor.page(page, &bytes)?;
        }
        // Under mark 0 the log may have been restarted and overwritten; the database file was held still.
        if !snapshot.frames.is_empty() && self.look()?.salts != index.salts {
            return Ok(Attempt::Restarted);
        }
        Ok(Attempt::Done(snapshot))
    }
}

/// Who gets the pages of a snapshot.
pub(crate) trait Visitor {
    /// A new attempt begins: what came before is void.
    fn start(&mut self) -> Result<(), Error>;
    /// The next page, counted from 1.
    fn page(&mut self, page: u32, bytes: &[u8]) -> Result<(), Error>;
}

enum Attempt {
    Done(Snapshot),
    Restarted,
    Broken(u64),
}

/// A state of the database that was read.
pub(crate) struct Snapshot {
    /// Where the log goes on after it.
    pub(crate) place: Place,
    /// Its size in pages.
    pub(crate) pages: u32,
    /// Whether the database file alone held all of it.
    pub(crate) backfilled: bool,
    frames: PageMap<u64>,
}

/// The header of the file, which must be that of a database with a write-ahead log.
pub(crate) fn header(database: &SharedFile) -> Result<DatabaseHeader, Error> {
    let path = database.path().to_owned();
    let mut bytes = [0; 100];
    let read = database.read_at(&mut bytes, 0)?;
    if read == 0 {
        return Err(Error::NotWal { path });
    }
    if !bytes.starts_with(b"SQLite format 3\0") {
        return Err(Error::NotADatabase { path });
    }
    let header = DatabaseHeader::parse(&bytes[..read]).map_err(Error::damage(&path))?;
    if header.wal { Ok(header) } else { Err(Error::NotWal { path }) }
}
