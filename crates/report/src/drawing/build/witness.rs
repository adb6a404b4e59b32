//! The witness: the one or two keys that show what is wrong.

use super::chronicle::{Chronicle, Held, shown_at};
use driftlab_check::{Anomaly, Finding};
use driftlab_model::{History, Key, SinkId};
use std::collections::BTreeMap;

/// The keys that the stores' bars follow: at most two.
pub(super) fn keys(history: &History, chronicle: &Chronicle, finding: &Finding) -> Vec<Key> {
    let pair = finding.sink.and_then(|sink| pair(history, chronicle, finding, sink));
    if let Some(pair) = pair {
        return pair;
    }
    if let Some(key) = &finding.key {
        return vec![key.clone()];
    }
    let mut keys: Vec<Key> =
        finding.transactions.iter().flat_map(|transaction| chronicle.keys_of(*transaction)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.truncate(2);
    keys
}

/// Two keys that cannot be from one state of the source.
fn pair(history: &History, chronicle: &Chronicle, finding: &Finding, sink: SinkId) -> Option<Vec<Key>> {
    let shown = || shown_at(history, sink, finding.begin);
    match finding.anomaly {
        Anomaly::NotAPrefix | Anomaly::NonMonotonic => contradiction(chronicle, &shown()),
        Anomaly::TornTransaction => {
            let transaction = finding.transactions.first()?;
            let keys = chronicle.keys_of(*transaction);
            let shown = shown();
            let written = |key: &&Key| {
                let place =
                    chronicle.committed[*key].iter().find(|entry| entry.write.transaction == *transaction);
                let reign = shown.get(*key).and_then(|held| chronicle.reign(key, held));
                reign.is_some_and(|(from, _)| place.is_some_and(|entry| from >= entry.position))
            };
            let (there, missing): (Vec<&Key>, Vec<&Key>) = keys.iter().partition(written);
            Some(vec![(*there.first()?).clone(), (*missing.first()?).clone()])
        }
        _ => None,
    }
}

/// The key whose shown version is the youngest, and the one whose shown version died first, where the first came after the second had died.
pub(super) fn contradiction(chronicle: &Chronicle, shown: &BTreeMap<Key, Held>) -> Option<Vec<Key>> {
    let reigns: Vec<(&Key, u64, Option<u64>)> = shown
        .iter()
        .filter_map(|(key, held)| chronicle.reign(key, held).map(|(from, until)| (key, from, until)))
        .collect();
    let newest = reigns.iter().max_by_key(|(_, from, _)| *from)?;
    let oldest = reigns.iter().filter(|reign| reign.2.is_some()).min_by_key(|(_, _, until)| *until)?;
    (Some(newest.1) >= oldest.2).then(|| vec![newest.0.clone(), oldest.0.clone()])
}
