//! Calibration: how long this machine's stores take, measured through the same ports as everything else.

use crate::error::RunError;
use crate::world::{Reproducible, WorldEntry, measure};
use driftlab_embedded::{Measurements, NodeLatency};
use driftlab_model::{Datum, Span};
use driftlab_scenario::{Overrides, Profile, Registries, Scenario};
use std::sync::Arc;

/// Loads at which few requests wait for others, the second so low that everybody has slept before: a machine that is seldom asked is slow to answer.
const RATES: [&str; 2] = ["150/s", "30/s"];

/// A moderate load, so that requests are measured and not the queues before them, and copies of each kind. Every way of writing to them has its turn: together
/// they send each kind of request, alone and in groups of many sizes, because a batch of twenty rows does not take twenty times what a row takes. The index
/// is refreshed no more often than in most scenarios: everything is slower while it is.
const SCENARIO: &str = r#"
title = "Calibration"

[world]
kind = "embedded"

[workload]
shape = "kv"
clients = 8
rate = "RATE"
arrivals = "poisson"
keys = { count = 2000, distribution = "uniform" }
mix = { insert = 1, update = 8, delete = 1, read = 3 }
transaction = { rows = "1..=4" }

[[sink]]
kind = "cache"

[[sink]]
kind = "search"
refresh = "300ms"

[[sink]]
kind = "warehouse"

[[strategy]]
name = "row by row out of the log"
kind = "log_cdc"
apply = "rows"
position = "checkpoint"

[[strategy]]
name = "transactions out of the log"
kind = "log_cdc"

[[strategy]]
kind = "outbox"
poll = "20ms"

[[strategy]]
name = "outbox that is emptied"
kind = "outbox"
poll = "50ms"
remove = "delete_rows"

[[strategy]]
kind = "trigger_cdc"
poll = "20ms"

[[strategy]]
kind = "dual_writes"

[[strategy]]
kind = "cache_aside"

[[strategy]]
name = "cache_aside with leases"
kind = "cache_aside"
leases = true

[[strategy]]
name = "changed rows one by one"
kind = "batch_incremental"
every = "100ms"

[[strategy]]
name = "changed rows in one step"
kind = "batch_incremental"
every = "200ms"
apply = "batch"
deletes = "key_diff"

[[strategy]]
kind = "batch_full"
every = "300ms"
"#;

/// What was measured of the stores of this machine, and the profile that follows from it.
#[derive(Clone, Debug)]
pub struct Calibration {
    measured: Measurements,
}

impl Calibration {
    /// How long the requests to each node took, in short: the source, the log, the checkpoint store, the sinks.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeLatency> {
        self.measured.latencies()
    }

    /// The times that virtual stores would be given to be like these.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let latencies = self.nodes().into_iter().map(|node| (node.node.clone(), node.as_latency()));
        Profile { latencies: latencies.collect(), times: Some(Arc::new(self.measured.times())) }
    }
}

/// Lets clients write to this machine's SQLite for so long, with each way of bringing their changes to one sink of each kind in turn, and measures everything,
/// unless it is interrupted.
///
/// # Errors
/// What failed.
///
/// # Panics
/// When its own scenario cannot be read: a fault of driftlab's.
pub fn calibrate(lasting: Span, interrupted: &dyn Fn() -> bool) -> Result<Calibration, RunError> {
    let parse = |rate, duration| {
        let overrides = Overrides { duration, ..Overrides::default() };
        let text = SCENARIO.replace("RATE", rate);
        let scenario = Scenario::parse(&text, "calibration", &overrides, &Registries::standard());
        scenario.unwrap_or_else(|problems| panic!("the calibration's own scenario: {problems:?}"))
    };
    let runs = RATES.len() * parse(RATES[0], None).strategies.len();
    let each = lasting.scaled(1.0 / runs as f64).max(Span::from_millis(1));
    let mut measured = Measurements::default();
    for rate in RATES {
        let scenario = parse(rate, Some(each));
        for strategy in &scenario.strategies {
            measured.extend(measure(&scenario, strategy, interrupted)?);
        }
    }
    Ok(Calibration { measured })
}

/// The scenario that predicts what real stores will do: the same in the virtual world, with the times of the profile that it names. `None` where it names none, or
/// is virtual already.
#[must_use]
pub fn predicting(scenario: &Scenario) -> Option<Scenario> {
    let is_real = WorldEntry::of(scenario).reproducible == Reproducible::Statistically;
    scenario.world.text_if_set("profile").filter(|_| is_real)?;
    let mut twin = scenario.clone();
    twin.world.set("kind", Datum::Word("virtual"));
    Some(twin)
}
