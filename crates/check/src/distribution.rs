//! Distributions of time spans: HDR histograms with three significant digits, beside an exact sum.

use driftlab_model::Span;
use hdrhistogram::Histogram;

/// A distribution of spans. Costs nothing until the first one is recorded.
#[derive(Clone, Debug, Default)]
pub struct Distribution {
    histogram: Option<Box<Histogram<u64>>>,
    sum_nanos: u128,
}

impl Distribution {
    /// Records one span.
    #[inline]
    pub fn record(&mut self, span: Span) {
        self.record_many(span, 1);
    }

    /// Records a span `count` times.
    #[inline]
    pub fn record_many(&mut self, span: Span, count: u64) {
        let histogram = self.histogram.get_or_insert_with(fresh);
        histogram.record_n(span.nanos(), count).expect("an auto-resizing histogram takes any value");
        self.sum_nanos += u128::from(span.nanos()) * u128::from(count);
    }

    /// So many of each of these spans, with the exact sum of what they stand for.
    pub(crate) fn of(spans: impl Iterator<Item = (Span, u64)>, sum_nanos: u128) -> Self {
        let mut all = Self::default();
        spans.for_each(|(span, count)| all.record_many(span, count));
        all.sum_nanos = sum_nanos;
        all
    }

    /// Adds all that another distribution has recorded.
    pub fn merge(&mut self, other: &Self) {
        let Some(theirs) = &other.histogram else { return };
        match &mut self.histogram {
            Some(ours) => ours.add(&**theirs).expect("an auto-resizing histogram takes any other"),
            None => self.histogram = Some(theirs.clone()),
        }
        self.sum_nanos += other.sum_nanos;
    }

    /// How many were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.as_ref().map_or(0, |histogram| histogram.len())
    }

    /// The exact mean; `None` where nothing was recorded.
    #[must_use]
    pub fn mean(&self) -> Option<Span> {
        let count = u128::from(self.count());
        (count > 0).then(|| Span::from_nanos((self.sum_nanos / count) as u64))
    }

    /// A quantile, `0.99` for p99; `None` where nothing was recorded.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Option<Span> {
        let histogram = self.histogram.as_ref().filter(|histogram| !histogram.is_empty())?;
        Some(Span::from_nanos(histogram.value_at_quantile(quantile)))
    }

    /// The largest; `None` where nothing was recorded.
    #[must_use]
    pub fn max(&self) -> Option<Span> {
        let histogram = self.histogram.as_ref().filter(|histogram| !histogram.is_empty())?;
        Some(Span::from_nanos(histogram.max()))
    }

    /// The share of recorded spans that are not above each of these.
    #[must_use]
    pub fn cumulative(&self, at: &[Span]) -> Vec<f64> {
        let Some(histogram) = self.histogram.as_ref().filter(|histogram| !histogram.is_empty()) else {
            return vec![0.0; at.len()];
        };
        at.iter()
            .map(|span| histogram.count_between(0, span.nanos()) as f64 / histogram.len() as f64)
            .collect()
    }

    /// Forgets everything, and gives the memory back only where there was any.
    pub fn clear(&mut self) {
        self.histogram = None;
        self.sum_nanos = 0;
    }
}

#[cold]
fn fresh() -> Box<Histogram<u64>> {
    Box::new(Histogram::new(3).expect("three significant digits are within the allowed five"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_keep_three_digits_from_nanoseconds_to_hours() {
        let mut all = Distribution::default();
        for nanos in [3, 500, 7_000_000, 3_600_000_000_000] {
            all.record(Span::from_nanos(nanos));
        }
        assert_eq!(all.quantile(0.25), Some(Span::from_nanos(3)));
        let longest = all.max().unwrap().nanos() as f64;
        assert!((longest / 3.6e12 - 1.0).abs() < 0.001);
        assert_eq!(all.count(), 4);
        assert_eq!(Distribution::default().quantile(0.5), None);
    }
}
