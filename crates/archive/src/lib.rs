//! Histories as Parquet: written by a recorder, read back to be judged, in driftlab's hand or anybody else's.
//!
//! - A [`Writer`] is an observer that writes what it sees, in bounded memory, into a file that appears whole or not at all.
//! - A [`Reader`] tells a file's history to an observer, such as a checker. It refuses what is no history with row, column, what was found and what
//!   was expected.
//! - The format is flat: a row an event, or a part of one, in typed columns; who takes part stands in the metadata. docs/history.md describes it to
//!   somebody who exports the history of a pipeline of their own.
//! - [`write_kept`] puts beside it what the stores of the strategy could still tell when the run had ended.
//!
//! What driftlab wrote comes back equal, event by event. What somebody else wrote may leave much away: names are gathered, values name their writes.
#![allow(
    clippy::disallowed_methods,
    reason = "an archive is a file; nothing here decides what happens in a run"
)]

mod column;
mod header;
mod kept;
mod kind;
mod nearest;
mod read;
mod roster;
mod text;
mod words;
mod write;

pub use header::FORMAT_VERSION;
pub use kept::{read_kept, write_kept};
pub use read::{ReadError, Reader, is_decoding, read};
pub use write::{WriteError, Writer, write};
