//! The ways of keeping copies in step that driftlab compares, one file each.
//!
//! Each file tells one strategy as a story, from the settings that a scenario can choose to the last request: what the application does when it
//! writes and reads ([`driftlab_model::port::Strategy::write`], `read`), and what runs beside it (`processes`). Read them in the order of the
//! registry: each is the answer to what goes wrong in one before it.
//!
//! - [`none`]: nobody does anything. The control.
//! - [`batch_full`] and [`batch_incremental`]: a job copies all rows, or those stamped later than a watermark.
//! - [`dual_writes`]: the application writes to database and copies itself.
//! - [`cache_aside`]: readers fill a cache, writers invalidate it.
//! - [`outbox`] and [`trigger_cdc`]: changes go into a table of events, in the same transaction, and a relay publishes them.
//! - [`log_cdc`]: a connector reads the database's own log, and consumers apply it.
//! - [`event_sourcing`]: what happened is what is stored, and projections read it.
//!
//! What several of them share (retry with backoff, gap-safe reading, batching by transaction, resume positions) is in `parts`, one concept a file.
//! Strategies hold options and nothing else: any process can be dropped at any `await` and started again.

pub mod batch_full;
pub mod batch_incremental;
pub mod cache_aside;
pub mod dual_writes;
pub mod event_sourcing;
pub mod log_cdc;
pub mod none;
pub mod outbox;
mod parts;
mod registry;
pub mod trigger_cdc;

pub use parts::delivery::UNKNOWN_DELETION;
pub use registry::{STRATEGIES, StrategyEntry};
