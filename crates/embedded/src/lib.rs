//! The real world without a server: SQLite, a segment file log, an in-process cache, tantivy, Parquet.
//!
//! A five-minute tour:
//!
//! - A [`World`] is made from a [`WorldConfig`] and given processes (clients, and those of a strategy), as in the virtual world; the ports that it hands
//!   them are the same traits, so the same strategy code runs in both. [`World::run`] tells an observer the same events.
//! - The source is a real SQLite database with real transactions, triggers, snapshots, and a write-ahead log that replication slots read.
//! - The sinks are real stores, each a [`Backend`]; the log is a [`log::SegmentLog`].
//! - Faults strike at the same seam, between processes and stores: see [`driftlab_fault`].
//!
//! Time is the monotonic clock of the machine, so two runs of one seed make the same choices and not the same history.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the real world has a clock, threads and files; what must be deterministic is elsewhere"
)]

mod alarm;
mod clock;
mod folder;
pub mod log;
mod pool;
mod readiness;
mod recorder;
mod samples;
mod source;
mod stopwatch;
pub mod store;
mod world;

pub use folder::remove_run_folders;
pub use readiness::Readiness;
pub use source::{Begin, SourceError};
pub use store::{BACKENDS, Backend, BackendEntry, Durability};
pub use world::{
    Measurements, NodeConfig, NodeLatency, RunSummary, SinkConfig, Stamps, World, WorldConfig, WorldError,
};
