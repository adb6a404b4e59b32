//! The log between capture and sinks: partitions, each a folder of segment files.
//!
//! A segment is a header of eight bytes and records one after another: length, checksum, then offset, moment of the append, and the event in the
//! form of `codec`. Records carry their offsets, so a segment that a compaction has made may have holes. Only the last segment of a
//! partition is ever written to; whatever a crash tore is at its end, and is cut off when the log is opened. Damage anywhere else is an error that
//! names file and position, and everything before it can still be read.
//!
//! The file name is the offset of the segment's first record; where a compaction has made it, also where it ends and which one made it. So a segment that is missing is missed. An index with an entry every some thousand bytes is kept in memory.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a real log lives in files and waits by a real clock"
)]

pub(crate) mod codec;
mod compaction;
#[cfg(test)]
mod crash_tests;
mod error;
mod inventory;
mod options;
mod partition;
mod record;
mod segment;
mod segment_log;

pub use compaction::Compacting;
pub use error::LogError;
pub use options::{LogOptions, Retention, SyncPolicy};
pub use segment::Repair;
pub use segment_log::SegmentLog;
