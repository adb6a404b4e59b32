use crate::log::LogError;
use crate::source::SourceError;
use crate::store::StoreError;
use driftlab_model::{Key, Row};
use std::fmt;

/// Why a run could not be done, or cannot be judged.
#[derive(Debug)]
pub enum WorldError {
    /// The source failed.
    Source(SourceError),
    /// A sink failed.
    Store {
        /// Its name.
        sink: String,
        /// How.
        error: StoreError,
    },
    /// The log between capture and sinks failed.
    Log(LogError),
    /// A file or thread of the run's own could not be had.
    System {
        /// What was attempted.
        attempt: &'static str,
        /// What stood against it.
        error: std::io::Error,
    },
    /// A store holds something else at the end than was told of it, so nothing that was judged by the telling is worth anything: a fault of driftlab's.
    Unfaithful {
        /// Which store: `source`, or a sink's name.
        store: String,
        /// A key in which it differs.
        key: Box<Key>,
        /// What was told of the key.
        told: Option<Row>,
        /// What the store holds.
        held: Option<Row>,
    },
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |row: &Option<Row>| row.as_ref().map_or("no row".to_owned(), |row| format!("{row:?}"));
        match self {
            Self::Source(error) => error.fmt(f),
            Self::Store { sink, error } => write!(f, "sink {sink}: {error}"),
            Self::Log(error) => error.fmt(f),
            Self::System { attempt, error } => write!(f, "could not {attempt}: {error}"),
            Self::Unfaithful { store, key, told, held } => write!(
                f,
                "{store} holds {} under key {key} of {} where {} was told: the run cannot be judged; this is a fault of driftlab's own",
                row(held),
                key.table(),
                row(told)
            ),
        }
    }
}

impl std::error::Error for WorldError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(error) => Some(error),
            Self::Store { error, .. } => Some(error),
            Self::Log(error) => Some(error),
            Self::System { error, .. } => Some(error),
            Self::Unfaithful { .. } => None,
        }
    }
}

impl From<SourceError> for WorldError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}
