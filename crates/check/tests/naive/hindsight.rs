//! What was shown before it was committed, judged when its transaction ends.

use super::Naive;
use super::sink::{Showing, Shows, Sink};
use super::source::Source;
use driftlab_check::Anomaly;
use driftlab_model::{Time, TransactionId};

pub(super) fn settle_foreign(
    source: &Source,
    it: &mut Sink,
    transaction: TransactionId,
    now: Time,
    naive: &mut Naive,
) {
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

/// A version committed: wherever the key was shown as that version before, what was shown after it was older, if it was a version at all.
pub(super) fn look_back(source: &Source, it: &mut Sink, key: i64, naive: &mut Naive) {
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
