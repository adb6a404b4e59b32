//! The cells of the truth table that say "never", as data: for hunts longer than a test.

use crate::hazards::*;
use driftlab_check::ANOMALIES;
use driftlab_lab::explore::{AS_DECLARED, Cause, Tally};
use driftlab_scenario::Scenario;
use driftlab_strategies::StrategyEntry;

/// A strategy under hazards, and what it must not show there.
pub(crate) struct Cell {
    pub(crate) strategy: &'static str,
    pub(crate) hazards: &'static [Hazard],
    pub(crate) sinks: &'static str,
    pub(crate) never: Never,
    #[allow(dead_code, reason = "a search through every schedule asks for order alone")]
    pub(crate) rests_on: RestsOn,
}

/// What must not be shown, beside what the strategy's row does not allow.
#[derive(Clone, Copy)]
pub(crate) enum Never {
    /// These.
    These(&'static [&'static str]),
    /// Anything at all.
    Anything,
    /// Anything that stays.
    Lasting,
}

/// What the promise rests on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RestsOn {
    /// On order alone: it holds whoever is fast and whoever is slow.
    Order,
    /// On answers that come in time, too: what is given up as lost is not attempted again.
    Answers,
    /// On latencies too: a look back that is longer than the longest transaction, of the scenario's own latencies.
    Latencies,
}

impl RestsOn {
    /// Whether what rests on it can be held to the policy of a name.
    #[allow(dead_code, reason = "a search through every schedule asks for order alone")]
    pub(crate) fn bears(self, policy: &str) -> bool {
        match policy {
            AS_DECLARED => true,
            // Longer than timeouts, some of them.
            "wild" => self == Self::Order,
            _ => self != Self::Latencies,
        }
    }
}

const fn cell(strategy: &'static str, hazards: &'static [Hazard], sinks: &'static str, never: Never) -> Cell {
    Cell { strategy, hazards, sinks, never, rests_on: RestsOn::Order }
}

const LEASES: &str = "kind = \"cache_aside\"\nleases = true";
const OUTBOX: &str = "kind = \"outbox\"\npoll = \"10ms\"";
const CAREFUL: &str = "kind = \"outbox\"\npoll = \"10ms\"\ngaps = \"wait\"\ndeduplicate = true";
const SOURCED: &str = "kind = \"event_sourcing\"";
const VERSIONED: &str = "kind = \"dual_writes\"\nversioned = true";

/// All of them.
pub(crate) const CELLS: &[Cell] = &[
    cell("kind = \"batch_full\"\nevery = \"50ms\"", HAZARDS, COPIES, Never::Lasting),
    cell(
        "kind = \"batch_full\"\nevery = \"30ms\"\nread = \"paged\"\npage = 1",
        HAZARDS,
        COPIES,
        Never::Lasting,
    ),
    cell(
        "kind = \"batch_full\"\nevery = \"30ms\"\nload = \"in_place\"\npage = 1",
        HAZARDS,
        COPIES,
        Never::Lasting,
    ),
    Cell {
        strategy: "kind = \"batch_incremental\"\nevery = \"20ms\"\nlookback = \"2s\"\ndeletes = \"key_diff\"",
        hazards: HAZARDS,
        sinks: COPIES,
        never: Never::Lasting,
        rests_on: RestsOn::Latencies,
    },
    cell("kind = \"dual_writes\"", &[ROLLBACK], COPIES, Never::These(&["phantom", "early_visibility"])),
    cell(VERSIONED, HAZARDS, COPIES, Never::These(&["stale_overwrite", "resurrected", "phantom"])),
    Cell {
        strategy: VERSIONED,
        hazards: &[TWO_CLIENTS],
        sinks: COPIES,
        never: Never::Lasting,
        rests_on: RestsOn::Answers,
    },
    cell("kind = \"cache_aside\"", &[ROLLBACK], CACHE, Never::These(&["phantom"])),
    Cell {
        strategy: LEASES,
        hazards: &[READS],
        sinks: CACHE,
        never: Never::Lasting,
        rests_on: RestsOn::Answers,
    },
    cell(LEASES, &[READS_AND_DELETES], CACHE, Never::These(&["resurrected", "stale_overwrite"])),
    cell(
        OUTBOX,
        &[TWO_CLIENTS, CRASH, OUTAGE, ROLLBACK, RESTART],
        COPIES,
        Never::These(&["phantom", "stale_overwrite"]),
    ),
    cell(CAREFUL, HAZARDS, COPIES, Never::Lasting),
    cell(CAREFUL, HAZARDS, COUNTERS, Never::These(&["duplicate_effect", "missed_change"])),
    cell("kind = \"trigger_cdc\"\npoll = \"10ms\"\ngaps = \"wait\"", HAZARDS, COPIES, Never::Lasting),
    cell("kind = \"log_cdc\"", HAZARDS, COPIES, Never::Anything),
    cell("kind = \"log_cdc\"", HAZARDS, COUNTERS, Never::Anything),
    cell("kind = \"log_cdc\"", &[FAILOVER], COPIES, Never::Lasting),
    cell("kind = \"log_cdc\"", &[MOVED], COPIES, Never::Anything),
    cell("kind = \"log_cdc\"", &[MOVED], COUNTERS, Never::Anything),
    cell(
        "kind = \"log_cdc\"\npartitions = 4\napply = \"rows\"\nposition = \"checkpoint\"\nsnapshot = \"watermarked\"",
        HAZARDS,
        COPIES,
        Never::Lasting,
    ),
    cell(SOURCED, SEATS, COPIES, Never::Anything),
    cell(SOURCED, SEATS, COUNTERS, Never::Anything),
    cell("kind = \"event_sourcing\"\nsnapshots = 3", SEATS, COPIES, Never::Anything),
    cell("kind = \"event_sourcing\"\nposition = \"checkpoint\"", SEATS, COPIES, Never::Lasting),
    cell(
        "kind = \"event_sourcing\"\nexpected_version = false",
        SEATS,
        COPIES,
        Never::These(&["lost_update", "phantom", "duplicate_effect"]),
    ),
];

