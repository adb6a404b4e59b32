//! Worlds of real stores with real strategies and clients in them.
#![allow(dead_code, reason = "each test binary uses some of it")]

mod faults;

#[allow(unused_imports, reason = "each test binary uses some of it")]
pub(crate) use faults::fault;

use driftlab_check::{Checker, Judgement};
use driftlab_embedded::{
    BackendEntry, Begin, Durability, NodeConfig, RunSummary, SinkConfig, Stamps, World, WorldConfig,
};
use driftlab_fault::Fault;
use driftlab_model::port::{Strategy, Topology};
use driftlab_model::{Event, History, Observer, Role, Setting, Settings, SinkId, Span, Time};
use driftlab_sim::store::StoreEntry;
use driftlab_strategies::StrategyEntry;
use driftlab_workload::{Arrivals, COMMON, Crew, Shape, ShapeEntry, add_clients};
use std::cell::RefCell;
use std::rc::Rc;

/// A strategy of the registry, with some of its settings.
pub(crate) fn strategy(name: &str, given: &[(&str, &str)]) -> Rc<dyn Strategy> {
    let entry = StrategyEntry::named(name).expect("a registered strategy");
    let settings = given
        .iter()
        .fold(Settings::defaults(entry.settings), |all, (name, text)| all.with(entry.settings, name, text));
    (entry.build)(&settings).expect("settings without contradictions")
}

/// The settings of a workload of the shape `kv`.
pub(crate) fn workload(given: &[(&str, &str)]) -> Settings {
    let entry = ShapeEntry::named("kv").expect("a registered shape");
    let mut settings = Settings::defaults(COMMON);
    for (name, datum) in Settings::defaults(entry.settings).iter() {
        settings.set(name, datum.clone());
    }
    given.iter().fold(settings, |settings, (name, text)| {
        let declared: &'static [Setting] =
            if COMMON.iter().any(|setting| setting.name == *name) { COMMON } else { entry.settings };
        settings.with(declared, name, text)
    })
}

/// A sink of a kind, with the settings of the virtual store of that name.
pub(crate) fn sink(kind: &str, given: &[(&str, &str)], strategy: &dyn Strategy) -> SinkConfig {
    let declared = StoreEntry::named(kind).expect("a registered store").settings;
    let settings =
        given.iter().fold(Settings::defaults(declared), |all, (name, text)| all.with(declared, name, text));
    let entry = BackendEntry::named(kind).expect("a real store of this name");
    let timeout = Span::from_secs(5);
    SinkConfig {
        name: kind.to_owned(),
        entry,
        settings,
        timeout,
        served: strategy.serves(entry.kind),
        joins: None,
    }
}

/// A scenario, as far as these tests vary it.
pub(crate) struct Scenario {
    pub(crate) strategy: Rc<dyn Strategy>,
    pub(crate) workload: Settings,
    pub(crate) sinks: Vec<SinkConfig>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) duration: Span,
}

/// What came of a run.
pub(crate) struct Outcome {
    pub(crate) summary: RunSummary,
    pub(crate) judgement: Judgement,
    pub(crate) history: History,
}

/// Shows a history to a checker, and keeps it.
struct Witness {
    checker: Checker,
    history: History,
}

impl Observer for Witness {
    fn observe(&mut self, at: Time, event: &Event) {
        self.checker.observe(at, event);
        self.history.observe(at, event);
    }
}

impl Scenario {
    /// A strategy on a small workload, with a cache, a search index and a warehouse, for most of a second.
    pub(crate) fn of(strategy: Rc<dyn Strategy>) -> Self {
        let sinks = vec![
            sink("cache", &[], strategy.as_ref()),
            sink("search", &[("refresh", "50ms")], strategy.as_ref()),
            sink("warehouse", &[], strategy.as_ref()),
        ];
        let workload = workload(&[("clients", "4"), ("rate", "300/s"), ("keys.count", "100")]);
        Self { strategy, workload, sinks, faults: Vec::new(), duration: Span::from_millis(700) }
    }

    /// The configuration of its world.
    pub(crate) fn config(&self, shape: &dyn Shape) -> WorldConfig {
        let node = |servers| NodeConfig { servers, timeout: Span::from_secs(5) };
        WorldConfig {
            strategy: "test".to_owned(),
            demands: self.strategy.demands(),
            schema: shape.schema(),
            load: shape.load(),
            source: node(4),
            begin: Begin::Immediate,
            stamps: Stamps::Database,
            retain_bytes: None,
            log: node(4),
            log_compaction: None,
            checkpoint: node(1),
            sinks: self.sinks.clone(),
            faults: self.faults.clone(),
            durability: Durability::Process,
            duration: self.duration,
            settle: Span::from_secs(60),
        }
    }

    /// Runs it.
    #[allow(clippy::redundant_clone, reason = "the checker lends its judgement and keeps it")]
    pub(crate) fn run(&self, seed: u64) -> Outcome {
        let entry = ShapeEntry::named("kv").expect("a registered shape");
        let shape = (entry.build)(&self.workload, seed, None).expect("settings without contradictions");
        let world = World::new(self.config(shape.as_ref())).expect("a world that can be made");
        let served = self.sinks.iter().enumerate().filter(|(_, sink)| sink.served);
        let topology = Topology {
            schema: shape.schema(),
            sinks: served
                .map(|(number, sink)| (SinkId(number as u8), sink.name.clone(), sink.entry.kind))
                .collect(),
        };
        for process in self.strategy.processes(&topology) {
            world.add_process(&process.name, Role::Strategy, process.main);
        }
        let crew = Rc::new(Crew::new(
            Rc::clone(&self.strategy),
            shape,
            Arrivals::from(&self.workload, seed),
            self.workload.count("clients"),
            None,
            Time::ZERO + self.duration,
        ));
        add_clients(&world, &crew);
        let cast = world.cast();
        let witness = Witness {
            checker: Checker::new(&cast).with_invariants(crew.invariants()),
            history: History { cast, events: Vec::new() },
        };
        let witness = Rc::new(RefCell::new(witness));
        let summary = world
            .run(seed, witness.clone(), Span::from_secs(1), &mut |_| true)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let mut witness = witness.borrow_mut();
        let Witness { checker, history } = &mut *witness;
        Outcome { summary, judgement: checker.finish().clone(), history: std::mem::take(history) }
    }
}
