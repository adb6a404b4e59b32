//! Findings as files: all that it takes to run a case again, bit for bit.

mod file;
mod replay;

pub use file::{FINDING_FORMAT, FindingError, FindingFile, Sighting};
pub use replay::{Replay, ReplayError, replay};
