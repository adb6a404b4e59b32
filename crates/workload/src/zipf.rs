//! Zipf's law: the n-th most popular thing is asked for in proportion to `1 / n^theta`.

use driftlab_model::hash::mix;
use driftlab_model::open_unit;
use libm::{exp, expm1, log, log1p};

/// A Zipf distribution over the ranks `0..count`, rank 0 the most popular.
///
/// Sampled by rejection-inversion (W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates from monotone discrete
/// distributions", ACM TOMACS 6(3), 1996): exact, for any exponent from 0 (uniform) to beyond 1, without a table, in constant time. The older
/// method of Gray et al. (SIGMOD 1994), which YCSB uses, needs a sum over all keys and an exponent below 1, and is an approximation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Zipf {
    count: u64,
    theta: f64,
    low: f64,
    high: f64,
    sure: f64,
}

impl Zipf {
    /// The distribution over `count` ranks, at least one, with exponent `theta`, not negative.
    pub(crate) fn new(count: u64, theta: f64) -> Self {
        let mut zipf = Self { count, theta, low: 0.0, high: 0.0, sure: 0.0 };
        zipf.low = zipf.integral(1.5) - 1.0;
        zipf.high = zipf.integral(count as f64 + 0.5);
        zipf.sure = 2.0 - zipf.inverse(zipf.integral(2.5) - zipf.weight(2.0));
        zipf
    }

    /// The rank that a draw stands for.
    pub(crate) fn rank(&self, draw: u64) -> u64 {
        for attempt in 0.. {
            let u = self.high + open_unit(mix(draw, attempt)) * (self.low - self.high);
            let x = self.inverse(u);
            let n = ((x + 0.5) as u64).clamp(1, self.count);
            let at = n as f64;
            // The first test saves the integral in nearly all cases; fewer than a third of all attempts fail both.
            if at - x <= self.sure || u >= self.integral(at + 0.5) - self.weight(at) {
                return n - 1;
            }
        }
        0
    }

    fn weight(&self, x: f64) -> f64 {
        exp(-self.theta * log(x))
    }

    /// An antiderivative of the weight, which near exponent 1 stays exact.
    fn integral(&self, x: f64) -> f64 {
        let log_x = log(x);
        expm1_over((1.0 - self.theta) * log_x) * log_x
    }

    fn inverse(&self, x: f64) -> f64 {
        // Rounding may lead a little below the smallest value that the integral takes.
        let t = (x * (1.0 - self.theta)).max(-1.0);
        exp(log1p_over(t) * x)
    }
}

/// `log(1 + x) / x`, by its series near 0.
fn log1p_over(x: f64) -> f64 {
    if x.abs() > 1e-8 { log1p(x) / x } else { 1.0 - x * (0.5 - x * (1.0 / 3.0 - 0.25 * x)) }
}

/// `(exp(x) - 1) / x`, by its series near 0.
fn expm1_over(x: f64) -> f64 {
    if x.abs() > 1e-8 { expm1(x) / x } else { 1.0 + x * 0.5 * (1.0 + x / 3.0 * (1.0 + 0.25 * x)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::Distribution;

    /// A generator that is nearly Zipf makes hot keys too cold, and contention disappears from the results.
    #[test]
    fn frequencies_follow_the_law_for_exponents_below_at_and_above_one() {
        const SAMPLES: u64 = 200_000;
        for theta in [0.0, 0.5, 0.99, 1.0, 1.5] {
            let zipf = Zipf::new(100, theta);
            let mut seen = [0u32; 100];
            for i in 0..SAMPLES {
                seen[zipf.rank(mix(11, i)) as usize] += 1;
            }
            let weights: Vec<f64> = (1..=100).map(|n| f64::from(n).powf(-theta)).collect();
            let total: f64 = weights.iter().sum();
            let chi: f64 = seen
                .iter()
                .zip(&weights)
                .map(|(&n, weight)| {
                    let expected = SAMPLES as f64 * weight / total;
                    (f64::from(n) - expected).powi(2) / expected
                })
                .sum();
            // 99 degrees of freedom: mean 99, standard deviation 14.
            assert!((40.0..170.0).contains(&chi), "theta {theta}: chi-square {chi} with seed 11");
        }
    }

    /// Nobody sums ten million weights: there another implementation of the law is the judge.
    #[test]
    fn among_many_ranks_it_chooses_as_another_implementation_does() {
        const COUNT: u64 = 10_000_000;
        for theta in [0.5, 0.99, 1.2] {
            let (ours, theirs) =
                (Zipf::new(COUNT, theta), rand_distr::Zipf::new(COUNT as f64, theta).unwrap());
            let mut random = ChaCha8Rng::seed_from_u64(5);
            let (mut our_ranks, mut their_ranks) = ([0i64; 24], [0i64; 24]);
            for i in 0..100_000 {
                our_ranks[(ours.rank(mix(5, i)) + 1).ilog2() as usize] += 1;
                their_ranks[(theirs.sample(&mut random) as u64).ilog2() as usize] += 1;
            }
            let pairs = our_ranks.into_iter().zip(their_ranks).filter(|(ours, theirs)| ours + theirs > 0);
            let chi: f64 =
                pairs.map(|(ours, theirs)| (ours - theirs).pow(2) as f64 / (ours + theirs) as f64).sum();
            // At most 24 degrees of freedom: mean 24, standard deviation 7.
            assert!(chi < 60.0, "theta {theta}: chi-square {chi} with seed 5");
        }
    }

    #[test]
    fn a_single_rank_is_always_chosen_and_many_never_leave_the_range() {
        for i in 0..1_000 {
            assert_eq!(Zipf::new(1, 0.99).rank(mix(3, i)), 0);
            assert!(Zipf::new(10_000_000, 0.99).rank(mix(3, i)) < 10_000_000);
            assert!(Zipf::new(7, 10.0).rank(mix(3, i)) < 7);
        }
    }
}
