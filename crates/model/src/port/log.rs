use crate::call::Call;
use crate::change::ChangeEvent;
use crate::compaction::Compacted;
use crate::outcome::Outcome;
use crate::position::Offset;
use crate::time::Span;

/// A partitioned log between capture and sinks: append-only, each partition in order, no order across partitions.
///
/// Appends may be repeated (a lost reply makes a producer append again), so consumers must bear duplicates.
pub trait Log {
    /// How many partitions there are; at least 1.
    fn partitions(&self) -> u32;
    /// Appends events to a partition, together and in order. `Ok` gives the offset of the first and promises that readers will see them.
    fn append(&self, partition: u32, events: Vec<ChangeEvent>) -> Call<'_, Outcome<Offset>>;
    /// Reads at most `limit` records from an offset on, waiting up to `wait` for the first.
    ///
    /// Empty when none came. Refused as `OutOfRange` when retention has removed the offset. Where the log is compacted, offsets are missing between
    /// records, and the reader is told how far; see [`Fetched::compacted`].
    fn read(&self, partition: u32, from: Offset, limit: usize, wait: Span) -> Call<'_, Outcome<Fetched>>;
}

/// What a read of a log gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The records, in order.
    pub records: Vec<Record>,
    /// How far the partition was compacted when they were read.
    ///
    /// A reader that stands below [`Compacted::forgotten`], and has not begun at the start of the log since that was last raised, may hold rows whose deletions are not there any
    /// more: it has to begin anew. One that stands below [`Compacted::below`] finds states on its way that the source never had, until it gets there.
    pub compacted: Compacted,
}

/// A record of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its offset.
    pub offset: Offset,
    /// What it carries.
    pub event: ChangeEvent,
}
