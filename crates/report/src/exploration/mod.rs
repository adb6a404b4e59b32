//! What an exploration of schedules came to: how often each anomaly shows, and the first case of each.

mod judge;
mod page;
mod table;

pub use judge::judge;
pub use page::{ToldFinding, html, markdown};
pub use table::render;

use driftlab_lab::explore::{AS_DECLARED, Exhausted, ExploreOptions, Explored, POLICIES, interval};
use driftlab_scenario::{Choice, Scenario};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the document; it grows when a reader of the one before would be misled.
pub const EXPLORATION_FORMAT: u32 = 1;

/// What stands in the place of a policy where every schedule there is was run.
pub const EVERY_SCHEDULE: &str = "every schedule";

/// An exploration of all strategies of a scenario, or a shard of one: shards of one exploration add up ([`Exploration::add`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exploration {
    /// The version of the document.
    pub format: u32,
    /// The version of driftlab that wrote it.
    pub driftlab: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Its digest.
    pub digest: String,
    /// Its text, whose expectations are judged again where shards are put together.
    #[serde(default)]
    pub text: String,
    /// The first seed.
    pub first_seed: u64,
    /// How many seeds from there on, over all shards.
    pub seeds: u64,
    /// Which shards are in it, and of how many.
    pub shards: Vec<u64>,
    /// How many shards the seeds were split into.
    pub of_shards: u64,
    /// Whether it was interrupted: then not all schedules were run.
    pub interrupted: bool,
    /// What each strategy showed, in the order of the scenario.
    pub strategies: Vec<StrategyExploration>,
}

/// What the schedules of one strategy showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrategyExploration {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// How many schedules were run, by policy.
    pub schedules: BTreeMap<String, u64>,
    /// In how many states somebody had to be chosen, where schedules were counted by the states that they come to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub states: Option<u64>,
    /// How many of them never came to rest.
    pub unsettled: u64,
    /// What they showed, by anomaly.
    pub anomalies: BTreeMap<String, AnomalyExploration>,
}

/// In how many schedules an anomaly was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnomalyExploration {
    /// By policy; those that never showed it are left out.
    pub schedules: BTreeMap<String, u64>,
    /// The first seed that showed it.
    pub first_seed: u64,
    /// The file of the first case, below the folder of results.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finding: Option<String>,
}

impl Exploration {
    /// An exploration without strategies yet.
    #[must_use]
    pub fn new(scenario: &Scenario, options: &ExploreOptions) -> Self {
        Self {
            format: EXPLORATION_FORMAT,
            driftlab: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario.name.clone(),
            title: scenario.title.clone(),
            digest: scenario.digest.clone(),
            text: scenario.text.clone(),
            first_seed: options.first,
            seeds: options.seeds,
            shards: vec![options.shard.0],
            of_shards: options.shard.1,
            interrupted: false,
            strategies: Vec::new(),
        }
    }

    /// Adds what another shard of the same exploration came to.
    ///
    /// # Errors
    /// Why the two are no shards of one exploration.
    pub fn add(&mut self, other: &Self) -> Result<(), String> {
        let same = [
            ("versions of driftlab", self.driftlab == other.driftlab),
            ("scenarios", self.digest == other.digest),
            ("seeds", (self.first_seed, self.seeds) == (other.first_seed, other.seeds)),
            ("numbers of shards", self.of_shards == other.of_shards),
        ];
        if let Some((what, _)) = same.iter().find(|(_, same)| !same) {
            return Err(format!("these are no shards of one exploration: their {what} differ"));
        }
        if let Some(twice) = other.shards.iter().find(|shard| self.shards.contains(shard)) {
            return Err(format!("shard {twice} of {} is in both", self.of_shards));
        }
        self.shards.extend(&other.shards);
        self.shards.sort_unstable();
        self.interrupted |= other.interrupted;
        for theirs in &other.strategies {
            match self.strategies.iter_mut().find(|mine| mine.name == theirs.name) {
                Some(mine) => mine.add(theirs),
                None => self.strategies.push(theirs.clone()),
            }
        }
        Ok(())
    }

    /// The shards that are not in it.
    #[must_use]
    pub fn missing(&self) -> Vec<u64> {
        (0..self.of_shards).filter(|shard| !self.shards.contains(shard)).collect()
    }

