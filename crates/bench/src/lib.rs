//! What the benchmarks share: scenarios as text, and stages that run them again and again.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "benchmarks measure this machine; what they measure stays deterministic"
)]

pub mod embedded;
mod worked;

pub use worked::worked;

use driftlab_check::{Checker, Judgement};
use driftlab_lab::{Reel, Stage};
use driftlab_model::{History, Observer, Span};
use driftlab_scenario::{Overrides, Registries, Scenario};
use driftlab_sim::world::RunSummary;
use driftlab_strategies::StrategyEntry;
use mimalloc::MiMalloc;
use std::cell::RefCell;
use std::rc::Rc;

/// The command's own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The strategies that copy rows of any shape. Event sourcing has a domain of its own, and no place beside them on the shape that all are measured on.
pub fn general_strategies() -> impl Iterator<Item = &'static StrategyEntry> {
    driftlab_lab::strategies().iter().filter(|entry| entry.name != "event_sourcing")
}

/// A scenario of the benchmarks' own.
///
/// # Panics
/// When the text is no scenario.
#[must_use]
pub fn scenario(text: &str) -> Scenario {
    Scenario::parse(text, "bench.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// One copy of each kind, as a scenario says it.
pub const THREE_SINKS: &str = r#"
[[sink]]
kind = "cache"
[[sink]]
kind = "search"
[[sink]]
kind = "warehouse"
"#;

/// The only strategy of a scenario on its stage.
///
/// # Panics
/// When its settings contradict each other.
#[must_use]
pub fn stage(scenario: &Scenario) -> Stage {
    Stage::new(scenario, &scenario.strategies[0], None).unwrap_or_else(|error| panic!("{error}"))
}

/// So many writers, one key, one write each: the smallest race there is.
#[must_use]
pub fn race(writers: u32) -> Scenario {
    scenario(&format!(
        r#"
title = "a race"
[world]
duration = "1h"
[source]
latency = "exp(1us)"
timeout = "10h"
[workload]
shape = "kv"
clients = {writers}
operations = {writers}
keys = {{ count = 1, distribution = "uniform" }}
mix = {{ insert = 0, update = 1, delete = 0, read = 0 }}
[[sink]]
kind = "warehouse"
latency = "exp(1us)"
timeout = "10h"
[[strategy]]
kind = "dual_writes"
"#
    ))
}

/// A stage that is run for one seed after another: recorded, hashed and checked.
pub struct Races {
    stage: Stage,
    reel: Reel<RunSummary>,
    checker: Checker,
    seed: u64,
}

impl Races {
    /// Ready for the first seed.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let stage = stage(scenario);
        let checker = stage.checker().anomalies_only();
        Self { stage, reel: Reel::default(), checker, seed: 0 }
    }

    /// Runs the next seeds, so many, judges them, and shows each with its judgement.
    pub fn run(&mut self, seeds: u64, mut see: impl FnMut(RunSummary, &Judgement)) {
        for _ in 0..seeds {
            self.seed += 1;
            self.stage.prepare(self.seed);
            let recorder = self.reel.recorder();
            self.reel.cut(self.stage.world().run(self.seed, recorder, Span::from_secs(7_200), &mut |_| true));
            if self.reel.is_full() {
                self.reel.judge(&mut self.checker, &mut see);
            }
        }
        self.reel.judge(&mut self.checker, see);
    }
}

/// Records the history of a scenario's only strategy.
#[must_use]
pub fn record(scenario: &Scenario) -> History {
    let stage = stage(scenario);
    stage.prepare(1);
    let history = Rc::new(RefCell::new(History { cast: stage.world().cast(), events: Vec::new() }));
    let observer: Rc<RefCell<dyn Observer>> = history.clone();
    stage.world().run(1, observer, Span::from_secs(7_200), &mut |_| true);
    history.take()
}
