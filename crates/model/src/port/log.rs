use crate::call::Call;
use crate::change::ChangeEvent;
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
    /// Empty when none came. Refused as `OutOfRange` when retention has removed the offset.
    fn read(&self, partition: u32, from: Offset, limit: usize, wait: Span) -> Call<'_, Outcome<Vec<Record>>>;
}

/// A record of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its offset.
    pub offset: Offset,
    /// What it carries.
    pub event: ChangeEvent,
}
