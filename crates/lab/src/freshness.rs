//! Quantiles of freshness.

use driftlab_check::Distribution;
use driftlab_model::Span;

/// A quantile of freshness in which changes that were never shown come after all others: [`Span::MAX`] where it is one of those, `None` where there was no change.
#[must_use]
pub fn freshness_quantile(shown: &Distribution, never: u64, quantile: f64) -> Option<Span> {
    let total = shown.count() + never;
    if total == 0 {
        return None;
    }
    let rank = (quantile * total as f64).ceil();
    if rank > shown.count() as f64 {
        return Some(Span::MAX);
    }
    shown.quantile(rank / shown.count() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_never_shown_is_later_than_all_the_rest() {
        let mut shown = Distribution::default();
        shown.record_many(Span::from_millis(1), 99);
        assert_eq!(freshness_quantile(&shown, 0, 1.0).map(|span| span.nanos() / 100_000), Some(10));
        assert_eq!(freshness_quantile(&shown, 1, 1.0), Some(Span::MAX));
        assert!(freshness_quantile(&shown, 1, 0.5) < Some(Span::MAX));
        assert_eq!(freshness_quantile(&Distribution::default(), 1, 0.5), Some(Span::MAX));
        assert_eq!(freshness_quantile(&Distribution::default(), 0, 0.5), None);
    }
}
