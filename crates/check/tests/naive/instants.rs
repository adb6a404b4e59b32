//! Whole states, when an instant is over: is it a prefix of the source's history, and is a transaction torn?

use super::Naive;
use super::sink::{Shows, Sink};
use super::source::Source;
use driftlab_check::Anomaly;
use driftlab_model::{Row, Time};
use std::collections::BTreeMap;

pub(super) fn instant_over(source: &Source, it: &mut Sink, is_cache: bool, now: Time, naive: &mut Naive) {
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
        if positions.iter().any(|position| *position >= it.mark) {
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
