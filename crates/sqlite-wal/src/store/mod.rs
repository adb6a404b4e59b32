//! What the reader remembers: the database as of the last acknowledged transaction, and the transactions read since.
//!
//! Three kinds of files in a folder:
//!
//! - `relay-N`: segments of the *relay log*, frames as they were read, one record a transaction. Frames are copied here as soon as they
//!   are committed, so the application's log is free to be restarted although nobody has acknowledged anything.
//! - `shadow`: pages, the state before the first record of the oldest segment.
//! - `state`: the acknowledged position and the number of the oldest segment.
//!
//! A segment that is acknowledged whole is folded: its pages are written to the shadow, the shadow is synced, `state` names the next
//! segment, the file is deleted. Whenever that stops, the shadow and the segments that are left give the same pages again: a segment
//! holds every page that its folding touches, and what is read looks into segments first.

mod batch;
mod bytes;
pub(crate) mod disk;
mod pages;
mod record;
mod relay;
mod segment;
mod shadow;
mod state;

pub(crate) use batch::{After, Batch};
pub(crate) use pages::{Durability, Store};
pub(crate) use record::{Kind, Place, Record};
pub(crate) use relay::Relay;
pub(crate) use segment::SegmentHead;
pub(crate) use shadow::Shadow;
