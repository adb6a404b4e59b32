//! Durable memory, as processes reach it.

use super::World;
use super::caller::Caller;
use super::exchange::{Effect, Exchange};
use super::node::NodeId;
use super::prints::Tells;
use driftlab_model::port::Checkpoint;
use driftlab_model::{Bookmark, Call, Outcome, ProcessId, RequestKind, Schema};
use std::rc::Rc;

/// The checkpoint store, seen by one process.
pub(super) struct CheckpointPort {
    pub(super) caller: Rc<Caller>,
}

impl Checkpoint for CheckpointPort {
    fn save<'a>(&'a self, name: &'a str, bookmark: Bookmark) -> Call<'a, Outcome<()>> {
        let world = self.caller.world();
        let effect = Save { name: name.into(), bookmark };
        Box::pin(Exchange::new(world, Rc::clone(&self.caller), NodeId::CHECKPOINT, effect))
    }

    fn load<'a>(&'a self, name: &'a str) -> Call<'a, Outcome<Option<Bookmark>>> {
        let world = self.caller.world();
        let effect = Load { name: name.into() };
        Box::pin(Exchange::new(world, Rc::clone(&self.caller), NodeId::CHECKPOINT, effect))
    }
}

#[derive(Clone)]
struct Save {
    name: Rc<str>,
    bookmark: Bookmark,
}

impl Effect for Save {
    type Reply = ();

    fn kind(&self) -> RequestKind {
        RequestKind::Save
    }

    fn serve(&mut self, world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<()> {
        world.checkpoints.borrow_mut().insert(Rc::clone(&self.name), self.bookmark);
        Ok(())
    }
    fn errand(&self, _: &Schema) -> String {
        format!("remember {}", self.bookmark.0)
    }
    fn outlives_its_caller(&self) -> bool {
        true
    }
    fn tells(&self) -> Tells {
        Tells::Done
    }
}

#[derive(Clone)]
struct Load {
    name: Rc<str>,
}

impl Effect for Load {
    type Reply = Option<Bookmark>;

    fn kind(&self) -> RequestKind {
        RequestKind::Load
    }

    fn serve(&mut self, world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<Option<Bookmark>> {
        Ok(world.checkpoints.borrow().get(&self.name).copied())
    }
    fn errand(&self, _: &Schema) -> String {
        "which position?".to_owned()
    }
    fn outlives_its_caller(&self) -> bool {
        false
    }
}
