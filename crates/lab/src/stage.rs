//! The stage: everything that the runs of one strategy share, made once from the scenario.

use crate::clients::{Crew, add_clients};
use crate::error::RunError;
use driftlab_check::Checker;
use driftlab_model::port::Topology;
use driftlab_model::{Contradiction, Settings, SinkId, Span, Time};
use driftlab_scenario::{Choice, Scenario};
use driftlab_sim::database::Isolation;
use driftlab_sim::fault::{Fault, FaultEntry};
use driftlab_sim::store::StoreEntry;
use driftlab_sim::world::{NodeConfig, Role, SinkConfig, Stamps, World, WorldConfig};
use driftlab_strategies::StrategyEntry;
use driftlab_workload::{Arrivals, Dataset, ShapeEntry};
use std::rc::Rc;
use std::sync::Arc;

/// How long `settle = "auto"` waits for quiescence.
const SETTLE_AT_MOST: Span = Span::from_secs(600);

/// A world with a strategy's processes and the clients, ready to be run for any seed.
pub struct Stage {
    world: Rc<World>,
    crew: Rc<Crew>,
}

impl Stage {
    /// The stage of one strategy of a scenario.
    ///
    /// # Errors
    /// Settings that cannot be honoured, with the place where they stand.
    ///
    /// # Panics
    /// When the scenario names kinds that no registry has: a scenario that was parsed names none.
    pub fn new(
        scenario: &Scenario,
        choice: &Choice,
        dataset: Option<&Arc<Dataset>>,
    ) -> Result<Self, RunError> {
        let strategy_entry =
            StrategyEntry::named(choice.kind).expect("a parsed scenario names known strategies");
        let strategy = (strategy_entry.build)(&choice.settings)
            .map_err(|why| at(format!("strategy \"{}\"", choice.name), why))?;
        let settings = &scenario.workload.settings;
        let shape_entry =
            ShapeEntry::named(scenario.workload.shape).expect("a parsed scenario names a known shape");
        // The first rows are the same for all seeds; what a seed's clients do comes with `prepare`.
        let shape =
            (shape_entry.build)(settings, 0, dataset).map_err(|why| at("[workload]".to_owned(), why))?;
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
                    served: strategy.serves(entry.kind),
                }
            })
            .collect();
        let topology = Topology {
            schema: shape.schema(),
            sinks: sinks
                .iter()
                .enumerate()
                .filter(|(_, sink)| sink.served)
                .map(|(number, sink)| (SinkId(number as u8), sink.name.clone(), sink.entry.kind))
                .collect(),
        };
        let duration = scenario.world.span("duration");
        let config = WorldConfig {
            strategy: choice.name.clone(),
            demands: strategy.demands(),
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
            log: node(&scenario.log),
            checkpoint: node(&scenario.checkpoint),
            sinks,
            faults: faults(scenario)?,
            duration,
            settle: scenario.world.span_if_set("settle").unwrap_or(SETTLE_AT_MOST),
        };
        let world = World::new(config).map_err(|why| at("[[sink]]".to_owned(), why))?;
        for process in strategy.processes(&topology) {
            world.add_process(&process.name, Role::Strategy, process.main);
        }
        let crew = Rc::new(Crew::new(
            strategy,
            shape,
            Arrivals::from(settings, 0),
            settings.count("clients"),
            settings.count_if_set("operations"),
            Time::ZERO + duration,
        ));
        add_clients(&world, &crew);
        Ok(Self { world, crew })
    }

    /// The world.
    #[must_use]
    pub fn world(&self) -> &Rc<World> {
        &self.world
    }

    /// Prepares the clients for a seed; [`World::run`] does the rest.
    pub fn prepare(&self, seed: u64) {
        self.crew.reset(seed);
    }

    /// A checker for the runs of this stage.
    #[must_use]
    pub fn checker(&self) -> Checker {
        Checker::new(&self.world.cast()).with_invariants(self.crew.invariants())
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

fn faults(scenario: &Scenario) -> Result<Vec<Fault>, RunError> {
    scenario
        .faults
        .iter()
        .map(|fault| {
            let entry = FaultEntry::named(fault.kind).expect("a parsed scenario names known faults");
            Fault::build(entry, &fault.name, &fault.settings)
                .map_err(|why| at(format!("fault \"{}\"", fault.name), why))
        })
        .collect()
}

fn at(place: String, why: Contradiction) -> RunError {
    RunError::Contradiction { place, why }
}
