//! The definitions of the truth table once more, slow and plain: whole states are compared as maps, every pair of keys is looked at, and
//! everything is computed anew at every instant. Nothing here is shared with the checker.

use driftlab_check::Anomaly;
use driftlab_model::{Event, History, Milestone, Row, SinkKind, Time, TransactionId, View, WriteId};
use std::collections::{BTreeMap, BTreeSet};

/// What a sink shows of a key.
#[derive(Clone, Debug, PartialEq)]
enum Shows {
    Row(Row),
    /// A deletion that committed, and surely this one.
    Deleted(TransactionId),
    Missing,
    NotHeld,
    /// A deletion that has not committed.
    Foreign(TransactionId),
}

/// A version of a key: the commit that made it, and the row.
type Version = (usize, Option<Row>);

#[derive(Clone, Debug, Default)]
struct Source {
    /// For each key its versions, the first of commit 0.
    versions: BTreeMap<i64, Vec<Version>>,
    commits: Vec<(TransactionId, Time, Vec<i64>)>,
    states: Vec<BTreeMap<i64, Row>>,
    /// Transactions that committed and changed nothing.
    empty: BTreeSet<TransactionId>,
}

#[derive(Clone, Debug)]
struct Sink {
    shows: BTreeMap<i64, Shows>,
    /// The newest version of each key that was surely shown.
    high: BTreeMap<i64, usize>,
    regressed: BTreeMap<i64, (usize, Vec<usize>)>,
    gone: BTreeMap<i64, usize>,
    since: BTreeMap<i64, Time>,
    shown: BTreeMap<(i64, usize), Time>,
    position: usize,
    mark: usize,
    no_prefix: Option<usize>,
    backwards: Vec<usize>,
    torn: BTreeMap<usize, usize>,
    /// What is shown and not committed, by key; what was shown and is over already, by a negative number that tells
    /// the key.
    foreign: BTreeMap<i64, Sighting>,
    /// How many sightings are over.
    over: i64,
    /// All that was shown of each key.
    shown_ever: BTreeMap<i64, Vec<Showing>>,
}

#[derive(Clone, Debug)]
struct Showing {
    at: Time,
    /// What a row or a deletion was made by.
    view: View,
    shows: Shows,
    /// The version that it was, or turned out to be.
    version: Option<usize>,
    was_step_back: bool,
}

#[derive(Clone, Debug)]
struct Sighting {
    write: WriteId,
    row: Option<Row>,
    at: Time,
    end: Option<Time>,
    /// Its finding, where it is known to be a phantom.
    case: Option<usize>,
}

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

