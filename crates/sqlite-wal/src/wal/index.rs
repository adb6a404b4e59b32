//! The header of the wal-index (`-shm`): what is committed, and how far checkpoints came.

use super::checksum::{ByteOrder, Checksum};
use super::header::Salts;
use crate::error::Error;
use crate::file::SharedFile;

/// One look at the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    /// The generation of the log that is valid.
    pub(crate) salts: Salts,
    /// The last frame that is committed.
    pub(crate) committed: u64,
    /// Commits since the index was made, over all generations.
    pub(crate) commits: u32,
    /// Up to which frame checkpoints have copied the log into the database.
    pub(crate) backfilled: u64,
}

impl Index {
    const BYTES: usize = 100;

    /// Looks at the index; `None` while a writer is in the middle of changing it, or before it is initialised.
    pub(crate) fn look(file: &SharedFile) -> Result<Option<Self>, Error> {
        let mut bytes = [0; Self::BYTES];
        let read = file.read_at(&mut bytes, 0)?;
        Ok(Self::parse(&bytes[..read]))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..Self::BYTES)?;
        let (first, second) = (&bytes[..48], &bytes[48..96]);
        // The header is written twice; two equal copies with a right checksum were not read in the middle of a write.
        if first != second || first[12] == 0 {
            return None;
        }
        let native = |at: usize| u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let order = if cfg!(target_endian = "little") { ByteOrder::Little } else { ByteOrder::Big };
        if Checksum::default().over(order, &first[..40]) != Checksum(native(40), native(44)) {
            return None;
        }
        Some(Self {
            salts: Salts::read(&first[32..]),
            committed: u64::from(native(16)),
            commits: native(8),
            backfilled: u64::from(native(96)),
        })
    }

    /// Whether the database file alone holds everything that is committed.
    pub(crate) fn is_backfilled(&self) -> bool {
        self.backfilled >= self.committed
    }
}
