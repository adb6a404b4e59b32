//! What the source and each sink held of each key, step by step.

use driftlab_model::{Change, Event, History, Key, Row, SinkId, Time, TransactionId, View, WriteId};
use std::collections::BTreeMap;

/// The versions of a key in the order of commits: the place of the commit, the write, and the change that made it.
#[derive(Clone, Debug, Default)]
pub(super) struct Chronicle {
    pub(super) committed: BTreeMap<Key, Vec<Entry>>,
}

/// A committed version.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) position: u64,
    pub(super) write: WriteId,
    pub(super) change: Option<Change>,
    pub(super) row: Option<Row>,
}

/// What a store holds of a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Held {
    Row(Row),
    Deleted(WriteId),
    Missing,
    /// A cache does not hold the key.
    Unclaimed,
}

impl From<&View> for Held {
    fn from(view: &View) -> Self {
        match view {
            View::Row(row) => Self::Row(row.clone()),
            View::Deleted(write) => Self::Deleted(*write),
            View::Missing => Self::Missing,
            View::NotHeld => Self::Unclaimed,
        }
    }
}

impl Held {
    /// The write that it comes from.
    pub(super) fn write(&self) -> Option<WriteId> {
        match self {
            Self::Row(row) => Some(row.write()),
            Self::Deleted(write) => Some(*write),
            Self::Missing | Self::Unclaimed => None,
        }
    }
}

impl Chronicle {
    /// The versions that a history committed.
    pub(super) fn of(history: &History) -> Self {
        let mut committed: BTreeMap<Key, Vec<Entry>> = BTreeMap::new();
        for (key, row) in &history.cast.load {
            let entry = Entry { position: 0, write: WriteId::LOAD, change: None, row: Some(row.clone()) };
            committed.entry(key.clone()).or_default().push(entry);
        }
        for (_, event) in &history.events {
            let Event::Committed { commit, .. } = event else { continue };
            for change in &commit.changes {
                committed.entry(change.key.clone()).or_default().push(Entry {
                    position: commit.index.0,
                    write: change.write,
                    change: Some(change.clone()),
                    row: change.after.clone(),
                });
            }
        }
        Self { committed }
    }

    /// The places in the order of commits at which a key was as a store holds it: from, and up to but not including; `None` where it never was.
    pub(super) fn reign(&self, key: &Key, held: &Held) -> Option<(u64, Option<u64>)> {
        let versions = self.committed.get(key).map_or(&[][..], Vec::as_slice);
        let place = match held.write() {
            Some(write) if write == WriteId::LOAD => versions.iter().position(|v| v.position == 0)?,
            Some(write) => versions.iter().position(|version| version.write == write)?,
            None => return None,
        };
        Some((versions[place].position, versions.get(place + 1).map(|next| next.position)))
    }

    /// A version by its write.
    pub(super) fn entry(&self, key: &Key, write: WriteId) -> Option<&Entry> {
        self.committed.get(key)?.iter().find(|entry| entry.write == write)
    }

    /// The keys that a transaction changed.
    pub(super) fn keys_of(&self, transaction: TransactionId) -> Vec<Key> {
        let changed = |entries: &&Vec<Entry>| {
            entries.iter().any(|entry| entry.position > 0 && entry.write.transaction == transaction)
        };
        self.committed.iter().filter(|(_, entries)| changed(entries)).map(|(key, _)| key.clone()).collect()
    }
}

/// What a sink shows at a moment, all events of that moment included.
pub(super) fn shown_at(history: &History, sink: SinkId, at: Time) -> BTreeMap<Key, Held> {
    let preloaded = history.cast.sinks.get(usize::from(sink.0)).is_some_and(|sink| sink.preloaded);
    let mut state: BTreeMap<Key, Held> = BTreeMap::new();
    if preloaded {
        state.extend(history.cast.load.iter().map(|(key, row)| (key.clone(), Held::Row(row.clone()))));
    }
    for (when, event) in &history.events {
        if *when > at {
            break;
        }
        if let Event::Shown { sink: shower, keys, .. } = event
            && *shower == sink
        {
            state.extend(keys.iter().map(|shown| (shown.key.clone(), Held::from(&shown.view))));
        }
    }
    state
}