impl Source {
    fn index(&self, key: i64, row: &Row) -> Option<usize> {
        self.versions.get(&key)?.iter().position(|(_, version)| version.as_ref() == Some(row))
    }
    fn current(&self, key: i64) -> usize {
        self.versions[&key].len() - 1
    }
    fn row(&self, key: i64) -> Option<&Row> {
        self.versions[&key].last().unwrap().1.as_ref()
    }
    fn absences(&self, key: i64) -> Vec<usize> {
        (0..self.versions[&key].len()).filter(|v| self.versions[&key][*v].1.is_none()).collect()
    }
    fn deletion(&self, key: i64, transaction: TransactionId) -> Option<usize> {
        self.absences(key).into_iter().find(|v| {
            let commit = self.versions[&key][*v].0;
            commit > 0 && self.commits[commit - 1].0 == transaction
        })
    }
    fn committed(&self, transaction: TransactionId) -> bool {
        self.empty.contains(&transaction) || self.commits.iter().any(|commit| commit.0 == transaction)
    }
    fn know(&mut self, key: i64) {
        self.versions.entry(key).or_insert_with(|| vec![(0, None)]);
    }
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

fn know(source: &mut Source, it: &mut Sink, key: i64, is_cache: bool) {
    source.know(key);
    it.shows.entry(key).or_insert(if is_cache { Shows::NotHeld } else { Shows::Missing });
}

fn settle_foreign(source: &Source, it: &mut Sink, transaction: TransactionId, now: Time, naive: &mut Naive) {
    let keys: Vec<i64> =
        it.foreign.iter().filter(|(_, s)| s.write.transaction == transaction).map(|(k, _)| *k).collect();
    for key in keys {
        let sighting = it.foreign[&key].clone();
        if sighting.case.is_some() {
            continue;
        }
        let real = if key < 0 { (-key - 1) % 100 } else { key };
        let commit =
            source.commits.iter().position(|commit| commit.0 == transaction).map_or(0, |place| place + 1);
        let version = source.versions[&real].iter().find(|(c, _)| *c == commit && *c > 0);
        let outcome = match (&sighting.row, version) {
            (Some(row), Some((_, committed))) => Some(committed.as_ref() == Some(row)),
            (Some(_), None) => Some(false),
            (None, Some((_, committed))) => Some(committed.is_none()),
            (None, None) => None,
        };
        match outcome {
            Some(true) => {
                naive.findings.push((Anomaly::EarlyVisibility, sighting.at, Some(now)));
                it.foreign.remove(&key);
                if key >= 0 {
                    let current = source.current(real);
                    let high = it.high.entry(real).or_default();
                    *high = current.max(*high);
                    if sighting.row.is_none() {
                        it.shows.insert(real, Shows::Deleted(transaction));
                    }
                }
            }
            Some(false) => {
                naive.findings.push((Anomaly::Phantom, sighting.at, sighting.end));
                let case = naive.findings.len() - 1;
                if sighting.end.is_some() {
                    it.foreign.remove(&key);
                } else {
                    it.foreign.get_mut(&key).unwrap().case = Some(case);
                }
            }
            None => drop(it.foreign.remove(&key)),
        }
    }
}

fn show(source: &Source, it: &mut Sink, key: i64, view: &View, now: Time, naive: &mut Naive) {
    let current = source.current(key);
    let absences = source.absences(key);
    let source_has_none = source.row(key).is_none();
    let high = it.high.get(&key).copied().unwrap_or(0);
    // (what is shown, where it stands in the key's order, what is proved to be shown)
    let (shows, as_of, sure) = match view {
        View::NotHeld => (Shows::NotHeld, None, None),
        View::Missing => (Shows::Missing, None, None),
        View::Row(row) => {
            let version = source.index(key, row);
            (Shows::Row(row.clone()), version, version)
        }
        View::Deleted(write) if *write == WriteId::LOAD => {
            let version = absences.iter().copied().find(|v| *v >= high);
            (Shows::Missing, version, version)
        }
        View::Deleted(write) => match source.deletion(key, write.transaction) {
            Some(version) => (Shows::Deleted(write.transaction), Some(version), Some(version)),
            None if source.committed(write.transaction) => (Shows::Missing, absences.last().copied(), None),
            None if source_has_none => (Shows::Missing, None, None),
            None => (Shows::Foreign(write.transaction), None, None),
        },
    };
    if it.shows[&key] == shows {
        return;
    }
    let before = it.shows.insert(key, shows.clone()).unwrap();
    // Sightings of what is not committed.
    if let Some(sighting) = it.foreign.remove(&key) {
        match sighting.case {
            Some(case) => naive.findings[case].2 = Some(now),
            None => {
                // Kept until its transaction ends.
                it.over += 1;
                let ended = -(it.over * 100 + key) - 1;
                it.foreign.insert(ended, Sighting { end: Some(now), ..sighting });
            }
        }
    }
    let sighting = match (&shows, view) {
        (Shows::Row(row), _) if as_of.is_none() => Some((row.write(), Some(row.clone()))),
        (Shows::Foreign(_), View::Deleted(write)) => Some((*write, None)),
        _ => None,
    };
    if let Some((write, row)) = sighting {
        let mut sighting = Sighting { write, row, at: now, end: None, case: None };
        if write == WriteId::LOAD || source.committed(write.transaction) {
            naive.findings.push((Anomaly::Phantom, now, None));
            sighting.case = Some(naive.findings.len() - 1);
        }
        it.foreign.insert(key, sighting);
    }
    // The order of the key's versions.
    if matches!(shows, Shows::Deleted(_) | Shows::Missing | Shows::NotHeld | Shows::Foreign(_)) {
        // A copy that says which deletion it shows has shown that one, and none that came later.
        let known = if matches!(shows, Shows::Deleted(_)) { as_of } else { None };
        it.gone.insert(key, known.unwrap_or(current));
    }
    let is_right = is_right(source, &shows, key);
    let regressed = it.regressed.get(&key).cloned();
    if let Some((from, cases)) = &regressed
        && (is_right || as_of.is_some_and(|as_of| as_of >= *from))
    {
        for case in cases {
            naive.findings[*case].2 = Some(now);
        }
        it.regressed.remove(&key);
    }
    let mut was_step_back = false;
    if let Some(as_of) = as_of
        && as_of < high
        && !is_right
    {
        let unique = |v: usize| if absences == [v] { Some(v) } else { None };
        let stood = match &before {
            Shows::Row(row) => source.index(key, row),
            Shows::Deleted(transaction) => source.deletion(key, *transaction),
            Shows::Missing => absences.last().and_then(|v| unique(*v)),
            _ => None,
        };
        if regressed.is_none() || stood.is_none_or(|stood| as_of < stood) {
            was_step_back = true;
            let was_deletion = source.versions[&key][high].1.is_none();
            let is_row = matches!(shows, Shows::Row(_));
            let anomaly = if was_deletion && is_row { Anomaly::Resurrected } else { Anomaly::StaleOverwrite };
            naive.findings.push((anomaly, now, None));
            let entry = it.regressed.entry(key).or_insert((high, Vec::new()));
            entry.0 = high;
            entry.1.push(naive.findings.len() - 1);
        }
    }
    if let Some(sure) = sure {
        it.high.insert(key, high.max(sure));
    }
    let showing = Showing { at: now, view: view.clone(), shows, version: as_of, was_step_back };
    it.shown_ever.entry(key).or_default().push(showing);
}

/// A version committed: wherever the key was shown as that version before, what was shown after it was older, if it was a version at all.
fn look_back(source: &Source, it: &mut Sink, key: i64, naive: &mut Naive) {
    let newest = source.current(key);
    let (commit, row) = source.versions[&key][newest].clone();
    let transaction = source.commits[commit - 1].0;
    let Some(showings) = it.shown_ever.get_mut(&key) else { return };
    for showing in showings.iter_mut().filter(|showing| showing.version.is_none()) {
        let is_it = match (&showing.shows, &showing.view) {
            (Shows::Row(shown), _) => row.as_ref() == Some(shown),
            (Shows::Foreign(by), _) => row.is_none() && *by == transaction,
            _ => false,
        };
        if is_it {
            showing.version = Some(newest);
        }
    }
    let Some(first) = showings.iter().position(|showing| showing.version == Some(newest)) else { return };
    let high = it.high.entry(key).or_default();
    *high = newest.max(*high);
    let is_right = |showing: &Showing| match showing.shows {
        _ if showing.version == Some(newest) => true,
        Shows::NotHeld => true,
        Shows::Row(_) => false,
        Shows::Deleted(_) | Shows::Missing | Shows::Foreign(_) => row.is_none(),
    };
    let is_older = |showing: &Showing| showing.version.is_some() && !is_right(showing);
    let was_back = it.regressed.contains_key(&key);
    for (place, showing) in showings.iter().enumerate().skip(first + 1) {
        let before = &showings[first..place];
        let right_before = before.iter().rposition(is_right).unwrap();
        // The first step back since it was right: those that follow were seen when they happened.
        if !is_older(showing) || before[right_before..].iter().any(is_older) {
            continue;
        }
        let end = showings[place..].iter().find(|later| is_right(later)).map(|later| later.at);
        let is_row = matches!(showing.shows, Shows::Row(_));
        let anomaly = if row.is_none() && is_row { Anomaly::Resurrected } else { Anomaly::StaleOverwrite };
        let is_told = showing.was_step_back && (end.is_some() || was_back);
        if !is_told {
            naive.findings.push((anomaly, showing.at, end));
        }
        if end.is_none() {
            let entry = it.regressed.entry(key).or_insert((newest, Vec::new()));
            entry.0 = newest;
            if !is_told {
                entry.1.push(naive.findings.len() - 1);
            }
        }
    }
}

fn is_right(source: &Source, shows: &Shows, key: i64) -> bool {
    match shows {
        Shows::NotHeld => true,
        Shows::Row(row) => source.row(key) == Some(row),
        Shows::Deleted(_) | Shows::Missing | Shows::Foreign(_) => source.row(key).is_none(),
    }
}

/// Divergence and freshness of a key, after an event that touched it.
fn look(source: &Source, it: &mut Sink, key: i64, now: Time, naive: &mut Naive) {
    let shows = it.shows[&key].clone();
    if is_right(source, &shows, key) {
        it.since.remove(&key);
        if let Some((_, cases)) = it.regressed.remove(&key) {
            for case in cases {
                naive.findings[case].2 = Some(now);
            }
        }
    } else {
        it.since.entry(key).or_insert(now);
    }
    let (current, absences) = (source.current(key), source.absences(key));
    let high = it.high.get(&key).copied().unwrap_or(0);
    let until = match &shows {
        _ if is_right(source, &shows, key) => Some(current),
        Shows::Row(row) => source.index(key, row),
        Shows::Deleted(transaction) => source.deletion(key, *transaction),
        // An absence that is not older than what was shown before it is taken for progress.
        Shows::Missing => absences.last().copied().filter(|v| *v >= high),
        Shows::NotHeld | Shows::Foreign(_) => None,
    };
    for version in 1..=until.unwrap_or(0) {
        if let std::collections::btree_map::Entry::Vacant(vacant) = it.shown.entry((key, version)) {
            vacant.insert(now);
            let committed = source.commits[source.versions[&key][version].0 - 1].1;
            naive.lags.push((now - committed).nanos());
        }
    }
}

fn instant_over(source: &Source, it: &mut Sink, is_cache: bool, now: Time, naive: &mut Naive) {
    torn(source, it, now, naive);
    let mut visible = BTreeMap::new();
    for (key, shows) in &it.shows {
        if let Shows::Row(row) = shows {
            visible.insert(*key, row.clone());
        }
    }
    let looks_like = |state: &BTreeMap<i64, Row>| {
        if is_cache {
            it.shows.iter().all(|(key, shows)| match shows {
                Shows::NotHeld => true,
                Shows::Row(row) => state.get(key) == Some(row),
                _ => unreachable!("caches show rows or nothing here"),
            })
        } else {
            *state == visible
        }
    };
    let positions: Vec<usize> = (0..source.states.len()).filter(|i| looks_like(&source.states[*i])).collect();
    if positions.is_empty() {
        if it.no_prefix.is_none() {
            naive.findings.push((Anomaly::NotAPrefix, now, None));
            it.no_prefix = Some(naive.findings.len() - 1);
        }
        return;
    }
    if let Some(case) = it.no_prefix.take() {
        naive.findings[case].2 = Some(now);
    }
    if is_cache {
        // Only where every possible position lies below the least that it must have reached.
        if positions.iter().all(|position| *position < it.position) {
            if it.backwards.is_empty() {
                naive.findings.push((Anomaly::NonMonotonic, now, None));
                it.backwards.push(naive.findings.len() - 1);
            }
        } else {
            let least = it.shows.iter().filter_map(|(key, shows)| match shows {
                Shows::Row(row) => Some(source.versions[key][source.index(*key, row).unwrap()].0),
                _ => None,
            });
            it.position = it.position.max(least.max().unwrap_or(0));
            it.backwards.drain(..).for_each(|case| naive.findings[case].2 = Some(now));
        }
        return;
    }
    if let Some(position) = positions.iter().find(|position| **position >= it.position) {
        it.position = *position;
        if it.position >= it.mark {
            it.backwards.drain(..).for_each(|case| naive.findings[case].2 = Some(now));
        }
    } else {
        it.mark = it.mark.max(it.position);
        it.position = *positions.last().unwrap();
        naive.findings.push((Anomaly::NonMonotonic, now, None));
        it.backwards.push(naive.findings.len() - 1);
    }
}

/// For every transaction, every pair of its keys: the one exactly at it, the other older.
fn torn(source: &Source, it: &mut Sink, now: Time, naive: &mut Naive) {
    for (place, (transaction, _, keys)) in source.commits.iter().enumerate() {
        let commit = place + 1;
        let own = |key: &i64| source.versions[key].iter().position(|(c, _)| *c == commit).unwrap();
        let exact = |key: &i64| match &it.shows[key] {
            Shows::Row(row) => source.index(*key, row) == Some(own(key)),
            Shows::Deleted(by) => by == transaction && source.versions[key][own(key)].1.is_none(),
            Shows::Missing => source.absences(*key) == [own(key)],
            Shows::NotHeld | Shows::Foreign(_) => false,
        };
        let older = |key: &i64| match &it.shows[key] {
            Shows::Row(row) => source.index(*key, row).is_some_and(|version| version < own(key)),
            Shows::Deleted(_) | Shows::Missing => {
                source.absences(*key).last().is_none_or(|version| *version < own(key))
            }
            Shows::NotHeld | Shows::Foreign(_) => false,
        };
        let is_torn = keys.iter().any(|x| keys.iter().any(|y| exact(x) && older(y)));
        match it.torn.get(&commit).copied() {
            None if is_torn => {
                naive.findings.push((Anomaly::TornTransaction, now, None));
                it.torn.insert(commit, naive.findings.len() - 1);
            }
            Some(case) if !is_torn => {
                naive.findings[case].2 = Some(now);
                it.torn.remove(&commit);
            }
            _ => {}
        }
    }
}

/// Staleness and divergence between two moments in which nothing happens.
fn integrate(source: &Source, it: &Sink, from: Time, to: Time, naive: &mut Naive) {
    let unshown = source.versions.iter().flat_map(|(key, versions)| {
        let missing = (1..versions.len()).filter(|version| !it.shown.contains_key(&(*key, *version)));
        missing.map(|version| source.commits[versions[version].0 - 1].1)
    });
    if let Some(oldest) = unshown.min() {
        let (a, b) = ((from - oldest).nanos(), (to - oldest).nanos());
        naive.staleness.0 += u128::from(a + b) * u128::from(b - a);
        naive.staleness.1 = naive.staleness.1.max(b);
    }
    let divergent = it.since.len() as u64;
    naive.divergent.0 += u128::from(divergent) * u128::from((to - from).nanos());
    naive.divergent.1 = naive.divergent.1.max(divergent);
}
