//! When operations start.

use crate::draw::{Draws, Purpose};
use driftlab_model::{Latency, Settings, Span, Time};

const GAP: Purpose = Purpose::named("arrival");

/// When the clients' operations start.
#[derive(Clone, Debug)]
pub enum Arrivals {
    /// Each client starts its next operation when its last one has ended and it has thought.
    Closed {
        /// How long it thinks.
        think: Latency,
    },
    /// Operations start at moments that the system has no say in, so that a slow system is not spared the load it should have had.
    Open(OpenArrivals),
}

/// The intended starts of an open loop, without end.
#[derive(Clone, Debug)]
pub struct OpenArrivals {
    draws: Draws,
    pattern: Pattern,
    rate: f64,
    index: u64,
    last: Time,
}

#[derive(Clone, Copy, Debug)]
enum Pattern {
    Constant,
    Poisson,
    Bursts(u64),
}

impl Arrivals {
    /// The arrivals that a workload's settings ask for.
    ///
    /// # Panics
    /// When the settings lack one of the common ones: a fault of the caller.
    #[must_use]
    pub fn from(settings: &Settings, seed: u64) -> Self {
        let Some(rate) = settings.rate_if_set("rate") else {
            return Self::Closed { think: settings.latency("think") };
        };
        let pattern = match settings.word("arrivals") {
            "constant" => Pattern::Constant,
            "bursts" => Pattern::Bursts(settings.count("burst.size")),
            _ => Pattern::Poisson,
        };
        Self::Open(OpenArrivals { draws: Draws::new(seed), pattern, rate, index: 0, last: Time::ZERO })
    }

    /// The same arrivals with the choices of another seed, from the beginning.
    #[must_use]
    pub fn reseeded(&self, seed: u64) -> Self {
        match self {
            Self::Closed { think } => Self::Closed { think: *think },
            Self::Open(arrivals) => Self::Open(OpenArrivals {
                draws: Draws::new(seed),
                pattern: arrivals.pattern,
                rate: arrivals.rate,
                index: 0,
                last: Time::ZERO,
            }),
        }
    }
}

impl OpenArrivals {
    /// The intended start of the next operation, never before that of the last one.
    ///
    /// Operation `i` starts at `i / rate` with constant arrivals; with bursts of `n`, at the time of the first of its burst; with
    /// Poisson arrivals, an exponential gap that depends on `i` alone after operation `i - 1`.
    #[expect(
        clippy::should_implement_trait,
        reason = "arrivals never end, and an Option would say that they may"
    )]
    pub fn next(&mut self) -> Time {
        let index = self.index;
        self.index += 1;
        self.last = match self.pattern {
            Pattern::Constant => self.regular(index),
            Pattern::Bursts(size) => self.regular(index - index % size),
            Pattern::Poisson => {
                let mean = Latency::Exponential(Span::from_secs(1));
                let gap = mean.sample(self.draws.at(GAP, index, 0)).scaled(1.0 / self.rate);
                self.last + gap
            }
        };
        self.last
    }

    fn regular(&self, index: u64) -> Time {
        Time::ZERO + Span::from_secs_f64(index as f64 / self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::COMMON;

    fn open(pattern: &str, rate: &str) -> OpenArrivals {
        let settings =
            Settings::defaults(COMMON).with(COMMON, "rate", rate).with(COMMON, "arrivals", pattern);
        match Arrivals::from(&settings, 3) {
            Arrivals::Open(arrivals) => arrivals,
            Arrivals::Closed { .. } => panic!("a rate makes an open loop"),
        }
    }

    #[test]
    fn without_a_rate_clients_wait_for_themselves() {
        let settings = Settings::defaults(COMMON).with(COMMON, "think", "exp(5ms)");
        let Arrivals::Closed { think } = Arrivals::from(&settings, 1) else { panic!("no rate was given") };
        assert_eq!(think, Latency::Exponential(Span::from_millis(5)));
    }

    /// Adding up rounded gaps would let a constant rate drift away from itself.
    #[test]
    fn constant_arrivals_are_exact_after_a_million_gaps() {
        let mut arrivals = open("constant", "3000/s");
        let last = (0..=1_000_000).map(|_| arrivals.next()).last().unwrap();
        assert_eq!(last, Time::from_nanos(333_333_333_333));
    }

    /// Equal counts in all windows would be a smoother load than the declared one, and queues would look shorter than they are.
    #[test]
    fn poisson_arrivals_have_the_mean_and_the_variance_of_their_rate() {
        let mut arrivals = open("poisson", "100/s");
        let mut windows = vec![0f64; 2_000];
        loop {
            let window = arrivals.next().seconds() as usize;
            match windows.get_mut(window) {
                Some(count) => *count += 1.0,
                None => break,
            }
        }
        let mean = windows.iter().sum::<f64>() / 2_000.0;
        let variance = windows.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / 1_999.0;
        assert!((mean - 100.0).abs() < 1.0, "mean {mean} with seed 3");
        assert!((variance - 100.0).abs() < 13.0, "variance {variance} with seed 3");
    }

    #[test]
    fn bursts_come_at_once_and_keep_the_mean_rate() {
        let mut arrivals = open("bursts", "200/s");
        let all: Vec<Time> = (0..1_000).map(|_| arrivals.next()).collect();
        for burst in all.chunks(10) {
            assert!(burst.iter().all(|at| *at == burst[0]));
        }
        assert_eq!(all[10], Time::from_nanos(50_000_000));
        assert_eq!(all[990], Time::from_nanos(99 * 50_000_000));
    }

    /// A run that goes on where the last one ended would depend on which seeds ran before it.
    #[test]
    fn reseeded_arrivals_are_those_of_the_seed_from_the_beginning() {
        for pattern in ["constant", "poisson", "bursts"] {
            let mut used = open(pattern, "50/s");
            let first: Vec<Time> = (0..100).map(|_| used.next()).collect();
            let reseeded = |seed| match Arrivals::Open(used.clone()).reseeded(seed) {
                Arrivals::Open(mut arrivals) => (0..100).map(|_| arrivals.next()).collect::<Vec<Time>>(),
                Arrivals::Closed { .. } => panic!("an open loop stays open"),
            };
            assert_eq!(reseeded(3), first, "{pattern}");
            assert_eq!(reseeded(4) == first, pattern != "poisson", "{pattern}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_arrivals() {
        let (mut a, mut b) = (open("poisson", "9/min"), open("poisson", "9/min"));
        for _ in 0..100 {
            assert_eq!(a.next(), b.next());
        }
    }
}
