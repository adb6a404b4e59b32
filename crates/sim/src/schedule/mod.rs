//! Schedules: who goes first.
//!
//! A *leg* is a stretch of somebody's way on which nobody but time decides when it ends: over the network, at a store, in the hands of a client that holds its
//! transaction open. Everything that can race in a world is a race between legs. So a schedule says how long legs take ([`Pace`]), or it hands their
//! order to a [`Chooser`]; and it can let one process stand still, or die, at one of its steps ([`Stall`]).
//!
//! A leg has a name that is the same in every run: who is on the way, what for, and about what ([`LegId`]). So the legs of one run can be given
//! their lengths in another: that is how a schedule found by a chooser is replayed in time, and how one is shrunk.

mod choose;
mod clocks;
mod legs;
mod pace;
mod priorities;
mod stall;
mod walk;

pub use choose::Chooser;
pub use clocks::Clocks;
pub(crate) use legs::Legs;
pub use legs::{LegId, OpenLeg};
pub use pace::Pace;
pub use priorities::Priorities;
pub use stall::{Stall, StallKind};
pub use walk::Walk;

use driftlab_model::{Span, Time};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// How a run goes, where that is left open by the scenario. The default is what the scenario says.
#[derive(Clone, Default)]
pub struct Schedule {
    /// How long legs take.
    pub pace: Pace,
    /// Who decides which leg ends next; then no leg has a length of its own. Timers fire when they are due, or when no leg is open.
    pub chooser: Option<Rc<RefCell<dyn Chooser>>>,
    /// What clocks show while it decides.
    pub clocks: Clocks,
    /// Legs of a given length, whatever pace and chooser say.
    pub lengths: Arc<BTreeMap<LegId, Span>>,
    /// What happens to one process.
    pub stall: Option<Stall>,
    /// When each fault of the scenario is active, instead of what the seed says.
    pub windows: Option<Vec<Vec<(Time, Time)>>>,
}

impl Schedule {
    /// Whether it adds nothing to the scenario.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.pace == Pace::AsDeclared
            && self.chooser.is_none()
            && self.lengths.is_empty()
            && self.stall.is_none()
            && self.windows.is_none()
    }
}
