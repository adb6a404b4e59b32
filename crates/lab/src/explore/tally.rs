//! What an exploration counted: added up from any number of threads or shards, in any order, to the same sums.

use super::policy::POLICIES;
use driftlab_check::{Anomaly, Finding, Judgement, Until};
use driftlab_model::SinkId;
use std::collections::BTreeMap;

/// How often something was seen, by policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByPolicy(pub [u64; POLICIES.len()]);

impl ByPolicy {
    /// Over all policies.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine += theirs);
    }
}

/// In how many schedules something was seen, and in which first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// In how many.
    pub schedules: ByPolicy,
    /// The first seed that showed it.
    pub first: u64,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.schedules.add(&other.schedules);
        self.first = self.first.min(other.first);
    }
}

/// What makes two findings one: the anomaly, where it shows, and whether it stays. Not the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The anomaly.
    pub anomaly: Anomaly,
    /// Where it shows.
    pub sink: Option<SinkId>,
    /// Whether it stays.
    pub is_permanent: bool,
}

impl Cause {
    /// The cause of a finding.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self { anomaly: finding.anomaly, sink: finding.sink, is_permanent: finding.until == Until::Permanent }
    }
}

/// What an exploration of one strategy counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Schedules that were run.
    pub schedules: ByPolicy,
    /// Those that never came to rest, where nothing can be called permanent.
    pub unsettled: u64,
    /// In how many each anomaly was seen.
    pub anomalies: BTreeMap<Anomaly, Seen>,
    /// The same by cause.
    pub causes: BTreeMap<Cause, Seen>,
}

impl Tally {
    /// Counts one run.
    pub(crate) fn count(&mut self, policy: usize, seed: u64, judgement: &Judgement) {
        self.schedules.0[policy] += 1;
        self.unsettled += u64::from(!judgement.quiescent);
        if judgement.findings.is_empty() {
            return;
        }
        let mut one = ByPolicy::default();
        one.0[policy] = 1;
        let seen = Seen { schedules: one, first: seed };
        let mut anomalies: Vec<Anomaly> = judgement.findings.iter().map(|finding| finding.anomaly).collect();
        anomalies.sort_unstable();
        anomalies.dedup();
        for anomaly in anomalies {
            merge(&mut self.anomalies, anomaly, &seen);
        }
        let mut causes: Vec<Cause> = judgement.findings.iter().map(Cause::of).collect();
        causes.sort_unstable();
        causes.dedup();
        for cause in causes {
            merge(&mut self.causes, cause, &seen);
        }
    }

    /// Counts runs that all had the same causes; `first` gives the first seed that had one.
    pub(crate) fn count_many(
        &mut self,
        policy: usize,
        runs: u64,
        causes: &[Cause],
        first: impl Fn(&Cause) -> u64,
    ) {
        self.schedules.0[policy] += runs;
        let mut anomalies: BTreeMap<Anomaly, u64> = BTreeMap::new();
        let seen = |first: u64| {
            let mut schedules = ByPolicy::default();
            schedules.0[policy] = runs;
            Seen { schedules, first }
        };
        for cause in causes {
            let first = first(cause);
            merge(&mut self.causes, *cause, &seen(first));
            let earliest = anomalies.entry(cause.anomaly).or_insert(first);
            *earliest = first.min(*earliest);
        }
        anomalies.into_iter().for_each(|(anomaly, first)| merge(&mut self.anomalies, anomaly, &seen(first)));
    }

    /// Adds what somebody else counted over other seeds.
    pub fn add(&mut self, other: &Self) {
        self.schedules.add(&other.schedules);
        self.unsettled += other.unsettled;
        other.anomalies.iter().for_each(|(anomaly, seen)| merge(&mut self.anomalies, *anomaly, seen));
        other.causes.iter().for_each(|(cause, seen)| merge(&mut self.causes, *cause, seen));
    }
}

fn merge<K: Ord>(all: &mut BTreeMap<K, Seen>, key: K, seen: &Seen) {
    all.entry(key).and_modify(|there| there.add(seen)).or_insert_with(|| seen.clone());
}
