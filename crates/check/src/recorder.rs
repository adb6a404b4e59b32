//! A distribution under way: a span is counted in a few instructions.

use crate::distribution::Distribution;
use driftlab_model::Span;

/// Values below `2 << FINE` have a stretch each; above, each doubling has `1 << FINE`. A histogram of three significant digits has the same.
const FINE: u32 = 10;

/// Counts spans for a [`Distribution`], in the stretches of its histogram. Costs nothing until the first one is recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    counts: Vec<u64>,
    sum_nanos: u128,
}

impl Recorder {
    /// Records one span.
    #[inline]
    pub(crate) fn record(&mut self, span: Span) {
        let stretch = stretch_of(span.nanos());
        if stretch >= self.counts.len() {
            self.grow(stretch);
        }
        self.counts[stretch] += 1;
        self.sum_nanos += u128::from(span.nanos());
    }

    #[cold]
    fn grow(&mut self, stretch: usize) {
        self.counts.resize((stretch + 1).next_multiple_of(1 << FINE), 0);
    }

    /// All that was recorded; nothing is left behind.
    pub(crate) fn take(&mut self) -> Distribution {
        let counts = std::mem::take(&mut self.counts);
        let counted = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
        let counted = counted.map(|(stretch, count)| (Span::from_nanos(start_of(stretch)), count));
        Distribution::of(counted, std::mem::take(&mut self.sum_nanos))
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[inline]
fn stretch_of(value: u64) -> usize {
    let doublings = (u64::BITS - FINE - 1).saturating_sub(value.leading_zeros());
    ((u64::from(doublings) << FINE) + (value >> doublings)) as usize
}

fn start_of(stretch: usize) -> u64 {
    let doublings = (stretch as u64 >> FINE).saturating_sub(1);
    (stretch as u64 - (doublings << FINE)) << doublings
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::hash::mix;

    #[test]
    fn a_recorder_comes_to_the_distribution_of_the_same_spans() {
        let (mut recorder, mut distribution) = (Recorder::default(), Distribution::default());
        let edges = (0..63).flat_map(|n| [(1u64 << n) - 1, 1 << n, (1 << n) + 1]);
        for nanos in edges.chain((0..5_000).map(|n| mix(n, 1) >> (n % 63 + 1))) {
            let span = Span::from_nanos(nanos);
            recorder.record(span);
            distribution.record(span);
        }
        let recorded = recorder.take();
        assert_eq!(recorded.count(), distribution.count());
        assert_eq!(recorded.mean(), distribution.mean());
        assert_eq!(recorded.max(), distribution.max());
        for n in 0..=10_000 {
            let quantile = f64::from(n) / 10_000.0;
            assert_eq!(recorded.quantile(quantile), distribution.quantile(quantile), "{quantile}");
        }
        let at: Vec<Span> = (0..63).map(|n| Span::from_nanos(3 << (n % 61))).collect();
        assert_eq!(recorded.cumulative(&at), distribution.cumulative(&at));
        assert_eq!(recorder.take().count(), 0);
    }
}
