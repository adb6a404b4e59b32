//! A distribution that was measured and not declared.

use crate::latency::open_unit;
use crate::time::Span;

/// A distribution of lengths by its quantiles, at the shares of [`Quantiles::AT`]; between two of them it is taken to be uniform.
///
/// Sampled by inversion, like every [`Latency`](crate::Latency): one draw gives one length, and no other shifts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantiles([Span; SHARES]);

const SHARES: usize = 19;

impl Quantiles {
    /// The shares of all lengths that are at most as long as each quantile, ascending from 0 (the shortest) to 1 (the longest).
    pub const AT: [f64; SHARES] = [
        0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999,
        1.0,
    ];

    /// The distribution of what was measured; `None` of nothing.
    #[must_use]
    pub fn of(mut lengths: Vec<Span>) -> Option<Self> {
        lengths.sort_unstable();
        let last = lengths.len().checked_sub(1)?;
        Some(Self(Self::AT.map(|share| {
            let place = share * last as f64;
            let below = (place as usize).min(last);
            between(lengths[below], lengths[(below + 1).min(last)], place - below as f64)
        })))
    }

    /// The distribution of these quantiles; `None` where they are not as many as [`Quantiles::AT`], or do not ascend.
    #[must_use]
    pub fn from_spans(spans: &[Span]) -> Option<Self> {
        let spans: [Span; SHARES] = spans.try_into().ok()?;
        spans.is_sorted().then_some(Self(spans))
    }

    /// The quantiles, at the shares of [`Quantiles::AT`].
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// The length that a draw stands for.
    #[must_use]
    pub fn sample(&self, draw: u64) -> Span {
        self.at(open_unit(draw))
    }

    /// The length that so large a share of all does not exceed; the share is between 0 and 1.
    #[must_use]
    pub fn at(&self, share: f64) -> Span {
        let above = Self::AT.partition_point(|at| *at <= share).clamp(1, SHARES - 1);
        let (low, high) = (Self::AT[above - 1], Self::AT[above]);
        between(self.0[above - 1], self.0[above], (share - low) / (high - low))
    }
}

/// The length that lies so far on the way from one to another, longer one.
fn between(low: Span, high: Span, way: f64) -> Span {
    low + Span::from_nanos(high.nanos() - low.nanos()).scaled(way.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Latency;
    use crate::hash::mix;

    #[test]
    fn samples_have_the_quantiles_of_what_was_measured() {
        let exponential = Latency::Exponential(Span::from_micros(50));
        let sampled = |sample: &dyn Fn(u64) -> Span| {
            let mut all: Vec<Span> = (0..100_000).map(|i| sample(mix(3, i))).collect();
            all.sort_unstable();
            all
        };
        let measured = sampled(&|draw| exponential.sample(draw));
        let quantiles = Quantiles::of(measured.clone()).expect("a hundred thousand lengths");
        let again = sampled(&|draw| quantiles.sample(draw));
        for place in [5_000, 50_000, 90_000, 99_000, 99_900] {
            let ratio = again[place].seconds() / measured[place].seconds();
            assert!((ratio - 1.0).abs() < 0.05, "{place}: {ratio}");
        }
        let mean = |all: &[Span]| all.iter().map(|span| span.seconds()).sum::<f64>() / all.len() as f64;
        let ratio = mean(&again) / mean(&measured);
        assert!((ratio - 1.0).abs() < 0.03, "{ratio}");
        assert!(again[0] >= measured[0] && again[99_999] <= measured[99_999]);
    }

    #[test]
    fn what_does_not_ascend_is_no_distribution() {
        let mut spans: Vec<Span> = (0..SHARES as u64).map(Span::from_micros).collect();
        let quantiles = Quantiles::from_spans(&spans).expect("they ascend");
        assert_eq!(quantiles.spans(), spans);
        assert_eq!(quantiles.at(0.0), Span::ZERO);
        assert_eq!(quantiles.at(1.0), Span::from_micros(18));
        spans.swap(3, 4);
        assert_eq!(Quantiles::from_spans(&spans), None);
        assert_eq!(Quantiles::from_spans(&spans[1..]), None);
        assert_eq!(Quantiles::of(Vec::new()), None);
        let one = Quantiles::of(vec![Span::from_micros(7)]).expect("one length");
        assert_eq!(one.sample(u64::MAX), Span::from_micros(7));
    }
}