    /// The exploration of a text that [`Exploration::json`] gave.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let exploration: Self =
            serde_json::from_str(text).map_err(|error| format!("this is no exploration: {error}"))?;
        if exploration.format > EXPLORATION_FORMAT {
            return Err(format!(
                "it was written by driftlab {}, in a newer format than this driftlab reads",
                exploration.driftlab
            ));
        }
        Ok(exploration)
    }

    /// Its text.
    ///
    /// # Panics
    /// Never: it has text keys and whole numbers, which JSON can always say.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("text keys and whole numbers") + "\n"
    }
}

impl StrategyExploration {
    /// What an exploration of a strategy counted.
    #[must_use]
    pub fn of(choice: &Choice, explored: &Explored) -> Self {
        let by_policy = |counts: &[u64]| {
            let named = POLICIES.iter().zip(counts).filter(|(_, count)| **count > 0);
            named.map(|(policy, count)| (policy.name.to_owned(), *count)).collect()
        };
        let anomalies = explored.tally.anomalies.iter().map(|(anomaly, seen)| {
            let seen = AnomalyExploration {
                schedules: by_policy(&seen.schedules.0),
                first_seed: seen.first,
                finding: None,
            };
            (anomaly.name().to_owned(), seen)
        });
        Self {
            name: choice.name.clone(),
            kind: choice.kind.to_owned(),
            schedules: by_policy(&explored.tally.schedules.0),
            states: None,
            unsettled: explored.tally.unsettled,
            anomalies: anomalies.collect(),
        }
    }

    /// What a search through every schedule of a strategy counted.
    #[must_use]
    pub fn of_every(choice: &Choice, every: &Exhausted) -> Self {
        let count = |schedules: u64| BTreeMap::from([(EVERY_SCHEDULE.to_owned(), schedules)]);
        let anomalies = every.tally.anomalies.iter().map(|(anomaly, seen)| {
            let schedules = count(seen.schedules.total());
            let seen = AnomalyExploration { schedules, first_seed: seen.first, finding: None };
            (anomaly.name().to_owned(), seen)
        });
        Self {
            name: choice.name.clone(),
            kind: choice.kind.to_owned(),
            schedules: count(every.schedules),
            states: every.states,
            unsettled: every.tally.unsettled,
            anomalies: anomalies.collect(),
        }
    }

    /// Whether every schedule there is was run, unless the search was cut short.
    #[must_use]
    pub fn is_exhaustive(&self) -> bool {
        self.schedules.contains_key(EVERY_SCHEDULE)
    }

    /// How many schedules were run.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.schedules.values().sum()
    }

    /// How often an anomaly shows where latencies are as the scenario has them: seen, of how many, and the 95 % interval of its rate.
    #[must_use]
    pub fn natural(&self, anomaly: &AnomalyExploration) -> Natural {
        let seen = anomaly.schedules.get(AS_DECLARED).copied().unwrap_or(0);
        let of = self.schedules.get(AS_DECLARED).copied().unwrap_or(0);
        Natural { seen, of, interval: interval(seen, of) }
    }

    fn add(&mut self, other: &Self) {
        add_counts(&mut self.schedules, &other.schedules);
        self.unsettled += other.unsettled;
        for (name, theirs) in &other.anomalies {
            match self.anomalies.get_mut(name) {
                None => drop(self.anomalies.insert(name.clone(), theirs.clone())),
                Some(mine) => {
                    add_counts(&mut mine.schedules, &theirs.schedules);
                    if theirs.first_seed < mine.first_seed {
                        mine.first_seed = theirs.first_seed;
                        mine.finding.clone_from(&theirs.finding);
                    }
                }
            }
        }
    }
}

impl AnomalyExploration {
    /// In how many schedules it was seen.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.schedules.values().sum()
    }
}

/// How often an anomaly shows where latencies are as the scenario has them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Natural {
    /// In so many schedules.
    pub seen: u64,
    /// Of so many.
    pub of: u64,
    /// The 95 % interval of its rate.
    pub interval: (f64, f64),
}

fn add_counts(mine: &mut BTreeMap<String, u64>, theirs: &BTreeMap<String, u64>) {
    for (policy, count) in theirs {
        *mine.entry(policy.clone()).or_default() += count;
    }
}
