//! What requests are for, as their few words say.

/// The kinds of errands that a drawing tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// A transaction, from its client to the source.
    Transaction,
    /// It changes something, or tries to.
    Change,
    /// It only looks.
    Look,
    /// It asks where its sender stood.
    AskPosition,
    /// It stores where its sender stands.
    KeepPosition,
    /// It lets the source forget what was read.
    Acknowledge,
}

/// The first words of what only looks.
const LOOKS: [&str; 7] =
    ["get ", "read ", "poll ", "open a snapshot", "which keys", "create a slot", "mark the log"];

impl Errand {
    /// The errand of a request, by its words.
    pub(super) fn of(what: &str) -> Self {
        if transaction(what).is_some() {
            Self::Transaction
        } else if what.starts_with("which position") {
            Self::AskPosition
        } else if what.starts_with("remember ") {
            Self::KeepPosition
        } else if what.starts_with("acknowledge ") || what.starts_with("remove events") {
            Self::Acknowledge
        } else if LOOKS.iter().any(|look| what.starts_with(look)) {
            Self::Look
        } else {
            Self::Change
        }
    }
}

/// The number of the transaction that a client asks for, and what it asks: `T7: set key 1 value 2`.
pub(super) fn transaction(what: &str) -> Option<(u64, &str)> {
    let (name, rest) = what.split_once(": ")?;
    Some((name.strip_prefix('T')?.parse().ok()?, rest))
}

/// Whether a request's words name a key, and not one whose name only begins with the same characters.
pub(super) fn names(what: &str, key: &str) -> bool {
    what.match_indices(key).any(|(at, _)| {
        let after = what[at + key.len()..].chars().next();
        let before = what[..at].chars().next_back();
        !after.is_some_and(char::is_alphanumeric) && !before.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errands_are_known_by_their_first_words() {
        assert_eq!(Errand::of("T7: set key 1 value 2"), Errand::Transaction);
        assert_eq!(Errand::of("put key 1 value 2"), Errand::Change);
        assert_eq!(Errand::of("get key 1, or a lease"), Errand::Look);
        assert_eq!(Errand::of("remember 2"), Errand::KeepPosition);
    }

    #[test]
    fn a_longer_number_is_another_key() {
        assert!(names("put key 1 value 2", "key 1"));
        assert!(!names("put key 12 value 2", "key 1"));
    }
}
