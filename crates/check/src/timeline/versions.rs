//! All versions of all keys, in the order of their commits.

use driftlab_model::hash::mix;
use driftlab_model::{Key, ProcessId, Row, Time, TransactionId};

/// A key, by the order in which keys became known.
pub(crate) type KeyNo = u32;
/// A version of a key, by its place among all versions: of two versions of one key, the higher is the later.
pub(crate) type VersionNo = u32;
/// A commit, by its place in the commit order; 0 is the initial load.
pub(crate) type CommitNo = u32;

/// Stands for "no version", and is older than every version.
pub(crate) const NO_VERSION: VersionNo = 0;

/// Stands for "no column".
pub(crate) const NO_COLUMN: u16 = u16::MAX;

/// One version of one key.
///
/// Every key has a version of commit 0: its row in the initial load, or its absence before the first insert.
// Half a cache line, and never in two.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(crate) struct Version {
    /// The digest of its row; 0 for an absence.
    pub(crate) digest: u64,
    pub(crate) key: KeyNo,
    pub(crate) commit: CommitNo,
    pub(crate) previous: VersionNo,
    pub(crate) next: VersionNo,
    /// Which of its transaction's writes made it.
    pub(crate) write: u32,
    /// The first column in which its row differs from the version before; [`NO_COLUMN`] where there was no row, or nothing differs.
    pub(crate) column: u16,
}

impl Version {
    pub(crate) const fn is_absence(&self) -> bool {
        self.digest == 0
    }
}

/// A committed transaction.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(crate) struct CommitEntry {
    pub(crate) at: Time,
    pub(crate) transaction: TransactionId,
    pub(crate) by: ProcessId,
    /// Its versions: from here
    pub(crate) first: VersionNo,
    /// to before here.
    pub(crate) end: VersionNo,
}

/// A key at the source.
// A cache line, and never in two: keys are met in no order, and each time it is a wait.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct KeyEntry {
    pub(crate) key: Key,
    pub(crate) digest: u64,
    /// Its version of commit 0.
    pub(crate) base: VersionNo,
    /// Its newest version.
    pub(crate) current: VersionNo,
    /// Its newest absence; [`NO_VERSION`] where it was always there.
    pub(crate) last_absence: VersionNo,
    /// How many of its versions are absences.
    pub(crate) absences: u32,
    /// The sinks that show its newest row, as bits: a commit need not visit their slots. A sink that is left out costs a visit and no more.
    pub(crate) in_sync: u32,
    /// Whether anything has happened to it since the load.
    pub(crate) touched: bool,
    /// Its row now.
    pub(crate) row: Option<Row>,
}

/// A sink among those in sync; nothing for sinks beyond the first 32, which are visited one by one.
#[inline]
pub(crate) fn bit(sink: usize) -> u32 {
    1u32.checked_shl(sink as u32).unwrap_or(0)
}

/// The first column in which two rows differ.
#[inline]
pub(crate) fn changed_column(before: Option<&Row>, after: Option<&Row>) -> u16 {
    let (Some(before), Some(after)) = (before, after) else { return NO_COLUMN };
    let values = before.values().iter().zip(after.values().iter());
    values.into_iter().position(|(a, b)| a != b).map_or(NO_COLUMN, |column| column as u16)
}

/// A row's digest, never that of an absence.
#[inline]
pub(crate) fn digest_of(row: &Row) -> u64 {
    row.digest().max(1)
}

/// A row's share of the hash of a state: states are equal where the sums of their rows' shares are equal, but for a chance of 2^-128.
/// An absence, whose digest is 0, has none.
#[inline]
pub(crate) fn share(key_digest: u64, row_digest: u64) -> u128 {
    if row_digest == 0 {
        return 0;
    }
    let low = mix(key_digest, row_digest);
    let high = mix(row_digest ^ 0x9e37_79b9_7f4a_7c15, key_digest.rotate_left(32));
    u128::from(high) << 64 | u128::from(low)
}
