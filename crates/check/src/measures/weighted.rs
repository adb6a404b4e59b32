//! How long a quantity that grows with time had which value.

use driftlab_model::Span;

/// Sixteen stretches for every doubling, so a quantile is off by at most a sixteenth.
const FINE: u32 = 4;

/// The values of a quantity that rises by a second a second, weighted by the time it had them.
///
/// A rise from `a` to `b` is a rise from zero to `b` less one from zero to `a`, so it costs two entries however far it goes; what they come
/// to is added up when a quantile is asked for, which is seldom.
#[derive(Clone, Debug, Default)]
pub(super) struct Weighted {
    zero: u64,
    /// For each stretch of values: rises that ended in it, and how far into it they went.
    ends: Vec<(i64, i128)>,
    /// Where the last rise ended. It is not among the ends yet, because the next rise mostly goes on from there.
    top: u64,
}

impl Weighted {
    /// The value was zero for so long.
    #[inline]
    pub(super) fn add_zero(&mut self, span: Span) {
        self.zero += span.nanos();
    }

    /// The value rose from one span to another, in as much time.
    #[inline]
    pub(super) fn add_rise(&mut self, from: Span, to: Span) {
        if from.nanos() != self.top {
            self.end(self.top, 1);
            self.end(from.nanos(), -1);
        }
        self.top = to.nanos();
    }

    fn end(&mut self, value: u64, sign: i64) {
        // A rise that ends at zero is none.
        if value == 0 {
            return;
        }
        let stretch = stretch_of(value);
        if self.ends.len() <= stretch {
            self.grow(stretch);
        }
        let (ends, into) = &mut self.ends[stretch];
        *ends += sign;
        *into += i128::from(sign) * i128::from(value - start_of(stretch));
    }

    #[cold]
    fn grow(&mut self, stretch: usize) {
        self.ends.resize(stretch + 1, (0, 0));
    }

    /// The value that was not exceeded for this share of the time.
    pub(super) fn quantile(&self, share: f64) -> Span {
        let mut ended = self.clone();
        ended.end(self.top, 1);
        let mut weights = vec![0i128; ended.ends.len()];
        let mut through = 0i128;
        for (stretch, (ends, into)) in ended.ends.iter().enumerate().rev() {
            weights[stretch] = through * i128::from(start_of(stretch + 1) - start_of(stretch)) + into;
            through += i128::from(*ends);
        }
        let total = i128::from(self.zero) + weights.iter().sum::<i128>();
        let wanted = (total as f64 * share).ceil() as i128;
        let mut seen = i128::from(self.zero);
        if seen >= wanted {
            return Span::ZERO;
        }
        for (stretch, weight) in weights.into_iter().enumerate() {
            if weight > 0 && seen + weight >= wanted {
                let width = (start_of(stretch + 1) - start_of(stretch)) as f64;
                let within = (wanted - seen) as f64 / weight as f64;
                return Span::from_nanos(start_of(stretch) + (width * within) as u64);
            }
            seen += weight;
        }
        Span::from_nanos(start_of(ended.ends.len()))
    }
}

/// Values below sixteen have a stretch each; above, each doubling has sixteen.
fn stretch_of(value: u64) -> usize {
    if value < 1 << FINE {
        return value as usize;
    }
    let doubling = 63 - value.leading_zeros();
    let within = (value >> (doubling - FINE)) - (1 << FINE);
    (((doubling - FINE + 1) << FINE) as u64 + within) as usize
}

fn start_of(stretch: usize) -> u64 {
    let (doubling, within) = (stretch as u64 >> FINE, stretch as u64 & ((1 << FINE) - 1));
    match doubling {
        0 => within,
        // Beyond the largest value.
        61.. => u64::MAX,
        _ => ((1 << FINE) + within) << (doubling - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_follow_one_another_without_a_gap() {
        for value in (0..5_000).chain([u64::MAX / 3, 1 << 40, (1 << 40) - 1]) {
            let stretch = stretch_of(value);
            assert!(start_of(stretch) <= value && value < start_of(stretch + 1), "{value} in {stretch}");
        }
    }

    /// A saw-tooth from 0 to 10 ms, each tooth as the batch makes it: the time below any value is in proportion to it.
    #[test]
    fn the_quantiles_of_a_saw_tooth_are_those_of_the_uniform_distribution() {
        let mut weighted = Weighted::default();
        for _ in 0..50 {
            weighted.add_rise(Span::ZERO, Span::from_millis(4));
            weighted.add_rise(Span::from_millis(4), Span::from_millis(10));
        }
        for share in [0.1, 0.5, 0.9, 0.99] {
            let found = weighted.quantile(share).seconds();
            assert!((found - share * 0.01).abs() < 0.01 * 0.01, "{share}: {found}");
        }
        weighted.add_zero(Span::from_millis(500));
        assert_eq!(weighted.quantile(0.5), Span::ZERO);
    }
}
