//! The witness of a state that is no prefix: two keys that cannot be from one state of the source.

use crate::phrase::Phrases;
use crate::timeline::{CommitNo, KeyNo, Kind, NO_VERSION, State, Timeline, VersionNo};
use driftlab_model::{ProcessId, TransactionId};

/// Why no state of the source looks like what a sink shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Witness {
    /// A key's shown version came to be when another's was gone already.
    Pair { newer: (KeyNo, VersionNo), older: (KeyNo, VersionNo) },
    /// What is shown of a key is not committed.
    Uncommitted(KeyNo),
    /// A key is not shown, and the source always had it.
    Vanished(KeyNo),
    /// No two keys contradict each other; the state as a whole never was.
    Whole,
}

/// A shown version was the source's in the positions from its commit to before that of the next.
pub(super) fn begin(timeline: &Timeline, version: VersionNo) -> CommitNo {
    timeline.version(version).commit
}

/// The position at which a version was replaced; `None` while it is the newest.
pub(super) fn end(timeline: &Timeline, version: VersionNo) -> Option<CommitNo> {
    let next = timeline.version(version).next;
    (next != NO_VERSION).then(|| timeline.version(next).commit)
}

/// Whether no version of the key looks like what is shown.
pub(super) fn is_impossible(state: State) -> bool {
    state.is_foreign() || (state.is_absence() && state.latest == NO_VERSION)
}

impl Witness {
    /// The witness of what a sink shows now of the keys that are asked for. Looks at every key, so it is for the first few failures alone.
    pub(super) fn find(timeline: &Timeline, sink: usize, wanted: impl Fn(KeyNo) -> bool) -> Self {
        let mut newest: Option<(CommitNo, KeyNo, VersionNo)> = None;
        let mut oldest: Option<(CommitNo, KeyNo, VersionNo)> = None;
        for key in (0..timeline.keys.len() as KeyNo).filter(|key| wanted(*key)) {
            let state = timeline.slot(sink, key).state;
            if state.is_foreign() {
                return Self::Uncommitted(key);
            }
            if is_impossible(state) {
                return Self::Vanished(key);
            }
            // An absence may be that of several versions, and then it stands against nothing.
            let is_one = state.kind == Kind::Row || state.exact == state.latest;
            if !state.claims() || !is_one || state.exact == NO_VERSION {
                continue;
            }
            let first = begin(timeline, state.exact);
            if newest.is_none_or(|(commit, ..)| commit < first) {
                newest = Some((first, key, state.exact));
            }
            if let Some(last) = end(timeline, state.exact)
                && oldest.is_none_or(|(commit, ..)| commit > last)
            {
                oldest = Some((last, key, state.exact));
            }
        }
        match (newest, oldest) {
            (Some((first, newer, x)), Some((last, older, y))) if first >= last => {
                Self::Pair { newer: (newer, x), older: (older, y) }
            }
            _ => Self::Whole,
        }
    }

    /// The key to which a finding is put down.
    pub(super) fn key(self) -> Option<KeyNo> {
        match self {
            Self::Pair { older: (key, _), .. } | Self::Uncommitted(key) | Self::Vanished(key) => Some(key),
            Self::Whole => None,
        }
    }

    /// The witness in words, with the transactions and processes that it names.
    pub(super) fn tell(
        self,
        phrases: &Phrases<'_>,
        sink: usize,
    ) -> (String, Vec<TransactionId>, Vec<ProcessId>) {
        let name = phrases.sink(sink);
        let sentence = match self {
            Self::Pair { newer: (newer, x), older: (older, y) } => {
                let next = phrases.version(y).next;
                let (from, died) = (phrases.version(x).commit, phrases.version(next).commit);
                let sentence = format!(
                    "{} in {name} is from {}, but {}'s value died at commit {died} ({})",
                    phrases.key(newer),
                    match from {
                        0 => "the initial load".to_owned(),
                        _ => format!("commit {from} ({})", phrases.author(from)),
                    },
                    phrases.key(older),
                    phrases.author(died),
                );
                let transactions = phrases.transactions(&[x, next]);
                let processes = phrases.clients(&transactions);
                return (sentence, transactions, processes);
            }
            Self::Uncommitted(key) => {
                format!("{name} shows a value of {} that was not committed", phrases.key(key))
            }
            Self::Vanished(key) => {
                format!("{name} shows no {}, which the source always had", phrases.key(key))
            }
            Self::Whole => format!("{name} shows a state that the source never had"),
        };
        (sentence, Vec::new(), Vec::new())
    }
}
