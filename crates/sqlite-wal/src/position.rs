//! Where in the stream of transactions somebody stands.

use std::fmt;

/// The running number of a committed transaction, counted from 1 since the state folder was made; 0 is the state at attachment.
///
/// It only grows as long as the state folder lives. What it means in the log (generation, frame, checksum) stands in the state folder, so
/// a position survives checkpoints, restarts and replaced logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// The position as a number to store.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }
    /// The position that [`Position::as_u64`] gave.
    #[must_use]
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }
    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
