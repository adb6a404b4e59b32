//! The simulated log between capture and sinks: partitions, offsets, retention, compaction.

#[cfg(test)]
mod compaction_tests;
mod partition;
mod partitioned;
#[cfg(test)]
mod tests;

pub use partitioned::PartitionedLog;
