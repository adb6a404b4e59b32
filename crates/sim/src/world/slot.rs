//! Replication slots, as processes reach them.

use super::World;
use super::caller::Caller;
use super::exchange::{Effect, Exchange};
use super::node::NodeId;
use super::prints::Tells;
use driftlab_model::port::Slot;
use driftlab_model::{Call, Commit, Lsn, Outcome, ProcessId, RequestKind, Schema, Span};
use std::rc::Rc;
use std::sync::Arc;

/// A slot, seen by one process. It reads the log as a stream: what is written is there at once, after the network's time.
pub(super) struct SlotPort {
    pub(super) caller: Rc<Caller>,
    pub(super) name: Rc<str>,
}

impl Slot for SlotPort {
    fn read(&self, after: Lsn, limit: usize, wait: Span) -> Call<'_, Outcome<Vec<Arc<Commit>>>> {
        let world = self.caller.world();
        let caller = Rc::clone(&self.caller);
        let request = ReadSlot { name: Rc::clone(&self.name), after, limit };
        Box::pin(async move {
            let until = world.executor.clock() + wait;
            let there = || {
                let database = world.database.borrow();
                let is_there = database.log_end().min(world.captured()) > after;
                (is_there || database.confirmed(&request.name).is_err()).then_some(())
            };
            let waits = there().is_none();
            if world.log_written.wait_for(&world.executor, until, there).await.is_err() {
                caller.looks_at_the_clock();
                return Ok(Vec::new());
            }
            if waits {
                caller.notices(&world, after.0).await;
            }
            Exchange::new(world, caller, NodeId::STREAM, request).await
        })
    }

    fn acknowledge(&self, lsn: Lsn) -> Call<'_, Outcome<()>> {
        let world = self.caller.world();
        let effect = Acknowledge { name: Rc::clone(&self.name), lsn };
        Box::pin(Exchange::new(world, Rc::clone(&self.caller), NodeId::STREAM, effect))
    }

    fn confirmed(&self) -> Call<'_, Outcome<Lsn>> {
        let world = self.caller.world();
        let effect = Confirmed(Rc::clone(&self.name));
        Box::pin(Exchange::new(world, Rc::clone(&self.caller), NodeId::STREAM, effect))
    }
}

#[derive(Clone)]
struct ReadSlot {
    name: Rc<str>,
    after: Lsn,
    limit: usize,
}

impl Effect for ReadSlot {
    type Reply = Vec<Arc<Commit>>;

    fn kind(&self) -> RequestKind {
        RequestKind::ReadSlot
    }
    fn serve(&mut self, world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<Self::Reply> {
        let mut commits = Vec::new();
        world.database.borrow().read_slot(&self.name, self.after, self.limit, &mut commits)?;
        let captured = world.captured();
        commits.retain(|commit| commit.lsn <= captured);
        Ok(commits)
    }
    fn errand(&self, _: &Schema) -> String {
        format!("read the log after {}", self.after)
    }
    fn outlives_its_caller(&self) -> bool {
        false
    }
}

#[derive(Clone)]
struct Acknowledge {
    name: Rc<str>,
    lsn: Lsn,
}

impl Effect for Acknowledge {
    type Reply = ();

    fn kind(&self) -> RequestKind {
        RequestKind::Acknowledge
    }
    fn serve(&mut self, world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<()> {
        Ok(world.database.borrow_mut().confirm(&self.name, self.lsn)?)
    }
    fn errand(&self, _: &Schema) -> String {
        format!("acknowledge {}", self.lsn)
    }
    fn outlives_its_caller(&self) -> bool {
        true
    }
    fn tells(&self) -> Tells {
        Tells::Done
    }
}

#[derive(Clone)]
struct Confirmed(Rc<str>);

impl Effect for Confirmed {
    type Reply = Lsn;

    fn kind(&self) -> RequestKind {
        RequestKind::Confirmed
    }
    fn serve(&mut self, world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<Lsn> {
        Ok(world.database.borrow().confirmed(&self.0)?)
    }
    fn errand(&self, _: &Schema) -> String {
        "which position?".to_owned()
    }
    fn outlives_its_caller(&self) -> bool {
        false
    }
}
