//! What a mutant is.

use crate::interposer::{Interposer, interposed};
use driftlab_model::port::Strategy;
use driftlab_model::{Datum, Span};
use driftlab_scenario::{Overrides, Registries, Scenario};
use driftlab_strategies::StrategyEntry;
use std::rc::Rc;

/// A strategy with one seeded bug, and where it must be caught.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// Its number: stable, so that documents and conversations can name it.
    pub number: u32,
    /// Its name, after what it does wrong.
    pub name: &'static str,
    /// The bug, in one sentence.
    pub bug: &'static str,
    /// Where real pipelines have had it.
    pub seen_in: &'static str,
    /// The smallest situation that triggers it: a whole scenario, whose only strategy is the original, without the bug.
    pub scenario: &'static str,
    /// What is changed in the original.
    pub mutation: Mutation,
    /// The anomalies by which it must be caught, all of them; others may be reported beside.
    pub caught_as: &'static [&'static str],
    /// The number of seeds, from 1 on, within which it must be caught.
    pub within: u64,
}

/// Which of the two is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Specimen {
    /// The strategy with the bug.
    Mutant,
    /// The one that it was made of.
    Original,
}

/// What is changed in a strategy.
#[derive(Clone, Copy)]
pub enum Mutation {
    /// Other settings: the bug is an option of the strategy.
    Settings(&'static [(&'static str, &'static str)]),
    /// Something between the strategy and its world.
    Interposer(fn() -> Rc<dyn Interposer>),
    /// Another strategy, made out of the original or in its stead.
    Strategy(fn(Rc<dyn Strategy>) -> Rc<dyn Strategy>),
    /// Sinks that remember the versions of deletions for so long only, under the strategy as it was.
    Tombstones(Span),
}

impl Mutant {
    /// Its scenario; the strategy in it is the original.
    ///
    /// # Panics
    /// When the scenario is wrong: a fault of the mutant's declaration.
    #[must_use]
    pub fn scenario(&self) -> Scenario {
        Scenario::parse(self.scenario, self.name, &Overrides::default(), &Registries::standard())
            .unwrap_or_else(|problems| panic!("mutant {} ({}): {problems}", self.number, self.name))
    }

    /// The scenario and the strategy of one of the two.
    ///
    /// # Panics
    /// As [`Mutant::scenario`].
    #[must_use]
    pub fn specimen(&self, specimen: Specimen) -> (Scenario, Rc<dyn Strategy>) {
        let mut scenario = self.scenario();
        let original = self.build(&scenario, &[]);
        let strategy = match (specimen, self.mutation) {
            (Specimen::Original, _) => original,
            (Specimen::Mutant, Mutation::Settings(changed)) => self.build(&scenario, changed),
            (Specimen::Mutant, Mutation::Interposer(make)) => interposed(original, make),
            (Specimen::Mutant, Mutation::Strategy(make)) => make(original),
            (Specimen::Mutant, Mutation::Tombstones(kept)) => {
                for sink in &mut scenario.sinks {
                    sink.settings.set("tombstones", Datum::Span(kept));
                }
                original
            }
        };
        (scenario, strategy)
    }

    fn build(&self, scenario: &Scenario, changed: &[(&str, &str)]) -> Rc<dyn Strategy> {
        let choice = &scenario.strategies[0];
        let entry = StrategyEntry::named(choice.kind).expect("a parsed scenario names known strategies");
        let settings = changed.iter().fold(choice.settings.clone(), |settings, (name, value)| {
            settings.with(entry.settings, name, value)
        });
        (entry.build)(&settings)
            .unwrap_or_else(|why| panic!("mutant {} ({}): {why:?}", self.number, self.name))
    }

    /// The command that replays a seed of it.
    #[must_use]
    pub fn replay(&self, seed: u64) -> String {
        format!("cargo run -p driftlab-mutants --example replay -- {} {seed}", self.number)
    }
}
