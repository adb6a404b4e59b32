//! How to read.

use std::path::PathBuf;
use std::time::Duration;

/// How a [`Reader`](crate::Reader) reads.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder in which the reader keeps what it needs to resume: a copy of the database's pages and the transactions not yet acknowledged.
    /// It is made if it does not exist, and belongs to one reader at a time.
    ///
    /// `None` keeps them in a temporary folder: the reader begins at the current end each time it is opened, and what it gave counts as acknowledged.
    pub state: Option<PathBuf>,
    /// How often the log is looked at while nothing happens: one read of 100 bytes. What was written is seen after this time at the latest,
    /// and much sooner while transactions follow each other.
    pub poll: Duration,
}

impl Default for Options {
    /// No state folder, a look every millisecond.
    fn default() -> Self {
        Self { state: None, poll: Duration::from_millis(1) }
    }
}
