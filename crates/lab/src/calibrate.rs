//! Calibration: how long this machine's stores take, measured through the same ports as everything else.

use crate::error::RunError;
use crate::world::{Reproducible, WorldEntry, measure};
use driftlab_embedded::NodeLatency;
use driftlab_model::{Datum, Span};
use driftlab_scenario::{Overrides, Profile, Registries, Scenario};

/// One client at a time, so that a request is measured and not the queue before it; writes only, because a virtual store has one latency for all requests, and
/// it is the writes that make a copy late. Row by row, with the position kept elsewhere: most strategies write so, and an atomic step, for which a search index
/// has to commit, would make a latency of tens of milliseconds that all their requests are then charged with.
const SCENARIO: &str = r#"
title = "Calibration"

[world]
kind = "embedded"

[workload]
shape = "kv"
clients = 1
think = "2ms"
keys = { count = 1000, distribution = "uniform" }
mix = { insert = 1, update = 8, delete = 1, read = 0 }

[[sink]]
kind = "cache"

[[sink]]
kind = "search"
refresh = "100ms"

[[sink]]
kind = "warehouse"

[[strategy]]
kind = "log_cdc"
apply = "rows"
position = "checkpoint"
"#;

/// What was measured of the stores of this machine, and the profile that follows from it.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// Each node: the source, the log, the checkpoint store, the sinks.
    pub nodes: Vec<NodeLatency>,
}

impl Calibration {
    /// The latencies that virtual stores would be given to be like these.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let latencies = self.nodes.iter().map(|node| (node.node.clone(), node.as_latency()));
        Profile { latencies: latencies.collect() }
    }
}

/// Lets one client write to this machine's SQLite for so long, lets a log-based capture bring its changes to one sink of each kind, and measures all requests, unless it is interrupted.
///
/// # Errors
/// What failed.
///
/// # Panics
/// When its own scenario cannot be read: a fault of driftlab's.
pub fn calibrate(lasting: Span, interrupted: &dyn Fn() -> bool) -> Result<Calibration, RunError> {
    let overrides = Overrides { duration: Some(lasting), ..Overrides::default() };
    let scenario = Scenario::parse(SCENARIO, "calibration", &overrides, &Registries::standard());
    let scenario = scenario.unwrap_or_else(|problems| panic!("the calibration's own scenario: {problems:?}"));
    Ok(Calibration { nodes: measure(&scenario, &scenario.strategies[0], interrupted)? })
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
