//! The virtual world.

use super::{Arena, Ended, Reproducible, WorldEntry};
use crate::error::RunError;
use crate::stage::Stage;
use driftlab_check::Checker;
use driftlab_model::{Cast, Observer, Span, Testimony, Time};
use std::cell::RefCell;
use std::rc::Rc;

pub(super) const ENTRY: WorldEntry = WorldEntry {
    name: "virtual",
    summary: "simulated stores in virtual time",
    reproducible: Reproducible::BitForBit,
    refuses: |_| Vec::new(),
    notes: |_| Vec::new(),
    stage: |scenario, choice, dataset| Ok(Box::new(Stage::new(scenario, choice, dataset)?)),
};

impl Arena for Stage {
    fn checker(&self) -> Checker {
        Stage::checker(self)
    }

    fn cast(&self) -> Cast {
        self.world().cast()
    }

    fn testimony(&self) -> Option<Testimony> {
        Some(Stage::testimony(self))
    }

    fn run(
        &self,
        seed: u64,
        observer: Rc<RefCell<dyn Observer>>,
        every: Span,
        watch: &mut dyn FnMut(Time) -> bool,
    ) -> Result<Ended, RunError> {
        self.prepare(seed);
        let summary = self.world().run(seed, observer, every, watch);
        Ok(Ended {
            quiescent: summary.quiescent,
            trace: summary.trace,
            steps: summary.steps,
            compacted_log: self.world().compacted_log(),
        })
    }
}
