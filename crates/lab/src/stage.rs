//! The stage: everything that the runs of one strategy share, made once from the scenario.

use crate::company::{Company, at, checker, faults, joins, settle, strategy_of};
use crate::error::RunError;
use driftlab_check::{Checker, recall};
use driftlab_model::port::Strategy;
use driftlab_model::{Compaction, History, Names, Retention, Settings, Span, Telling, Testimony};
use driftlab_scenario::{Choice, Scenario};
use driftlab_sim::database::Isolation;
use driftlab_sim::store::StoreEntry;
use driftlab_sim::world::{NodeConfig, SinkConfig, Stamps, World, WorldConfig};
use driftlab_workload::{Crew, Dataset, Script};
use std::rc::Rc;
use std::sync::Arc;

/// A world with a strategy's processes and the clients, ready to be run for any seed.
pub struct Stage {
    world: Rc<World>,
    crew: Rc<Crew>,
    strategy: Rc<dyn Strategy>,
    has_faults: bool,
    has_crashes: bool,
    /// Whether part of a request may fail by chance.
    has_luck: bool,
    sinks: Vec<String>,
}

impl Stage {
    /// The stage of one strategy of a scenario.
    ///
    /// # Errors
    /// Settings that cannot be honoured, with the place where they stand; and a world that is not the virtual one.
    ///
    /// # Panics
    /// When the scenario names kinds that no registry has: a scenario that was parsed names none.
    pub fn new(
        scenario: &Scenario,
        choice: &Choice,
        dataset: Option<&Arc<Dataset>>,
    ) -> Result<Self, RunError> {
        Self::with_strategy(scenario, &choice.name, strategy_of(choice)?, dataset)
    }

    /// The stage of a strategy that need not be one of the scenario's, nor of any registry.
    ///
    /// # Errors
    /// As [`Stage::new`].
    ///
    /// # Panics
    /// As [`Stage::new`].
    pub fn with_strategy(
        scenario: &Scenario,
        name: &str,
        strategy: Rc<dyn Strategy>,
        dataset: Option<&Arc<Dataset>>,
    ) -> Result<Self, RunError> {
        if scenario.world.word("kind") != "virtual" {
            return Err(RunError::NotVirtual(scenario.world.word("kind")));
        }
        let company = Company::of(scenario, strategy, dataset)?;
        let Company { strategy, shape } = &company;
        let sinks: Vec<SinkConfig> = scenario
            .sinks
            .iter()
            .map(|sink| {
                let entry = StoreEntry::named(sink.kind).expect("a parsed scenario names known sinks");
                SinkConfig {
                    name: sink.name.clone(),
                    entry,
                    settings: sink.settings.clone(),
                    node: node(&sink.settings),
                    served: company.serves(sink),
                    joins: joins(sink),
                }
            })
            .collect();
        let config = WorldConfig {
            strategy: name.to_owned(),
            demands: strategy.demands(),
            restores: strategy.restores(&shape.schema()),
            schema: shape.schema(),
            load: shape.load(),
            source: node(&scenario.source),
            isolation: match scenario.source.word("isolation") {
                "snapshot" => Isolation::Snapshot,
                _ => Isolation::ReadCommitted,
            },
            stamps: match scenario.source.word("stamps") {
                "application" => Stamps::Application,
                _ => Stamps::Database,
            },
            retain_bytes: scenario.source.count_if_set("retain"),
            telling: Telling { toast: scenario.source.count_if_set("toast").map(|bytes| bytes as usize) },
            neighbours_bytes_per_s: scenario.source.count("neighbours"),
            log: node(&scenario.log),
            log_retention: Retention::from_settings(&scenario.log),
            log_compaction: Compaction::from_settings(&scenario.log),
            checkpoint: node(&scenario.checkpoint),
            sinks,
            faults: faults(scenario)?,
            times: scenario.times.clone(),
            duration: scenario.world.span("duration"),
            settle: settle(scenario),
        };
        let world = World::new(config).map_err(|why| at("[[sink]]".to_owned(), why))?;
        let strategy = Rc::clone(strategy);
        let crew = company.enter(&world, scenario);
        let has_faults = !scenario.faults.is_empty();
        let has_luck = scenario
            .sinks
            .iter()
            .any(|sink| sink.kind == "search" && sink.settings.number("bulk_failures") > 0.0);
        let has_crashes = scenario.faults.iter().any(|fault| fault.kind == "crash");
        let sinks = scenario.sinks.iter().map(|sink| sink.name.clone()).collect();
        Ok(Self { world, crew, strategy, has_faults, has_crashes, has_luck, sinks })
    }

