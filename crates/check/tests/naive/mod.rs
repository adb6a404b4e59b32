//! The definitions of the truth table once more, slow and plain: whole states are compared as maps, every pair of keys is looked at, and
//! everything is computed anew at every instant. Nothing here is shared with the checker.

mod hindsight;
mod instants;
mod integrals;
mod shown;
mod sink;
mod source;

use driftlab_check::Anomaly;
use driftlab_model::{Event, History, Milestone, SinkKind, Time};
use hindsight::{look_back, settle_foreign};
use instants::instant_over;
use integrals::integrate;
use shown::{look, show};
use sink::{Shows, Sink, know};
use source::Source;
use std::collections::BTreeMap;

/// A finding: anomaly, begin, end. Open ones have no end.
pub(crate) type Finding = (Anomaly, Time, Option<Time>);

/// What the slow way found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Naive {
    pub(crate) findings: Vec<Finding>,
    pub(crate) lags: Vec<u64>,
    pub(crate) never_shown: u64,
    pub(crate) divergent_at_end: u64,
    /// Area under staleness in nanoseconds squared (doubled), and the most.
    pub(crate) staleness: (u128, u64),
    pub(crate) divergent: (u128, u64),
}

/// Judges one sink of a history, whose rows all have keys of one integer.
pub(crate) fn judge(history: &History, sink: usize) -> Naive {
    let mut source = Source::default();
    let is_cache = history.cast.sinks[sink].kind == SinkKind::Cache;
    let mut shows = BTreeMap::new();
    let mut state = BTreeMap::new();
    for (key, row) in &history.cast.load {
        let key = key.as_integer().unwrap();
        source.versions.insert(key, vec![(0, Some(row.clone()))]);
        shows.insert(key, Shows::Row(row.clone()));
        state.insert(key, row.clone());
    }
    source.states.push(state);
    let mut it = Sink {
        shows,
        high: BTreeMap::new(),
        regressed: BTreeMap::new(),
        gone: BTreeMap::new(),
        since: BTreeMap::new(),
        shown: BTreeMap::new(),
        position: 0,
        mark: 0,
        no_prefix: None,
        backwards: Vec::new(),
        torn: BTreeMap::new(),
        foreign: BTreeMap::new(),
        over: 0,
        shown_ever: BTreeMap::new(),
    };
    let mut naive = Naive::default();
    let (mut now, mut quiescent, mut load_ended) = (Time::ZERO, false, None);
    for (at, event) in &history.events {
        if *at > now {
            instant_over(&source, &mut it, is_cache, now, &mut naive);
            if load_ended.is_none() {
                integrate(&source, &it, now, *at, &mut naive);
            }
            now = *at;
        }
        match event {
            Event::Committed { commit, .. } => {
                let number = source.commits.len() + 1;
                let mut state = source.states.last().unwrap().clone();
                for change in &commit.changes {
                    let key = change.key.as_integer().unwrap();
                    know(&mut source, &mut it, key, is_cache);
                    source.versions.get_mut(&key).unwrap().push((number, change.after.clone()));
                    match &change.after {
                        Some(row) => drop(state.insert(key, row.clone())),
                        None => drop(state.remove(&key)),
                    }
                }
                if commit.changes.is_empty() {
                    source.empty.insert(commit.transaction);
                    settle_foreign(&source, &mut it, commit.transaction, now, &mut naive);
                    continue;
                }
                let keys = commit.changes.iter().map(|change| change.key.as_integer().unwrap()).collect();
                source.commits.push((commit.transaction, now, keys));
                source.states.push(state);
                settle_foreign(&source, &mut it, commit.transaction, now, &mut naive);
                for change in &commit.changes {
                    look(&source, &mut it, change.key.as_integer().unwrap(), now, &mut naive);
                    look_back(&source, &mut it, change.key.as_integer().unwrap(), &mut naive);
                }
            }
            Event::Shown { sink: place, keys, .. } if usize::from(place.0) == sink => {
                for shown in keys {
                    let key = shown.key.as_integer().unwrap();
                    know(&mut source, &mut it, key, is_cache);
                    show(&source, &mut it, key, &shown.view, now, &mut naive);
                    look(&source, &mut it, key, now, &mut naive);
                }
            }
            Event::Milestone(Milestone::LoadEnded) => load_ended = Some(now),
            Event::Milestone(Milestone::Quiescent) => quiescent = true,
            _ => {}
        }
    }
    instant_over(&source, &mut it, is_cache, now, &mut naive);
    assert!(quiescent, "only histories that come to rest are judged here");
    for (key, sighting) in std::mem::take(&mut it.foreign) {
        if sighting.case.is_none() {
            naive.findings.push((Anomaly::Phantom, sighting.at, sighting.end));
        }
        it.foreign.insert(key, sighting);
    }
    for key in source.versions.keys() {
        let current = source.current(*key);
        naive.never_shown += (1..=current).filter(|v| !it.shown.contains_key(&(*key, *v))).count() as u64;
        let Some(since) = it.since.get(key) else { continue };
        naive.divergent_at_end += 1;
        let is_foreign = match &it.shows[key] {
            Shows::Row(row) => source.index(*key, row).is_none(),
            Shows::Foreign(_) => true,
            _ => false,
        };
        let took_its_place = it.regressed.get(key).is_some_and(|(high, _)| *high == current);
        let anomaly = match source.row(*key) {
            _ if is_foreign => continue,
            Some(_) if took_its_place && it.shows[key] != Shows::Missing => continue,
            None if took_its_place => continue,
            Some(_) => Anomaly::LostUpdate,
            None if it.gone.get(key).is_some_and(|gone| *gone >= current) => Anomaly::Resurrected,
            None => Anomaly::MissedDelete,
        };
        naive.findings.push((anomaly, *since, None));
    }
    naive
}
