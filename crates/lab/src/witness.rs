//! Who follows a run to know, when it has ended, whether what the stores say of the past is true.

use crate::world::Arena;
use driftlab_check::Checker;
use driftlab_check::recall::{Answers, Truth};
use driftlab_model::{Cast, Event, Observer, Time};
use std::cell::RefCell;
use std::rc::Rc;

/// Somebody who remembers a run, or nobody: one run of a strategy tells enough.
#[derive(Default)]
pub(crate) struct Witness(Option<Truth>);

impl Witness {
    /// Somebody who remembers a run of this cast.
    pub(crate) fn of(cast: &Cast) -> Self {
        Self(Some(Truth::new(cast)))
    }

    /// What the stores answer now, held against what was seen.
    pub(crate) fn questioned(&self, arena: &dyn Arena) -> Option<Answers> {
        Answers::of(self.0.as_ref()?, &arena.testimony()?)
    }
}

/// The checker of a run, and who remembers it.
pub(crate) struct Listening {
    pub(crate) checker: Rc<RefCell<Checker>>,
    pub(crate) witness: Witness,
}

impl Observer for Listening {
    fn observe(&mut self, at: Time, event: &Event) {
        self.checker.borrow_mut().observe(at, event);
        if let Some(truth) = &mut self.witness.0 {
            truth.observe(at, event);
        }
    }

    fn keep(&mut self, at: Time, event: Event) {
        if let Some(truth) = &mut self.witness.0 {
            truth.observe(at, &event);
        }
        self.checker.borrow_mut().keep(at, event);
    }
}
