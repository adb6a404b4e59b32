//! Which of a set of things are asked for how often.

use crate::draw::{below, falls_in};
use crate::scatter::Scatter;
use crate::zipf::Zipf;
use driftlab_model::Settings;
use driftlab_model::hash::mix;
use smallvec::{SmallVec, smallvec};
use std::collections::BTreeSet;

/// How popular each of a fixed number of places is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Popularity {
    count: u64,
    law: Law,
}

#[derive(Clone, Copy, Debug)]
enum Law {
    Uniform,
    Zipf(Zipf, Scatter),
    Latest(Zipf),
    Hotspot { hot: u64, share: f64 },
}

impl Popularity {
    /// The popularity that the settings ask for, over `count` places, at least one.
    pub(crate) fn of(settings: &Settings, count: u64) -> Self {
        let theta = settings.number("keys.theta");
        let law = match settings.word("keys.distribution") {
            "uniform" => Law::Uniform,
            "latest" => Law::Latest(Zipf::new(count, theta)),
            "hotspot" => Law::Hotspot {
                hot: ((count as f64 * settings.number("keys.hot")).round() as u64).clamp(1, count),
                share: settings.number("keys.hot_share"),
            },
            _ => Law::Zipf(Zipf::new(count, theta), Scatter::new(count)),
        };
        Self { count, law }
    }

    /// The last place the most popular, the one before it the next, by Zipf's law.
    pub(crate) fn latest(settings: &Settings, count: u64) -> Self {
        Self { count, law: Law::Latest(Zipf::new(count, settings.number("keys.theta"))) }
    }

    /// Whether the newest are the most popular.
    pub(crate) fn favours_the_newest(&self) -> bool {
        matches!(self.law, Law::Latest(_))
    }

    /// How many places there are.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The place, from 0, that a draw stands for.
    pub(crate) fn place(&self, draw: u64) -> u64 {
        match &self.law {
            Law::Uniform => below(draw, self.count),
            Law::Zipf(zipf, scatter) => scatter.of(zipf.rank(draw)),
            Law::Latest(zipf) => self.count - 1 - zipf.rank(draw),
            Law::Hotspot { hot, share } => {
                let within = mix(draw, 1);
                if *hot == self.count || falls_in(draw, *share) {
                    below(within, *hot)
                } else {
                    hot + below(within, self.count - hot)
                }
            }
        }
    }
}

/// Draws until there are `many` different things. One that keeps being drawn again, as the hottest of few does, gives way to its neighbour,
/// so there must be `many` different ones within reach of `neighbour`.
pub(crate) fn distinct<T: Copy + Ord>(
    many: u64,
    draw: impl Fn(u64) -> T,
    neighbour: impl Fn(T) -> T,
) -> SmallVec<[T; 1]> {
    const ATTEMPTS: u64 = 16;
    if many == 1 {
        return smallvec![draw(0)];
    }
    let mut seen = BTreeSet::new();
    (0..many)
        .map(|row| {
            let mut chosen = draw(row * ATTEMPTS);
            let mut attempt = 1;
            while !seen.insert(chosen) {
                chosen = if attempt < ATTEMPTS { draw(row * ATTEMPTS + attempt) } else { neighbour(chosen) };
                attempt += 1;
            }
            chosen
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::COMMON;
    use crate::draw::{Draws, Purpose};

    const TEST: Purpose = Purpose::named("test");

    fn frequencies(given: &[(&str, &str)], count: u64) -> Vec<f64> {
        let settings = given
            .iter()
            .fold(Settings::defaults(COMMON), |settings, (name, text)| settings.with(COMMON, name, text));
        let popularity = Popularity::of(&settings, count);
        let mut seen = vec![0.0; count as usize];
        for i in 0..100_000 {
            seen[popularity.place(Draws::new(2).at(TEST, i, 0)) as usize] += 1e-5;
        }
        seen
    }

    #[test]
    fn uniform_keys_are_all_alike() {
        let seen = frequencies(&[("keys.distribution", "uniform")], 50);
        let chi: f64 = seen.iter().map(|share| (share * 1e5 - 2_000.0).powi(2) / 2_000.0).sum();
        // 49 degrees of freedom: mean 49, standard deviation 9.9.
        assert!((15.0..100.0).contains(&chi), "chi-square {chi} with seed 2");
    }

    #[test]
    fn the_hot_keys_take_their_share_and_the_cold_ones_the_rest() {
        let given = [("keys.distribution", "hotspot"), ("keys.hot", "0.05"), ("keys.hot_share", "0.8")];
        let seen = frequencies(&given, 100);
        let hot: f64 = seen[..5].iter().sum();
        assert!((hot - 0.8).abs() < 0.01, "the hot keys took {hot} with seed 2");
        assert!(seen[..5].iter().all(|share| (share - 0.16).abs() < 0.01), "{:?}", &seen[..5]);
        assert!(seen[5..].iter().all(|share| (share - 0.2 / 95.0).abs() < 0.001));
        let all_hot =
            frequencies(&[("keys.distribution", "hotspot"), ("keys.hot", "1"), ("keys.hot_share", "0")], 4);
        assert!(all_hot.iter().all(|share| (share - 0.25).abs() < 0.01), "{all_hot:?}");
    }

    /// Zipf's law must survive the scattering: under a hash with collisions, a tenth of the keys is never asked for.
    #[test]
    fn zipf_keeps_its_law_and_scatters_its_popular_keys() {
        let seen = frequencies(&[], 100);
        let mut sorted = seen.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let total: f64 = (1..=100).map(|n| f64::from(n).powf(-0.99)).sum();
        for (rank, share) in sorted.iter().take(10).enumerate() {
            let expected = (rank as f64 + 1.0).powf(-0.99) / total;
            assert!(
                (share / expected - 1.0).abs() < 0.06,
                "rank {rank}: {share}, not {expected}, with seed 2"
            );
        }
        assert!(sorted[99] > 0.0 && seen != sorted);
    }

    #[test]
    fn the_last_place_is_the_most_popular_of_the_latest() {
        let seen = frequencies(&[("keys.distribution", "latest")], 100);
        assert!(
            seen[99] > seen[98] && seen[98] > seen[97] && seen[97] > seen[50] && seen[50] > 0.0,
            "{seen:?}"
        );
    }

    /// A transaction that names a key twice has two writes where one net change is meant.
    #[test]
    fn a_transaction_never_gets_the_same_place_twice() {
        for (name, count) in [("uniform", 5), ("zipf", 5), ("latest", 3), ("hotspot", 40)] {
            let settings = Settings::defaults(COMMON).with(COMMON, "keys.distribution", name).with(
                COMMON,
                "keys.theta",
                "9",
            );
            let popularity = Popularity::of(&settings, count);
            for index in 0..50 {
                let mut places = distinct(
                    count,
                    |sub| popularity.place(Draws::new(index).at(TEST, 0, sub)),
                    |place| (place + 1) % count,
                );
                places.sort_unstable();
                assert_eq!(places.as_slice(), (0..count).collect::<Vec<_>>(), "{name} with seed {index}");
            }
        }
    }
}
