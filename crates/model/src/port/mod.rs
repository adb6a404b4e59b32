//! The ports: what a strategy sees of a world. Each is a trait alone in its file, and its doc comment is its contract.
//!
//! Every port is seen through a handle that belongs to one process, so a world knows who calls, over which link, and by which clock.

mod checkpoint;
mod log;
mod runtime;
mod slot;
mod snapshot;
mod source;
mod store;
mod strategy;

pub use checkpoint::Checkpoint;
pub use log::{Fetched, Log, Record};
pub use runtime::Runtime;
pub use slot::Slot;
pub use snapshot::{Page, Scan, Scanned, Snapshot};
pub use source::{Capture, QueueEntry, QueuePage, Source};
pub use store::{Condition, Delivery, Lease, LoadId, Reply, Request, Store};
pub use strategy::{Demands, Main, Ports, Process, Sink, Strategy, Topology};
