//! Latency distributions, sampled from a draw by inversion, so that one draw gives one latency and no other shifts.
//!
//! Logarithms come from `libm`, not from the platform: two C libraries may differ in the last bit, and then two machines would run two histories.

use crate::time::Span;
use libm::{exp, log, sqrt};
use std::fmt;

/// How long something takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Latency {
    /// Always the same.
    Constant(Span),
    /// Every length between two bounds alike.
    Uniform(Span, Span),
    /// Exponential with a mean.
    Exponential(Span),
    /// Lognormal, by its median and its 99th percentile.
    Lognormal {
        /// Half of all are shorter.
        median: Span,
        /// One of a hundred is longer.
        p99: Span,
    },
}

/// The standard normal quantile of 0.99.
const Z99: f64 = 2.326_347_874_040_841;

impl Latency {
    /// No time at all.
    pub const ZERO: Self = Self::Constant(Span::ZERO);

    /// Whether it is always zero, so that no timer is needed.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Constant(Span::ZERO))
    }

    /// The length that a draw stands for; never rounded coarser than a nanosecond.
    #[must_use]
    pub fn sample(&self, draw: u64) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Uniform(low, high) => {
                let width = high.nanos().saturating_sub(low.nanos());
                Span::from_nanos(low.nanos() + ((u128::from(draw) * (u128::from(width) + 1)) >> 64) as u64)
            }
            Self::Exponential(mean) => mean.scaled(-log(open_unit(draw))),
            Self::Lognormal { median, p99 } => {
                let sigma = log(p99.nanos() as f64 / median.nanos() as f64) / Z99;
                median.scaled(exp(sigma * normal_quantile(open_unit(draw))))
            }
        }
    }

    /// The same, with a draw that is made only where the length depends on it.
    #[inline]
    #[must_use]
    pub fn sample_with(&self, draw: impl FnOnce() -> u64) -> Span {
        match *self {
            Self::Constant(span) => span,
            _ => self.sample(draw()),
        }
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> Span {
        match *self {
            Self::Constant(span) | Self::Exponential(span) => span,
            Self::Uniform(low, high) => Span::from_nanos(low.nanos() / 2 + high.nanos() / 2),
            Self::Lognormal { median, p99 } => {
                let sigma = log(p99.nanos() as f64 / median.nanos() as f64) / Z99;
                median.scaled(exp(sigma * sigma / 2.0))
            }
        }
    }
}

/// A draw as a number in the open interval (0, 1).
#[must_use]
pub fn open_unit(draw: u64) -> f64 {
    // 52 bits and a half: with 53 the highest draw would round up to 1.
    ((draw >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
}

/// The quantile function of the standard normal distribution.
///
/// Acklam's rational approximation (Peter J. Acklam, 2003), relative error below 1.15e-9.
fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416];
    const LOW: f64 = 0.024_25;
    let tail = |q: f64| {
        (((((C[0] * q + C[1]) * q + C[2]) * q + C[3]) * q + C[4]) * q + C[5])
            / ((((D[0] * q + D[1]) * q + D[2]) * q + D[3]) * q + 1.0)
    };
    if p < LOW {
        tail(sqrt(-2.0 * log(p)))
    } else if p > 1.0 - LOW {
        -tail(sqrt(-2.0 * log(1.0 - p)))
    } else {
        let q = p - 0.5;
        let r = q * q;
        (((((A[0] * r + A[1]) * r + A[2]) * r + A[3]) * r + A[4]) * r + A[5]) * q
            / (((((B[0] * r + B[1]) * r + B[2]) * r + B[3]) * r + B[4]) * r + 1.0)
    }
}

impl fmt::Display for Latency {
    /// As a scenario file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(span) => write!(f, "{span}"),
            Self::Uniform(low, high) => write!(f, "uniform({low}, {high})"),
            Self::Exponential(mean) => write!(f, "exp({mean})"),
            Self::Lognormal { median, p99 } => write!(f, "lognormal({median}, p99 = {p99})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::mix;

    fn samples(latency: Latency) -> Vec<f64> {
        let mut all: Vec<f64> = (0..200_000).map(|i| latency.sample(mix(7, i)).seconds()).collect();
        all.sort_by(f64::total_cmp);
        all
    }

    fn close(measured: f64, expected: f64) {
        assert!((measured / expected - 1.0).abs() < 0.02, "{measured} is not within 2 % of {expected}");
    }

    #[test]
    fn samples_have_the_declared_shape() {
        let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
        let exponential = Latency::Exponential(Span::from_millis(5));
        let all = samples(exponential);
        close(mean(&all), 0.005);
        close(all[198_000], 0.005 * 100f64.ln());
        let lognormal = Latency::Lognormal { median: Span::from_millis(2), p99: Span::from_millis(20) };
        let all = samples(lognormal);
        close(all[100_000], 0.002);
        close(all[198_000], 0.020);
        close(mean(&all), lognormal.mean().seconds());
        let all = samples(Latency::Uniform(Span::from_micros(10), Span::from_micros(30)));
        close(mean(&all), 20e-6);
        assert!(all[0] >= 10e-6 && all[199_999] <= 30e-6);
    }

    /// A draw of all ones once gave exactly 1, and a lognormal latency without end.
    #[test]
    fn the_extreme_draws_stay_within_the_open_interval() {
        assert!(open_unit(0) > 0.0 && open_unit(u64::MAX) < 1.0);
        let lognormal = Latency::Lognormal { median: Span::from_millis(2), p99: Span::from_millis(20) };
        assert!(lognormal.sample(u64::MAX) < Span::from_secs(3_600));
    }

    /// A timer with a millisecond's floor hides every race below it: a microsecond latency must stay one.
    #[test]
    fn nothing_is_rounded_up_to_a_coarse_tick() {
        let tiny = Latency::Exponential(Span::from_nanos(800));
        close(samples(tiny).iter().sum::<f64>() / 200_000.0, 800e-9);
    }
}
