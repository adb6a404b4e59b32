//! The simulated log between capture and sinks: partitions, offsets, retention, compaction.

mod partition;
mod partitioned;
#[cfg(test)]
mod compaction;
#[cfg(test)]
mod tests;

pub use partitioned::PartitionedLog;
