//! Failures of SQLite, told apart: what the caller can be told, and what ends the run.

use super::{Database, SourceError};
use driftlab_model::Refusal;
use rusqlite::ErrorCode;

/// Why a request to the source came to nothing.
#[derive(Debug)]
pub(super) enum Stop {
    /// As databases refuse.
    Refused(Refusal),
    /// SQLite failed, and the run with it.
    Failed(rusqlite::Error),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        let Some(cause) = error.sqlite_error() else { return Self::Failed(error) };
        match cause.code {
            ErrorCode::DatabaseBusy if cause.extended_code == rusqlite::ffi::SQLITE_BUSY_SNAPSHOT => {
                Self::Refused(Refusal::SerializationFailure)
            }
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Refused(Refusal::Unavailable),
            ErrorCode::ConstraintViolation => Self::Refused(Refusal::Conflict),
            _ => Self::Failed(error),
        }
    }
}

impl Database {
    /// What the caller is told; where SQLite failed, the run learns of it too.
    pub(super) fn refusal(&self, attempt: &str, stop: impl Into<Stop>) -> Refusal {
        match stop.into() {
            Stop::Refused(why) => why,
            Stop::Failed(cause) => {
                self.fail(SourceError::new(attempt, cause));
                Refusal::Unavailable
            }
        }
    }
}
