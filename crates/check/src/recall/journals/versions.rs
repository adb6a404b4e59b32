use crate::recall::truth::{KeyTruth, Truth};
use driftlab_model::{Before, Earlier, Entry, Journal, Key, Row, SinkId, Testimony, Time, WriteId};

/// The sinks that keep every version they were given, as far as anybody is going to ask.
///
/// What such a sink holds is not read out of it: it is what the history says that it took. A version has the stamp of its row; a deletion, that of its arrival. What it was never given it cannot miss,
/// so it takes its versions for all there were.
pub(in crate::recall) fn versions(truth: &Truth, testimony: &Testimony) -> Vec<Journal> {
    let of_sink = |(sink, name, preloaded): (SinkId, &str, bool)| {
        let keys = truth.keys(&testimony.own);
        let began = testimony.began;
        let entries = keys.flat_map(|(key, truth)| of_key(key, truth, (sink, preloaded), began)).collect();
        Journal { place: name.to_owned(), entries, whole_since: None, earlier: Earlier::Some }
    };
    let journals = truth.versions().map(of_sink);
    journals.filter(|journal: &Journal| !journal.entries.is_empty()).collect()
}

fn of_key(key: &Key, truth: &KeyTruth, (sink, preloaded): (SinkId, bool), began: Time) -> Vec<Entry> {
    let entry = |after: Option<&Row>, write: WriteId, arrived: Time| Entry {
        key: key.clone(),
        before: Before::Unkept,
        after: after.cloned(),
        transaction: Some(write.transaction),
        position: None,
        at: after.map_or(arrived, |row| row.updated_at().by_run(began)),
        cause: None,
    };
    let loaded = truth.changes.first().and_then(|first| first.before.as_ref()).filter(|_| preloaded);
    let loaded = loaded.map(|row| entry(Some(row), WriteId::LOAD, Time::ZERO));
    let taken = truth.taken.iter().filter(|(of, ..)| *of == sink);
    let mut taken: Vec<_> = taken
        .filter_map(|(_, at, write)| {
            let place = truth.changes.iter().position(|change| change.write == *write)?;
            Some((place, entry(truth.changes[place].after.as_ref(), *write, *at)))
        })
        .collect();
    // By version, as its readers go by it; what came twice is there twice.
    taken.sort_by_key(|(place, _)| *place);
    taken.dedup_by_key(|(place, _)| *place);
    loaded.into_iter().chain(taken.into_iter().map(|(_, entry)| entry)).collect()
}
