//! The versions of the keys that a scene follows.

use super::chronicle::{Chronicle, Held};
use super::course::name;
use super::names::Names;
use crate::drawing::scene::{Committed, Holding, Version, VersionNo};
use driftlab_model::{Cast, Event, History, Key, Row, TransactionId, View, WriteId};
use std::collections::BTreeMap;

/// With more committed rows than these, requests about other keys are not told apart by colour.
const ROWS_TOLD_APART: usize = 300;

/// The versions by key and write.
pub(super) struct Versions {
    pub(super) all: Vec<Version>,
    places: BTreeMap<(usize, WriteId), VersionNo>,
    /// How requests name rows, and whose they are.
    in_requests: Vec<(String, TransactionId)>,
    /// By transaction.
    colours: BTreeMap<TransactionId, usize>,
}

impl Versions {
    /// All versions of these keys, committed or only shown.
    pub(super) fn of(history: &History, chronicle: &Chronicle, keys: &[Key]) -> Self {
        let mut versions = Self {
            all: Vec::new(),
            places: BTreeMap::new(),
            in_requests: Vec::new(),
            colours: BTreeMap::new(),
        };
        let cast = &history.cast;
        let names = Names { cast };
        let authors = authors(history);
        let author = |write: WriteId| authors.get(&write.transaction).map(|by| (*by).to_owned());
        for (number, key) in keys.iter().enumerate() {
            for entry in chronicle.committed.get(key).into_iter().flatten() {
                let before = entry.change.as_ref().and_then(|change| change.before.as_ref());
                let version = match &entry.change {
                    Some(change) => Version {
                        text: names.change(change),
                        value: value(names, key, entry.row.as_ref(), before),
                        ..Version::blank(number)
                    },
                    None => Version::of_row(names, number, key, entry.row.as_ref()),
                };
                let version =
                    Version { author: author(entry.write), position: Some(entry.position), ..version };
                versions.add(entry.write, version);
            }
        }
        versions.learn_requests(names, chronicle, keys);
        for (_, event) in &history.events {
            let Event::Shown { keys: shown, by, .. } = event else { continue };
            for one in shown {
                let Some(number) = keys.iter().position(|key| *key == one.key) else { continue };
                let Some(write) = Held::from(&one.view).write() else { continue };
                if write == WriteId::LOAD || versions.places.contains_key(&(number, write)) {
                    continue;
                }
                let row = match &one.view {
                    View::Row(row) => Some(row),
                    _ => None,
                };
                let author = author(write).unwrap_or_else(|| name(cast, *by).to_owned());
                let version =
                    Version { author: Some(author), ..Version::of_row(names, number, &one.key, row) };
                versions.add(write, version);
                if let Some(row) = row {
                    versions.in_requests.push((names.in_request(&one.key, row), write.transaction));
                }
            }
        }
        versions
    }

    /// Learns how requests name rows: those of the keys, and all others where they are few.
    fn learn_requests(&mut self, names: Names<'_>, chronicle: &Chronicle, keys: &[Key]) {
        let few = chronicle.committed.values().map(Vec::len).sum::<usize>() <= ROWS_TOLD_APART;
        for (key, entries) in chronicle.committed.iter().filter(|(key, _)| few || keys.contains(key)) {
            for entry in entries.iter().filter(|entry| entry.position > 0) {
                let asked =
                    entry.row.as_ref().map_or_else(|| names.key(key), |row| names.in_request(key, row));
                self.in_requests.push((asked, entry.write.transaction));
            }
        }
    }

    fn add(&mut self, write: WriteId, mut version: Version) {
        if write != WriteId::LOAD {
            version.colour = Some(self.colour(write.transaction));
        }
        self.places.insert((version.key, write), self.all.len());
        self.all.push(version);
    }

    /// The colour of a transaction.
    pub(super) fn colour(&mut self, transaction: TransactionId) -> usize {
        let next = self.colours.len();
        *self.colours.entry(transaction).or_insert(next)
    }

    /// The version that a write made of a key.
    pub(super) fn place(&self, key: usize, write: WriteId) -> Option<VersionNo> {
        self.places.get(&(key, write)).copied()
    }

    /// What a store holds, in the scene's words; `newest` is the last commit until then.
    pub(super) fn holding(&self, key: usize, held: &Held, newest: u64) -> Holding {
        match held {
            Held::Unclaimed => Holding::NotHeld,
            Held::Missing => Holding::Missing,
            Held::Row(_) | Held::Deleted(_) => {
                let place = held.write().and_then(|write| self.place(key, write));
                let committed = |place: VersionNo| match self.all[place].position {
                    Some(position) if position <= newest => Committed::Yes,
                    _ => Committed::NotYet,
                };
                place.map_or(Holding::Missing, |place| Holding::Version(place, committed(place)))
            }
        }
    }

    /// The transaction whose row a request names: the last of them where several wrote the same.
    pub(super) fn named_in(&self, what: &str) -> Option<TransactionId> {
        let named = |(asked, _): &&(String, TransactionId)| super::errand::names(what, asked);
        self.in_requests.iter().rev().find(named).map(|(_, transaction)| *transaction)
    }
}

impl Version {
    fn blank(key: usize) -> Self {
        Self { key, text: String::new(), value: String::new(), author: None, position: None, colour: None }
    }

    fn of_row(names: Names<'_>, number: usize, key: &Key, row: Option<&Row>) -> Self {
        let text = match row {
            Some(row) => names.row(key, row, None),
            None => format!("{} deleted", names.key(key)),
        };
        Self { text, value: value(names, key, row, None), ..Self::blank(number) }
    }
}

fn value(names: Names<'_>, key: &Key, row: Option<&Row>, before: Option<&Row>) -> String {
    row.map_or_else(|| "deleted".to_owned(), |row| names.value(key, row, before))
}

/// Who ran each transaction.
fn authors(history: &History) -> BTreeMap<TransactionId, &str> {
    let cast: &Cast = &history.cast;
    let mut authors = BTreeMap::new();
    for (_, event) in &history.events {
        match event {
            Event::Began { by, transaction } | Event::Aborted { by, transaction, .. } => {
                authors.insert(*transaction, name(cast, *by));
            }
            Event::Committed { by, commit } => {
                authors.insert(commit.transaction, name(cast, *by));
            }
            Event::Finished(operation) => {
                authors.entry(operation.transaction).or_insert(name(cast, operation.by));
            }
            _ => {}
        }
    }
    authors
}