    /// The world.
    #[must_use]
    pub fn world(&self) -> &Rc<World> {
        &self.world
    }

    /// Prepares the clients for a seed; [`World::run`] does the rest.
    pub fn prepare(&self, seed: u64) {
        self.crew.reset(seed, None);
    }

    /// Prepares the clients for a seed, of whose operations they do what a script says.
    pub fn prepare_script(&self, seed: u64, script: Script) {
        self.crew.reset(seed, Some(Rc::new(script)));
    }

    /// What the clients did in a recorded run of this stage.
    #[must_use]
    pub fn script_of(&self, history: &History) -> Script {
        let clients = self.crew.clients();
        let names = &history.cast.processes;
        // Clients are the last processes of a world: they are added after the strategy's.
        let first = names.len().saturating_sub(clients);
        Script::of(history, clients, |process| usize::from(process.0).checked_sub(first))
    }

    /// The names of the copies, in the order of the scenario.
    #[must_use]
    pub fn sinks(&self) -> &[String] {
        &self.sinks
    }

    /// How many statements the transaction of an operation has; `None` for a read.
    #[must_use]
    pub fn statements(&self, seed: u64, operation: u64) -> Option<usize> {
        self.crew.statements(seed, operation)
    }

    /// How many clients there are.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.crew.clients()
    }

    /// Whether processes crash in the scenario.
    #[must_use]
    pub const fn has_crashes(&self) -> bool {
        self.has_crashes
    }

    /// Whether part of a request may fail by chance.
    #[must_use]
    pub(crate) const fn has_luck(&self) -> bool {
        self.has_luck
    }

    /// Whether the scenario has faults.
    #[must_use]
    pub const fn has_faults(&self) -> bool {
        self.has_faults
    }

    /// What clients are called in fingerprints of runs in which they do what a script says: those that do the same go by what they did.
    #[must_use]
    pub(crate) fn names(&self, seed: u64, script: &Script) -> Names {
        self.prepare_script(seed, script.clone());
        if self.has_luck { Names::default() } else { self.crew.names() }
    }

    /// Whether clients begin their operations at times that do not depend on how fast they are served.
    #[must_use]
    pub fn is_open_loop(&self) -> bool {
        self.crew.is_open_loop()
    }

    /// What the stores can tell of the past when a run has ended.
    #[must_use]
    pub fn testimony(&self) -> Testimony {
        let retained = self.world.retained();
        let recount = self.strategy.recounts(&self.world.cast().schema, &retained.rows);
        let event_table = if self.strategy.demands().triggers { "change table" } else { "outbox" };
        recall::testimony(&retained, recount, event_table)
    }

    /// A checker for the runs of this stage.
    #[must_use]
    pub fn checker(&self) -> Checker {
        checker(&self.world.cast(), &self.crew)
    }
}

fn node(settings: &Settings) -> NodeConfig {
    NodeConfig {
        latency: settings.latency("latency"),
        per_row: settings.span_if_set("per_row").unwrap_or(Span::ZERO),
        network: settings.latency("network"),
        servers: u32::try_from(settings.count("servers")).unwrap_or(u32::MAX),
        timeout: settings.span("timeout"),
    }
}
