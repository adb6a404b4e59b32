//! Outcomes: done, refused, or unknown. An unknown one is a value that callers must handle, not a message.

use crate::position::Offset;
use std::fmt;

/// What came of a request: done with a reply, surely not done, or nobody knows.
pub type Outcome<T> = Result<T, Failure>;

/// Why a request has no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Definite: it had no effect.
    Refused(Refusal),
    /// Indefinite: it had its effect, or will have it, or never had and never will.
    Unknown(Doubt),
}

/// Reasons for which a request had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The client rolled its transaction back.
    RolledBack,
    /// The source chose this transaction to break a deadlock.
    Deadlock,
    /// Snapshot isolation: another transaction changed the row first.
    SerializationFailure,
    /// A row with this key exists, or an expected version does not hold.
    Conflict,
    /// The store keeps a newer version than the one offered, and nothing is lost by the refusal; or it has taken an atomic step of which the sender of
    /// this one did not know ([`crate::port::Request::Apply`]).
    Outdated,
    /// The store has no such load: another was published meanwhile, or the store has lost what was staged. Whoever wants it begins it again.
    NoSuchLoad,
    /// The store is down, or chose to refuse.
    Unavailable,
    /// The source has lost its tables of current state, and nobody has restored them yet ([`crate::port::Source::restore`]).
    StateLost,
    /// The log no longer holds what was asked for; its earliest record is given.
    OutOfRange {
        /// The earliest offset that can still be read.
        earliest: Offset,
    },
    /// The replication slot is unknown or was invalidated: what it held back is gone.
    SlotLost,
    /// This kind of store cannot do what was asked.
    Unsupported,
    /// An event that must be read first is in a form that this release does not know. Whoever wrote it knew more, so it must not be guessed.
    UnknownForm {
        /// The stream that it is in.
        stream: i64,
        /// Its place there: all events before it can be read.
        version: i64,
        /// The form that it names.
        form: i32,
        /// The last form that the release knows.
        known: u16,
    },
}

/// Reasons for which nobody knows whether a request had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No reply came in time.
    TimedOut,
    /// The connection broke while the request was under way.
    Disconnected,
}

impl Failure {
    /// Whether the request had surely no effect.
    #[must_use]
    pub const fn is_definite(self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
impl From<Doubt> for Failure {
    fn from(doubt: Doubt) -> Self {
        Self::Unknown(doubt)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RolledBack => f.write_str("rolled back by its client"),
            Self::Deadlock => f.write_str("chosen to break a deadlock"),
            Self::SerializationFailure => f.write_str("another transaction changed the row first"),
            Self::Conflict => f.write_str("the row exists, or is not as expected"),
            Self::Outdated => f.write_str("the store keeps a newer version"),
            Self::NoSuchLoad => f.write_str("the store has no such load: it must be begun again"),
            Self::Unavailable => f.write_str("the store is not available"),
            Self::StateLost => f.write_str("the source has lost its state, and is not restored yet"),
            Self::OutOfRange { earliest } => write!(f, "the log begins at offset {earliest} now"),
            Self::SlotLost => f.write_str("the replication slot is gone"),
            Self::Unsupported => f.write_str("this kind of store cannot do that"),
            Self::UnknownForm { stream, version, form, known } => write!(
                f,
                "event {version} of stream {stream} is in form {form}, and this release knows forms 1 to {known}: everything before \
                 it can be read, and a newer release reads on"
            ),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::Unknown(Doubt::TimedOut) => f.write_str("unknown: no reply in time"),
            Self::Unknown(Doubt::Disconnected) => f.write_str("unknown: the connection broke"),
        }
    }
}

impl std::error::Error for Failure {}