/// What two clients do in two transactions each, where a hazard lies in that alone.
const SMALL: &[Hazard] = &[
    ONE_KEY,
    Hazard { name: "deletes", mix: (1, 1, 0), ..ONE_KEY },
    Hazard { name: "two rows", keys: 2, transaction: Some(r#"rows = "2""#), ..ONE_KEY },
    Hazard { name: "roll back", transaction: Some("rollback = 0.5"), ..ONE_KEY },
];

const ONE_KEY: Hazard = Hazard { name: "one key", operations: 4, keys: 1, ..UPDATES };

/// The same with seats.
const SMALL_SEATS: &[Hazard] = &[
    ONE_SEAT,
    Hazard { name: "seats given back", inserts: 2, mix: (0, 1, 0), ..ONE_SEAT },
    Hazard { name: "two seats at once", keys: 2, transaction: Some(r#"rows = "2""#), ..ONE_SEAT },
];

const ONE_SEAT: Hazard = Hazard { name: "one seat", shape: "seats", inserts: 1, mix: (0, 0, 0), ..ONE_KEY };

impl Cell {
    /// What two clients do in it in two transactions each, with a name.
    pub(crate) fn smalls(&self) -> &'static [Hazard] {
        if self.hazards[0].shape == "seats" { SMALL_SEATS } else { SMALL }
    }

    /// What an exploration of it showed that it must not show, in words.
    pub(crate) fn broken_by(&self, scenario: &Scenario, tally: &Tally) -> Vec<String> {
        let choice = &scenario.strategies[0];
        let entry = StrategyEntry::named(choice.kind).expect("a parsed scenario names known strategies");
        let allowed = (entry.may_show)(&choice.settings);
        let mut broken = Vec::new();
        for entry in ANOMALIES {
            let Some(seen) = tally.anomalies.get(&entry.anomaly) else { continue };
            let of_it = |cause: &Cause| cause.anomaly == entry.anomaly && cause.is_permanent;
            let lasting = tally
                .causes
                .iter()
                .filter(|(cause, _)| of_it(cause))
                .map(|(_, seen)| seen)
                .max_by_key(|seen| seen.schedules.total());
            let wrong = match self.never {
                _ if !allowed.contains(&entry.name) => Some(seen),
                Never::These(names) => names.contains(&entry.name).then_some(seen),
                Never::Anything => Some(seen),
                Never::Lasting => lasting,
            };
            if let Some(seen) = wrong {
                broken.push(format!(
                    "{} in {}, first seed {}",
                    entry.name,
                    seen.schedules.total(),
                    seen.first
                ));
            }
        }
        broken
    }

    /// Its scenario under a hazard.
    pub(crate) fn text(&self, hazard: Hazard) -> String {
        hazard.scenario(self.strategy, self.sinks)
    }
}
