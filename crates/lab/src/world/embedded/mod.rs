//! The real world without a server.

mod limits;

use super::{Arena, Ended, Reproducible, WorldEntry};
use crate::company::{Company, checker, faults, joins, settle, strategy_of};
use crate::error::RunError;
use driftlab_check::Checker;
use driftlab_embedded::{
    BackendEntry, Begin, Durability, Measurements, NodeConfig, SinkConfig, Stamps, World, WorldConfig,
    WorldError,
};
use driftlab_model::{Cast, Compaction, Event, Observer, Settings, Span, Time, TraceHash};
use driftlab_scenario::{Choice, Scenario};
use driftlab_workload::{Crew, Dataset};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

pub(super) const ENTRY: WorldEntry = WorldEntry {
    name: "embedded",
    summary: "real stores inside this process, in real time: SQLite, a segment file log, moka, tantivy, Parquet",
    reproducible: Reproducible::Statistically,
    refuses: limits::refuses,
    notes: limits::notes,
    stage: |scenario, choice, dataset| Ok(Box::new(Embedded::new(scenario, choice, dataset)?)),
};

/// The longest time between two glances at a run: whoever interrupts it does not wait longer.
const GLANCE: Span = Span::from_millis(100);

struct Embedded {
    strategy: String,
    world: Rc<World>,
    crew: Rc<Crew>,
}

impl Embedded {
    fn new(scenario: &Scenario, choice: &Choice, dataset: Option<&Arc<Dataset>>) -> Result<Self, RunError> {
        let company = Company::of(scenario, strategy_of(choice)?, dataset)?;
        let sinks = scenario.sinks.iter().map(|sink| {
            let entry = BackendEntry::named(sink.kind).expect("a scenario without a real store was refused");
            SinkConfig {
                name: sink.name.clone(),
                entry,
                settings: sink.settings.clone(),
                timeout: sink.settings.span("timeout"),
                served: company.serves(sink),
                joins: joins(sink),
            }
        });
        let config = WorldConfig {
            strategy: choice.name.clone(),
            demands: company.strategy.demands(),
            schema: company.shape.schema(),
            load: company.shape.load(),
            source: node(&scenario.source),
            begin: match scenario.source.word("isolation") {
                "snapshot" => Begin::Deferred,
                _ => Begin::Immediate,
            },
            stamps: match scenario.source.word("stamps") {
                "application" => Stamps::Application,
                _ => Stamps::Database,
            },
            retain_bytes: scenario.source.count_if_set("retain"),
            log: node(&scenario.log),
            log_compaction: Compaction::from_settings(&scenario.log),
            checkpoint: node(&scenario.checkpoint),
            sinks: sinks.collect(),
            faults: faults(scenario)?,
            // Faults end processes and never the machine, so to wait for the disk would be paid for nothing.
            durability: Durability::Process,
            duration: scenario.world.span("duration"),
            settle: settle(scenario),
        };
        let world = World::new(config).map_err(|error| failed(choice.name.clone(), error))?;
        let crew = company.enter(&world, scenario);
        Ok(Self { strategy: choice.name.clone(), world, crew })
    }
}

/// How long everything took in one run of the scenario's first seed with a strategy, unless it is interrupted.
pub(crate) fn measure(
    scenario: &Scenario,
    choice: &Choice,
    interrupted: &dyn Fn() -> bool,
) -> Result<Measurements, RunError> {
    let stage = Embedded::new(scenario, choice, None)?;
    let nobody: Rc<RefCell<dyn Observer>> = Rc::new(RefCell::new(TraceHash::default()));
    let seed = scenario.world.count("seed");
    stage.crew.reset(seed, None);
    let summary = stage.world.run(seed, nobody, GLANCE, &mut |_| !interrupted());
    let summary = summary.map_err(|error| failed(stage.strategy, error))?;
    if interrupted() { Err(RunError::Interrupted) } else { Ok(summary.measurements) }
}

impl Arena for Embedded {
    fn checker(&self) -> Checker {
        checker(&self.world.cast(), &self.crew)
    }

    fn cast(&self) -> Cast {
        self.world.cast()
    }

    fn run(
        &self,
        seed: u64,
        observer: Rc<RefCell<dyn Observer>>,
        every: Span,
        watch: &mut dyn FnMut(Time) -> bool,
    ) -> Result<Ended, RunError> {
        self.crew.reset(seed, None);
        let traced = Rc::new(RefCell::new(Traced { observer, trace: TraceHash::default() }));
        let summary = self
            .world
            .run(seed, traced.clone(), every.min(GLANCE), watch)
            .map_err(|error| failed(format!("{}, seed {seed}", self.strategy), error))?;
        let trace = traced.borrow().trace.value();
        Ok(Ended { quiescent: summary.quiescent, trace, steps: 0, compacted_log: None })
    }
}

/// Tells an observer everything, and keeps the hash of it.
struct Traced {
    observer: Rc<RefCell<dyn Observer>>,
    trace: TraceHash,
}

impl Observer for Traced {
    fn observe(&mut self, at: Time, event: &Event) {
        self.trace.observe(at, event);
        self.observer.borrow_mut().observe(at, event);
    }
}

fn node(settings: &Settings) -> NodeConfig {
    NodeConfig {
        servers: u32::try_from(settings.count("servers")).unwrap_or(u32::MAX),
        timeout: settings.span("timeout"),
    }
}

fn failed(strategy: String, error: WorldError) -> RunError {
    RunError::World { strategy, error: Box::new(error) }
}
