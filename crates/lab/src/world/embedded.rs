//! The real world without a server.

use super::{Arena, Ended, Reproducible, WorldEntry};
use crate::company::{Company, checker, faults, settle, store_of, strategy_of};
use crate::error::RunError;
use driftlab_check::Checker;
use driftlab_embedded::{
    BackendEntry, Begin, Durability, NodeConfig, NodeLatency, SinkConfig, Stamps, World, WorldConfig,
    WorldError,
};
use driftlab_model::{Event, Observer, Settings, Span, Time, TraceHash};
use driftlab_scenario::{Choice, Refusal, Scenario};
use driftlab_workload::{Crew, Dataset};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

pub(super) const ENTRY: WorldEntry = WorldEntry {
    name: "embedded",
    summary: "real stores inside this process, in real time: SQLite, a segment file log, moka, tantivy, Parquet",
    reproducible: Reproducible::Statistically,
    refuses,
    notes,
    stage: |scenario, choice, dataset| Ok(Box::new(Embedded::new(scenario, choice, dataset)?)),
};

/// What real stores do in their own time. Declared, it is what simulated ones would take.
const TIMES: [&str; 3] = ["latency", "per_row", "network"];

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
                served: company.strategy.serves(entry.kind),
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

/// How long the requests of a strategy took, node by node, in one run of the scenario's first seed.
pub(crate) fn measure(scenario: &Scenario, choice: &Choice) -> Result<Vec<NodeLatency>, RunError> {
    let stage = Embedded::new(scenario, choice, None)?;
    let nobody: Rc<RefCell<dyn Observer>> = Rc::new(RefCell::new(TraceHash::default()));
    let seed = scenario.world.count("seed");
    stage.crew.reset(seed, None);
    let summary = stage.world.run(seed, nobody, GLANCE, &mut |_| true);
    Ok(summary.map_err(|error| failed(stage.strategy, error))?.latencies)
}

impl Arena for Embedded {
    fn checker(&self) -> Checker {
        checker(&self.world.cast(), &self.crew)
    }

    fn processes(&self) -> Vec<String> {
        self.world.cast().processes
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
        Ok(Ended { quiescent: summary.quiescent, trace, steps: 0 })
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

/// Copies that there is no real store for, and what the real stores cannot be made to do.
fn refuses(scenario: &Scenario) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (number, sink) in scenario.sinks.iter().enumerate() {
        let mut refuse = |key, message, expected| {
            refusals.push(Refusal { section: "sink", number, key, message, expected });
        };
        let Some(entry) = BackendEntry::named(sink.kind) else {
            let message = format!("there is no real store of the kind `{}` in the embedded world", sink.kind);
            refuse("kind", message, "use it in the virtual world".to_owned());
            continue;
        };
        for inapt in entry.inapt {
            let idle = Settings::defaults(store_of(sink).settings);
            if sink.settings.get(inapt.setting) != idle.get(inapt.setting) {
                let message = format!("the {} of the embedded world {}", sink.kind, inapt.reason);
                refuse(inapt.setting, message, "leave it out, or use the virtual world".to_owned());
            }
        }
    }
    refusals
}

/// What is to be known of real stores; and declared times, because they take the time that they take.
fn notes(scenario: &Scenario) -> Vec<String> {
    let named = [("source", "the source"), ("log", "the log"), ("checkpoint", "the checkpoint store")];
    let fixed = named.iter().map(|(section, name)| (*section, 0, (*name).to_owned()));
    let sinks = scenario.sinks.iter().enumerate().map(|(number, sink)| ("sink", number, sink.name.clone()));
    let timed = fixed
        .chain(sinks)
        .filter(|(section, number, _)| TIMES.iter().any(|key| scenario.gives(section, *number, key)));
    let timed: Vec<String> = timed.map(|(_, _, name)| name).collect();
    let mut notes = vec![
        "Real stores in real time: another run of the same seed has the same clients and the same faults, and not the same events.".to_owned(),
        "SQLite lets one transaction write at a time, so numbers and stamps follow the order of commits: what a late commit does to those who read by them cannot be seen here.".to_owned(),
    ];
    if scenario.world.text_if_set("profile").is_some() {
        notes.push("The profile of the scenario is for virtual stores, and was not used.".to_owned());
    }
    if !timed.is_empty() {
        notes.push(format!(
            "The times that the scenario declares for {} are not simulated: real stores take the time that they take.",
            timed.join(", ")
        ));
    }
    notes
}
