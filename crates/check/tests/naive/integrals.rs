//! Areas under staleness and divergence.

use super::Naive;
use super::sink::Sink;
use super::source::Source;
use driftlab_model::Time;

/// Staleness and divergence between two moments in which nothing happens.
pub(super) fn integrate(source: &Source, it: &Sink, from: Time, to: Time, naive: &mut Naive) {
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
