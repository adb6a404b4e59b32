//! How a sink fared that joined a run: how far back it reaches, and what that cost.

use crate::pool::Pool;
use driftlab_check::{Held, Joining};
use driftlab_model::{Span, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a sink fared that joined a run, empty; counts are over all seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JoiningSummary {
    /// When it joined.
    pub joined_nanos: u64,
    /// In how many runs.
    pub runs: u64,
    /// In how many of them it came to its first complete load.
    pub filled: u64,
    /// The longest that took, from when it joined.
    pub filled_max_nanos: Option<u64>,
    /// Changes that it was given until then.
    pub given: u64,
    /// What it holds of history at the end; `None` where it shows the newest row of each key and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<PastSummary>,
    /// The p99 of the staleness of the others before it joined; of the worst of them.
    pub others_before_p99_nanos: Option<u64>,
    /// The most staleness of any of the others from when it joined until its first complete load.
    pub others_meanwhile_max_nanos: Option<u64>,
}

/// What a sink that joined holds of what had happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PastSummary {
    /// How long before it joined the last thing happened that it does not know, in the worst run: as far back as this it knows everything.
    pub reach_nanos: u64,
    /// Whether it knows everything from the beginning on, in all runs.
    pub to_the_beginning: bool,
    /// What had happened before it joined, and how much of that it knows.
    pub before: PartSummary,
    /// What has happened since.
    pub since: PartSummary,
    /// Whose history it is: `customers`.
    pub subjects: String,
    /// Those to whom something had happened before it joined, and of how many it knows all of it.
    pub whole_subjects: PartSummary,
    /// Rows that were there when it joined because of what had happened, and how many of them it has, or what became of them.
    pub standing: PartSummary,
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartSummary {
    /// How many.
    pub held: u64,
    /// Of how many.
    pub of: u64,
}

impl JoiningSummary {
    /// `None` where the sink is there from the beginning.
    pub(crate) fn of(pool: &Pool) -> Option<Self> {
        let first = pool.joinings.first()?;
        let mut all = Self {
            joined_nanos: first.joined.nanos(),
            runs: 0,
            filled: 0,
            filled_max_nanos: None,
            given: 0,
            past: None,
            others_before_p99_nanos: None,
            others_meanwhile_max_nanos: None,
        };
        pool.joinings.iter().for_each(|one| all.add(one));
        Some(all)
    }

    fn add(&mut self, one: &Joining) {
        let took = one.loaded.map(|loaded: Time| (loaded - one.joined).nanos());
        self.runs += 1;
        self.filled += u64::from(took.is_some());
        self.filled_max_nanos = self.filled_max_nanos.max(took);
        self.given += one.taken;
        let most =
            |of: fn(&driftlab_check::Meanwhile) -> Span| one.meanwhile.iter().map(of).max().map(Span::nanos);
        self.others_before_p99_nanos = self.others_before_p99_nanos.max(most(|other| other.before));
        self.others_meanwhile_max_nanos =
            self.others_meanwhile_max_nanos.max(most(|other| other.staleness_max));
        let Some(past) = &one.past else { return };
        let ours = self.past.get_or_insert_with(|| PastSummary {
            reach_nanos: u64::MAX,
            to_the_beginning: true,
            subjects: past.subjects_name.to_owned(),
            ..PastSummary::default()
        });
        ours.reach_nanos = ours.reach_nanos.min(past.reach.nanos());
        ours.to_the_beginning &= past.is_whole;
        ours.before.add(past.before);
        ours.since.add(past.since);
        ours.whole_subjects.add(past.subjects);
        ours.standing.add(past.standing);
    }
}

impl PartSummary {
    fn add(&mut self, other: Held) {
        self.held += other.held;
        self.of += other.of;
    }
}
