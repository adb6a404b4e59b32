//! What a sink shows, and what is remembered of what it showed.

use super::source::Source;
use driftlab_model::{Row, Time, TransactionId, View, WriteId};
use std::collections::BTreeMap;

/// What a sink shows of a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shows {
    Row(Row),
    /// A deletion that committed, and surely this one.
    Deleted(TransactionId),
    Missing,
    NotHeld,
    /// A deletion that has not committed.
    Foreign(TransactionId),
}

#[derive(Clone, Debug)]
pub(super) struct Sink {
    pub(super) shows: BTreeMap<i64, Shows>,
    /// The newest version of each key that was surely shown.
    pub(super) high: BTreeMap<i64, usize>,
    pub(super) regressed: BTreeMap<i64, (usize, Vec<usize>)>,
    pub(super) gone: BTreeMap<i64, usize>,
    pub(super) since: BTreeMap<i64, Time>,
    pub(super) shown: BTreeMap<(i64, usize), Time>,
    pub(super) position: usize,
    pub(super) mark: usize,
    pub(super) no_prefix: Option<usize>,
    pub(super) backwards: Vec<usize>,
    pub(super) torn: BTreeMap<usize, usize>,
    /// What is shown and not committed, by key; what was shown and is over already, by a negative number that tells
    /// the key.
    pub(super) foreign: BTreeMap<i64, Sighting>,
    /// How many sightings are over.
    pub(super) over: i64,
    /// All that was shown of each key.
    pub(super) shown_ever: BTreeMap<i64, Vec<Showing>>,
}

#[derive(Clone, Debug)]
pub(super) struct Showing {
    pub(super) at: Time,
    /// What a row or a deletion was made by.
    pub(super) view: View,
    pub(super) shows: Shows,
    /// The version that it was, or turned out to be.
    pub(super) version: Option<usize>,
    pub(super) was_step_back: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Sighting {
    pub(super) write: WriteId,
    pub(super) row: Option<Row>,
    pub(super) at: Time,
    pub(super) end: Option<Time>,
    /// Its finding, where it is known to be a phantom.
    pub(super) case: Option<usize>,
}

pub(super) fn know(source: &mut Source, it: &mut Sink, key: i64, is_cache: bool) {
    source.know(key);
    it.shows.entry(key).or_insert(if is_cache { Shows::NotHeld } else { Shows::Missing });
}

pub(super) fn is_right(source: &Source, shows: &Shows, key: i64) -> bool {
    match shows {
        Shows::NotHeld => true,
        Shows::Row(row) => source.row(key) == Some(row),
        Shows::Deleted(_) | Shows::Missing | Shows::Foreign(_) => source.row(key).is_none(),
    }
}
