//! Rows, and the ids that name who wrote them.

use crate::hash::mix;
use crate::time::Time;
use crate::value::Value;
use std::fmt;
use std::sync::Arc;

/// A transaction as its client meant it; a retry after a deadlock keeps the id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub u64);

/// One write: the transaction and which of its row changes. Unique in a run, so a value names its write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId {
    /// The transaction.
    pub transaction: TransactionId,
    /// Which of its row changes, from 0.
    pub index: u32,
}

impl WriteId {
    /// The write of the initial load, which all of its rows share.
    pub const LOAD: Self = Self { transaction: TransactionId(u64::MAX), index: 0 };

    /// A stable digest.
    #[inline]
    #[must_use]
    pub fn digest(self) -> u64 {
        mix(self.transaction.0, u64::from(self.index))
    }
}

/// A row version number that the source gives out while it holds the row's lock.
///
/// For one key, a higher version was committed later, deletions included: this is what a conditional
/// write compares. Across keys it says nothing about the order of commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

/// A row as one write left it: immutable, shared, cheap to clone.
#[derive(Clone)]
pub struct Row(Arc<Image>);

struct Image {
    write: WriteId,
    version: Version,
    updated_at: Time,
    digest: u64,
    size: usize,
    values: Arc<[Value]>,
}

impl Row {
    /// A row that `write` made: its values in column order, the version and the `updated_at` stamp the source gave it.
    #[must_use]
    pub fn new(write: WriteId, version: Version, updated_at: Time, values: Arc<[Value]>) -> Self {
        let (digest, size) = values.iter().fold((write.digest(), 16), |(digest, size), value| {
            (mix(digest, value.digest()), size + value.size())
        });
        Self(Arc::new(Image { write, version, updated_at, digest, size, values }))
    }
    /// The write that made it.
    #[inline]
    #[must_use]
    pub fn write(&self) -> WriteId {
        self.0.write
    }
    /// The version the source gave it.
    #[inline]
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version
    }
    /// The stamp it was given when its statement ran: before the commit, by a clock that may be wrong.
    #[inline]
    #[must_use]
    pub fn updated_at(&self) -> Time {
        self.0.updated_at
    }
    /// Its values, in column order, key columns included.
    #[inline]
    #[must_use]
    pub fn values(&self) -> &Arc<[Value]> {
        &self.0.values
    }
    /// A stable digest of write and values; version and stamp are not part of it, because a copy need not keep them.
    #[inline]
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.0.digest
    }
    /// About how many bytes it takes on a wire or in a log.
    #[inline]
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.size
    }
}

impl PartialEq for Row {
    /// Equal content by equal write; see [`Row::digest`].
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.digest == other.0.digest
                && self.0.write == other.0.write
                && self.0.values == other.0.values)
    }
}
impl Eq for Row {}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({}", self.0.write)?;
        for value in self.0.values.iter() {
            write!(f, ", {value}")?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{}", self.0)
    }
}

impl fmt::Display for WriteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::LOAD {
            return f.write_str("the initial load");
        }
        write!(f, "{}.{}", self.transaction, self.index)
    }
}
