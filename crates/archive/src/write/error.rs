//! Why a history could not be written.

use driftlab_model::Time;
use std::fmt;
use std::path::PathBuf;

/// A history that could not be written. Nothing is left of it, and what stood under its name before still stands there.
#[derive(Debug)]
pub struct WriteError {
    /// The file it was to become.
    pub path: PathBuf,
    pub(super) why: Why,
}

#[derive(Debug)]
pub(super) enum Why {
    /// The machine refused.
    Io(std::io::Error),
    /// The Parquet library refused.
    Parquet(parquet::errors::ParquetError),
    /// A time that has no place in 64 signed bits.
    Late(Time),
    /// A commit that contradicts itself, so that a file could not say what it says.
    Contradiction { commit: u64, what: &'static str },
    /// A single event that is too big for a batch.
    Huge,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not write {}: ", self.path.display())?;
        match &self.why {
            Why::Io(error) => {
                write!(f, "{error}; choose a folder that you may write to, with room on its disk")
            }
            Why::Parquet(error) => write!(f, "{error}"),
            Why::Late(at) => {
                write!(f, "an event at {at} is later than 292 years, the latest time that a file can hold")
            }
            Why::Contradiction { commit, what } => write!(f, "commit {commit} {what}"),
            Why::Huge => f.write_str("an event takes more than a gigabyte of text"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.why {
            Why::Io(error) => Some(error),
            Why::Parquet(error) => Some(error),
            _ => None,
        }
    }
}
