//! A measure over seeds: its median, and how far the median can be trusted.

use crate::summary::Rounded;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The median over seeds with a 95 % interval of it that assumes nothing of how the measure is distributed: two order statistics, as far apart as
/// the binomial distribution asks for (Conover, "Practical Nonparametric Statistics", 1999, section 3.2). With fewer than six seeds no
/// interval reaches 95 %, and it is the smallest and the largest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OverSeeds<T> {
    /// The median: a value that a run has shown. Of an even number of runs, the lower of the two in the middle.
    pub median: T,
    /// The lower end of the interval.
    pub low: T,
    /// The upper end of the interval.
    pub high: T,
}

impl<T: Copy> OverSeeds<T> {
    /// Of the values of all runs, in whatever order; `None` where there are none.
    pub(crate) fn of(mut values: Vec<T>, order: impl Fn(&T, &T) -> std::cmp::Ordering) -> Option<Self> {
        values.sort_by(order);
        let last = values.len().checked_sub(1)?;
        let outside = outside(values.len());
        Some(Self { median: values[last / 2], low: values[outside], high: values[last - outside] })
    }

    pub(crate) fn map<U>(self, of: impl Fn(T) -> U) -> OverSeeds<U> {
        OverSeeds { median: of(self.median), low: of(self.low), high: of(self.high) }
    }
}

impl OverSeeds<u64> {
    pub(crate) fn of_counts(values: Vec<u64>) -> Option<Self> {
        Self::of(values, Ord::cmp)
    }
}

impl OverSeeds<Rounded> {
    pub(crate) fn of_numbers(values: Vec<f64>) -> Option<Self> {
        Some(OverSeeds::of(values, f64::total_cmp)?.map(Rounded::of))
    }
}

impl OverSeeds<Option<u64>> {
    /// Of spans, where `None` in the result stands for the largest there is: for ever.
    pub(crate) fn of_spans(values: Vec<driftlab_model::Span>) -> Option<Self> {
        let finite = |span: driftlab_model::Span| (span < driftlab_model::Span::MAX).then(|| span.nanos());
        Some(OverSeeds::of(values, Ord::cmp)?.map(finite))
    }
}

/// How many values lie outside of the interval at each end: the most for which both tails together hold at most 5 %.
fn outside(count: usize) -> usize {
    if count > 1_000 {
        // The exact sum underflows; from a hundred on the normal approximation differs by one place at most.
        let n = count as f64;
        return (n / 2.0 - 0.980 * n.sqrt() - 1.0) as usize;
    }
    // One tail: the chance that fewer than `k` of the values lie below the median.
    let mut term = 0.5f64.powi(count as i32);
    let mut tail = term;
    let mut k = 0;
    while tail <= 0.025 {
        k += 1;
        term *= (count - k + 1) as f64 / k as f64;
        tail += term;
    }
    k.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places of the interval's lower end, from 1, out of the usual tables of the binomial distribution for p = 1/2.
    #[test]
    fn the_interval_is_that_of_the_tables() {
        for (count, lower) in
            [(6, 1), (8, 1), (9, 2), (10, 2), (12, 3), (15, 4), (20, 6), (30, 10), (100, 40)]
        {
            assert_eq!(outside(count) + 1, lower, "{count} seeds");
        }
    }

    #[test]
    fn of_few_seeds_the_interval_is_all_of_them() {
        for count in 1..=5 {
            assert_eq!(outside(count), 0);
        }
        let all = OverSeeds::of_counts(vec![5, 1, 3, 4, 2]).unwrap();
        assert_eq!((all.median, all.low, all.high), (3, 1, 5));
        assert_eq!(OverSeeds::of_counts(Vec::new()), None);
    }

    #[test]
    fn for_ever_is_longer_than_anything_else() {
        use driftlab_model::Span;
        let spans = vec![Span::MAX, Span::from_nanos(7), Span::MAX];
        let all = OverSeeds::of_spans(spans).unwrap();
        assert_eq!((all.low, all.median, all.high), (Some(7), None, None));
    }

    #[test]
    fn beyond_a_thousand_seeds_the_places_go_on_as_they_came() {
        let (before, after) = (outside(1_000), outside(1_001));
        assert!(before.abs_diff(after) <= 1, "{before} and {after}");
    }
}
