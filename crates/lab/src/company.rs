//! What every world is filled with, whatever it is made of: the strategy, its processes, the clients, the faults.

use crate::error::RunError;
use driftlab_check::Checker;
use driftlab_fault::{Fault, FaultEntry};
use driftlab_model::port::{Strategy, Topology};
use driftlab_model::{Cast, Contradiction, Host, Role, SinkId, Span, Time};
use driftlab_scenario::{Choice, Scenario};
use driftlab_sim::store::StoreEntry;
use driftlab_strategies::StrategyEntry;
use driftlab_workload::{Arrivals, Crew, Dataset, Shape, ShapeEntry, add_clients};
use std::rc::Rc;
use std::sync::Arc;

/// How long `settle = "auto"` waits for quiescence.
const SETTLE_AT_MOST: Span = Span::from_secs(600);

/// The strategy of a run and the workload that it meets.
pub(crate) struct Company {
    /// The strategy.
    pub(crate) strategy: Rc<dyn Strategy>,
    /// The workload's shape. Its first rows are the same for all seeds; what a seed's clients do comes when they are made ready for it.
    pub(crate) shape: Rc<dyn Shape>,
}

impl Company {
    pub(crate) fn of(
        scenario: &Scenario,
        strategy: Rc<dyn Strategy>,
        dataset: Option<&Arc<Dataset>>,
    ) -> Result<Self, RunError> {
        let entry =
            ShapeEntry::named(scenario.workload.shape).expect("a parsed scenario names a known shape");
        let shape = (entry.build)(&scenario.workload.settings, 0, dataset);
        let shape = shape.map_err(|why| at("[workload]".to_owned(), why))?;
        strategy.understands(&shape.schema()).map_err(|why| at("[[strategy]]".to_owned(), why))?;
        Ok(Self { strategy, shape })
    }

    /// Whether the strategy keeps a sink of the scenario in step.
    pub(crate) fn serves(&self, sink: &Choice) -> bool {
        self.strategy.serves(store_of(sink).kind)
            && (joins(sink).is_none() || self.strategy.takes_on_newcomers())
    }

    /// Adds the strategy's processes to a world of the scenario's sinks, and then the clients.
    pub(crate) fn enter<W: Host>(self, world: &Rc<W>, scenario: &Scenario) -> Rc<Crew> {
        let served = (0..).map(SinkId).zip(&scenario.sinks).filter(|(_, sink)| self.serves(sink));
        let topology = Topology {
            schema: self.shape.schema(),
            sinks: served.map(|(id, sink)| (id, sink.name.clone(), store_of(sink).kind)).collect(),
        };
        for process in self.strategy.processes(&topology) {
            world.add_process(&process.name, Role::Strategy, process.main);
        }
        let settings = &scenario.workload.settings;
        let crew = Rc::new(Crew::new(
            self.strategy,
            self.shape,
            Arrivals::from(settings, 0),
            settings.count("clients"),
            settings.count_if_set("operations"),
            Time::ZERO + scenario.world.span("duration"),
        ));
        add_clients(world, &crew);
        crew
    }
}

/// The strategy that a scenario chooses.
pub(crate) fn strategy_of(choice: &Choice) -> Result<Rc<dyn Strategy>, RunError> {
    let entry = StrategyEntry::named(choice.kind).expect("a parsed scenario names known strategies");
    (entry.build)(&choice.settings).map_err(|why| at(format!("strategy \"{}\"", choice.name), why))
}

/// What a copy is, as the virtual world declares it: real stores take the same settings.
pub(crate) fn store_of(sink: &Choice) -> &'static StoreEntry {
    StoreEntry::named(sink.kind).expect("a parsed scenario names known sinks")
}

/// When a copy joins the run; `None` for one that is there from the beginning.
pub(crate) fn joins(sink: &Choice) -> Option<Time> {
    sink.settings.span_if_set("joins").map(|after| Time::ZERO + after)
}

/// The faults of a scenario.
pub(crate) fn faults(scenario: &Scenario) -> Result<Vec<Fault>, RunError> {
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

/// How long a run waits for quiescence, at most.
pub(crate) fn settle(scenario: &Scenario) -> Span {
    scenario.world.span_if_set("settle").unwrap_or(SETTLE_AT_MOST)
}

/// A checker for runs of this cast and crew.
pub(crate) fn checker(cast: &Cast, crew: &Crew) -> Checker {
    Checker::new(cast).with_invariants(crew.invariants()).with_chronicle(crew.chronicle())
}

pub(crate) fn at(place: String, why: Contradiction) -> RunError {
    RunError::Contradiction { place, why }
}
