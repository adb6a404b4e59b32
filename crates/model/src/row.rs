//! Rows, and the ids that name who wrote them.

use crate::hash::mix;
use crate::time::Time;
use crate::value::Value;
use std::fmt;
use std::sync::Arc;

/// A transaction as its client meant it; a retry after a deadlock keeps the id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub u64);

/// One write: the transaction and which of its statements. Unique in a run, so a value names its write; the rows of a truncate share one, and so do the two keys of a row that was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId {
    /// The transaction.
    pub transaction: TransactionId,
    /// Which of its statements, from 0.
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
    left_out: ColumnSet,
    values: Arc<[Value]>,
}

/// Some of a row's columns, of the first 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColumnSet(u64);

impl ColumnSet {
    /// Adds a column, by its place. One beyond the first 64 is not taken in.
    pub fn insert(&mut self, column: usize) {
        self.0 |= u32::try_from(column).ok().and_then(|place| 1u64.checked_shl(place)).unwrap_or(0);
    }
    /// Whether a column is one of them.
    #[must_use]
    pub fn contains(self, column: usize) -> bool {
        u32::try_from(column)
            .ok()
            .and_then(|place| self.0.checked_shr(place))
            .is_some_and(|rest| rest & 1 == 1)
    }
    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Row {
    /// A row that `write` made: its values in column order, the version and the `updated_at` stamp the source gave it.
    #[must_use]
    pub fn new(write: WriteId, version: Version, updated_at: Time, values: Arc<[Value]>) -> Self {
        let (digest, size) = values.iter().fold((write.digest(), 16), |(digest, size), value| {
            (mix(digest, value.digest()), size + value.size())
        });
        Self(Arc::new(Image {
            write,
            version,
            updated_at,
            digest,
            size,
            left_out: ColumnSet::default(),
            values,
        }))
    }
    /// The same row as a log has it that leaves some columns out. Null stands in their place, which is what a reader sees who does not ask what was left out.
    #[must_use]
    pub fn without(&self, left_out: ColumnSet) -> Self {
        if left_out.is_empty() {
            return self.clone();
        }
        let values = (0..).zip(self.0.values.iter());
        let values = values.map(|(column, value)| match left_out.contains(column) {
            true => Value::Null,
            false => value.clone(),
        });
        let whole = Self::new(self.0.write, self.0.version, self.0.updated_at, values.collect());
        // One that has nulls and one that leaves them out are two things.
        let digest = mix(whole.0.digest, left_out.0);
        let Image { write, version, updated_at, size, ref values, .. } = *whole.0;
        let values = Arc::clone(values);
        Self(Arc::new(Image { write, version, updated_at, digest, size, left_out, values }))
    }
    /// The columns that whoever told of this row left out, because its write did not touch them.
    #[must_use]
    pub fn left_out(&self) -> ColumnSet {
        self.0.left_out
    }
    /// Whether columns are left out, so that it is a change of a row and not a row.
    #[inline]
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.0.left_out.is_empty()
    }
    /// The row that a partial one makes of the row that was held before it.
    #[must_use]
    pub fn over(&self, held: &Self) -> Self {
        if !self.is_partial() {
            return self.clone();
        }
        let values = (0..).zip(self.0.values.iter().zip(held.0.values.iter()));
        let values = values.map(|(column, (own, held))| match self.0.left_out.contains(column) {
            true => held.clone(),
            false => own.clone(),
        });
        Self::new(self.0.write, self.0.version, self.0.updated_at, values.collect())
    }
    /// A partial row taken for a whole one: what was left out is null.
    #[must_use]
    pub fn with_nulls(&self) -> Self {
        if !self.is_partial() {
            return self.clone();
        }
        Self::new(self.0.write, self.0.version, self.0.updated_at, Arc::clone(&self.0.values))
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
                && self.0.left_out == other.0.left_out
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
