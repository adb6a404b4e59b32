//! `unbounded_lag`: staleness grows for as long as the load lasts.
//!
//! Judged by the changes that did come to be shown, so that one lost change, whose age grows for ever, is not taken for a pipeline that cannot
//! keep up. A line is fitted through the lags of the second half of the load; it must rise, and even the best of the last quarter
//! must be worse than the worst of the first, which no saw-tooth is.

use driftlab_model::{Span, Time};

const BUCKETS: usize = 64;
/// The least slope, in seconds of lag per second of load: law 7 gives 1 - μ/λ, so this is an overload of two per cent.
const SLOPE: f64 = 0.02;
const LEAST: f64 = 200.0;
const MARGIN: Span = Span::from_millis(1);

/// Lags by the time of the commit, in coarse buckets, because neither the end of the load nor the lag is known when a change commits.
#[derive(Clone, Debug)]
pub(super) struct Growth {
    /// The length of a bucket, as a power of two of nanoseconds.
    width: u32,
    buckets: [Bucket; BUCKETS],
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    least: Span,
    most: Span,
    /// How many; sums of time, lag, time squared, time times lag, in seconds.
    sums: [f64; 5],
}

const EMPTY: Bucket = Bucket { least: Span::MAX, most: Span::ZERO, sums: [0.0; 5] };

/// How the lag grew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grew {
    /// Seconds of lag per second of load.
    pub(super) slope: f64,
    /// The most in the first quarter of the load.
    pub(super) before: Span,
    /// The least in the last quarter.
    pub(super) after: Span,
}

impl Default for Growth {
    fn default() -> Self {
        Self { width: 20, buckets: [EMPTY; BUCKETS] }
    }
}

impl Growth {
    /// A change that committed then was shown so much later.
    #[inline]
    pub(super) fn add(&mut self, committed: Time, lag: Span) {
        while committed.nanos() >> self.width >= BUCKETS as u64 {
            self.halve();
        }
        let bucket = &mut self.buckets[(committed.nanos() >> self.width) as usize];
        let (t, l) = (committed.seconds(), lag.seconds());
        bucket.least = bucket.least.min(lag);
        bucket.most = bucket.most.max(lag);
        for (sum, term) in bucket.sums.iter_mut().zip([1.0, t, l, t * t, t * l]) {
            *sum += term;
        }
    }

    #[cold]
    fn halve(&mut self) {
        for place in 0..BUCKETS / 2 {
            self.buckets[place] = self.buckets[2 * place].and(&self.buckets[2 * place + 1]);
        }
        self.buckets[BUCKETS / 2..].fill(EMPTY);
        self.width += 1;
    }

    /// Whether the lag grew without bound during a load that ended then.
    pub(super) fn judge(&self, load_ended: Time) -> Option<Grew> {
        let (end, width) = (load_ended.nanos(), 1 << self.width);
        let within = |from: u64, to: u64| {
            let is_within = move |place: usize| {
                let start = place as u64 * width;
                start >= from && start + width <= to
            };
            (0..BUCKETS)
                .filter(move |place| is_within(*place))
                .fold(EMPTY, |all, place| all.and(&self.buckets[place]))
        };
        // The last bucket of the load may reach beyond its end.
        let beyond = end + width;
        let [n, t, l, tt, tl] = within(end / 2, beyond).sums;
        let (first, last) = (within(0, end / 4), within(end / 4 * 3, beyond));
        let spread = n * tt - t * t;
        if n < LEAST || spread <= 0.0 || first.sums[0] == 0.0 || last.sums[0] == 0.0 {
            return None;
        }
        let slope = (n * tl - t * l) / spread;
        let grew = slope >= SLOPE && last.least > first.most + MARGIN;
        grew.then_some(Grew { slope, before: first.most, after: last.least })
    }
}

impl Bucket {
    fn and(&self, other: &Self) -> Self {
        let mut sums = self.sums;
        sums.iter_mut().zip(other.sums).for_each(|(sum, more)| *sum += more);
        Self { least: self.least.min(other.least), most: self.most.max(other.most), sums }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(lag: impl Fn(u64) -> Span) -> Option<Grew> {
        let mut growth = Growth::default();
        (0..6_000).for_each(|n| growth.add(Time::ZERO + Span::from_millis(10 * n), lag(10 * n)));
        growth.judge(Time::ZERO + Span::from_secs(60))
    }

    /// Law 7: above capacity staleness grows as (1 - μ/λ)·t.
    #[test]
    fn a_pipeline_above_its_capacity_is_found_with_its_slope() {
        let grew = judged(|ms| Span::from_millis(5 + ms / 10)).expect("the lag grows by a tenth");
        assert!((grew.slope - 0.1).abs() < 0.001, "{grew:?}");
    }

    #[test]
    fn a_saw_tooth_of_any_period_and_a_steady_lag_are_not() {
        for period in [1_000, 7_000, 25_000, 40_000, 70_000] {
            assert_eq!(judged(|ms| Span::from_millis(50 + period - ms % period)), None, "period {period} ms");
        }
        assert_eq!(judged(|_| Span::from_millis(50)), None);
        assert_eq!(judged(|ms| Span::from_millis(50 + ms % 7)), None);
    }
}
