//! The source loses its tables of current state, and gets them back.

use super::World;
use super::exchange::Effect;
use super::node::NodeId;
use driftlab_model::{Event, Key, Outcome, ProcessId, Refusal, RequestKind, Row, Schema, Stage};
use std::rc::Rc;

impl World {
    /// The source loses all tables but those in which the strategy stores what happened; nothing where nobody could restore them. What was under way there is over.
    pub(super) fn lose_state(&self) {
        let Some(kept) = self.config.restores.as_ref().filter(|_| self.standing().is_ok()) else { return };
        self.database.borrow_mut().lose_state(kept);
        self.turns(Stage::Lost);
    }

    /// The number under which the source can be asked now. What began under another is over.
    #[inline]
    pub(super) fn standing(&self) -> Result<u32, Refusal> {
        let upheavals = self.upheavals.get();
        if upheavals.is_multiple_of(2) { Ok(upheavals) } else { Err(Refusal::StateLost) }
    }

    /// Refuses what began before the source lost its state.
    #[inline]
    pub(super) fn goes_on(&self, standing: u32) -> Result<(), Refusal> {
        if self.upheavals.get() == standing { Ok(()) } else { Err(Refusal::StateLost) }
    }

    fn turns(&self, stage: Stage) {
        self.upheavals.set(self.upheavals.get() + 1);
        self.effect();
        self.emit(Event::Lifecycle { process: self.node(NodeId::SOURCE).process, stage });
    }
}

/// The rows of a source that has lost them.
#[derive(Clone)]
pub(super) struct Restore(pub(super) Rc<[(Key, Row)]>);

impl Effect for Restore {
    type Reply = ();

    fn serve(&mut self, world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<()> {
        world.database.borrow_mut().restore_state(&self.0)?;
        if world.standing().is_err() {
            world.turns(Stage::Restored);
        }
        Ok(())
    }
    fn kind(&self) -> RequestKind {
        RequestKind::Transaction
    }
    fn rows(&self) -> usize {
        self.0.len()
    }
    fn errand(&self, _: &Schema) -> String {
        format!("restore {} rows", self.0.len())
    }
    fn outlives_its_caller(&self) -> bool {
        true
    }
}
