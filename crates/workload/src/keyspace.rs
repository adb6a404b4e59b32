//! The keys of a table that grows: those of the load, and those that inserts add.

use crate::draw::Purpose;
use crate::mix::Action;
use crate::plan::Plan;
use crate::popularity::{Popularity, distinct};
use driftlab_model::{Contradiction, Settings};
use smallvec::SmallVec;

/// Integer keys: `1..=count` from the load, and above them one for each inserted row, a pure function of the operation's index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyspace {
    popularity: Popularity,
    grows: bool,
}

impl Keyspace {
    /// The keys that the settings ask for.
    ///
    /// # Errors
    /// A transaction must find as many different keys as it touches.
    pub(crate) fn new(settings: &Settings, plan: &Plan) -> Result<Self, Contradiction> {
        Self::with(Popularity::of(settings, settings.count("keys.count")), plan)
    }

    /// The keys of a table that does not grow, whatever the mix says of inserts.
    ///
    /// # Errors
    /// A transaction must find as many different keys as it touches.
    pub(crate) fn fixed(settings: &Settings, plan: &Plan) -> Result<Self, Contradiction> {
        Ok(Self { grows: false, ..Self::new(settings, plan)? })
    }

    /// The keys with a popularity.
    ///
    /// # Errors
    /// A transaction must find as many different keys as it touches.
    pub(crate) fn with(popularity: Popularity, plan: &Plan) -> Result<Self, Contradiction> {
        let (needed, count) = (plan.rows_range().1, popularity.count());
        if needed > count {
            return Err(Contradiction::at(
                "transaction.rows",
                format!(
                    "a transaction of {needed} rows needs {needed} different keys, and keys.count is {count}"
                ),
            ));
        }
        Ok(Self { popularity, grows: plan.insert_share() > 0.0 })
    }

    /// How many keys the load has.
    pub(crate) fn count(&self) -> u64 {
        self.popularity.count()
    }

    /// The keys of the load.
    pub(crate) fn loaded(&self) -> std::ops::RangeInclusive<i64> {
        1..=self.count() as i64
    }

    /// The key that an insert gives its row.
    pub(crate) fn inserted(&self, plan: &Plan, index: u64, row: u64) -> i64 {
        self.count() as i64 + 1 + plan.ordinal(index, row)
    }

    /// The key that an operation works on.
    pub(crate) fn key(&self, plan: &Plan, purpose: Purpose, index: u64) -> i64 {
        self.chosen(plan, index, plan.draws().at(purpose, index, 0))
    }

    /// The different keys that a transaction works on, in random order, so that two transactions may wait for each other.
    pub(crate) fn keys(&self, plan: &Plan, purpose: Purpose, index: u64) -> SmallVec<[i64; 1]> {
        let count = self.count() as i64;
        distinct(
            plan.rows(index),
            |sub| self.chosen(plan, index, plan.draws().at(purpose, index, sub)),
            |key| if key >= count { 1 } else { key + 1 },
        )
    }

    fn chosen(&self, plan: &Plan, index: u64, draw: u64) -> i64 {
        let place = self.popularity.place(draw);
        let oldest_first = place as i64 + 1;
        if !self.popularity.favours_the_newest() || !self.grows {
            return oldest_first;
        }
        // The n-th newest key, n from 0, should come from that many inserted rows ago. Which operations are inserts is known without
        // having seen them, so the estimate only has to be walked to the nearest one. It may not have committed yet, or never will.
        let age = self.count() - 1 - place;
        let (low, high) = plan.rows_range();
        let rows_per_operation = plan.insert_share() * (low + high) as f64 / 2.0;
        let back = (age as f64 / rows_per_operation) as u64;
        match index.checked_sub(back + 1).and_then(|from| plan.last_at_or_before(Action::Insert, from)) {
            Some(insert) => self.inserted(plan, insert, age % plan.rows(insert)),
            None => {
                let inserted = (index as f64 * rows_per_operation) as u64;
                (self.count() - age.saturating_sub(inserted)) as i64
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::COMMON;

    const TEST: Purpose = Purpose::named("test");

    fn latest(given: &[(&str, &str)]) -> (Plan, Keyspace) {
        let settings = given.iter().fold(
            Settings::defaults(COMMON).with(COMMON, "keys.distribution", "latest"),
            |settings, (name, text)| settings.with(COMMON, name, text),
        );
        let plan = Plan::new(&settings, 4).unwrap();
        (plan, Keyspace::new(&settings, &plan).unwrap())
    }

    /// "Latest" over the keys of the load alone would never read a new row, which is all that YCSB's workload D is about.
    #[test]
    fn the_latest_keys_are_recent_inserts_and_move_on() {
        let (plan, keys) = latest(&[("transaction.rows", "1..=3")]);
        for now in [5_000u64, 50_000] {
            let mut recent = 0;
            for index in now..now + 1_000 {
                let key = keys.key(&plan, TEST, index);
                let ordinal = u64::try_from(key - 1_001).unwrap_or(0);
                if key > 1_000 {
                    let insert = ordinal / 3;
                    assert!(insert < index, "key {key} is from the future of {index} with seed 4");
                    assert_eq!(plan.action(insert), Action::Insert, "nobody inserts key {key}, seed 4");
                    assert!(ordinal % 3 < plan.rows(insert), "key {key} is a row too far, seed 4");
                    recent += u32::from(index - insert < 100);
                }
            }
            assert!(recent > 300, "only {recent} of 1000 went to the last hundred operations, seed 4");
        }
    }

    #[test]
    fn before_any_insert_the_latest_keys_are_the_last_of_the_load() {
        let (plan, keys) = latest(&[]);
        let last =
            (0..1_000).filter(|sub| keys.chosen(&plan, 0, plan.draws().at(TEST, 0, *sub)) > 990).count();
        assert!(last > 300, "{last} with seed 4");
        let (plan, keys) = latest(&[("mix.insert", "0")]);
        assert!((0..1_000).all(|index| keys.loaded().contains(&keys.key(&plan, TEST, index))));
    }

    #[test]
    fn a_transaction_larger_than_the_key_space_is_refused() {
        let settings = Settings::defaults(COMMON).with(COMMON, "keys.count", "3").with(
            COMMON,
            "transaction.rows",
            "1..=4",
        );
        let plan = Plan::new(&settings, 1).unwrap();
        assert_eq!(Keyspace::new(&settings, &plan).unwrap_err().setting, "transaction.rows");
    }

    #[test]
    fn the_keys_of_a_transaction_differ() {
        for given in
            [[("keys.count", "4"), ("transaction.rows", "4")], [("keys.count", "4"), ("keys.theta", "9")]]
        {
            let (plan, keys) = latest(&given);
            for index in 0..500 {
                let mut chosen = keys.keys(&plan, TEST, index);
                chosen.sort_unstable();
                chosen.dedup();
                assert_eq!(chosen.len() as u64, plan.rows(index), "operation {index} with seed 4");
            }
        }
    }
}
