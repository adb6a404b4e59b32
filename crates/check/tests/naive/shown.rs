//! What is shown of a key: the order of its versions, divergence and freshness.

use super::Naive;
use super::sink::{Showing, Shows, Sighting, Sink, is_right};
use super::source::Source;
use driftlab_check::Anomaly;
use driftlab_model::{Time, View, WriteId};

pub(super) fn show(source: &Source, it: &mut Sink, key: i64, view: &View, now: Time, naive: &mut Naive) {
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

/// Divergence and freshness of a key, after an event that touched it.
pub(super) fn look(source: &Source, it: &mut Sink, key: i64, now: Time, naive: &mut Naive) {
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
