//! The log between capture and sinks, as processes reach it.

use super::World;
use super::caller::Caller;
use super::errand;
use super::exchange::{Effect, Exchange};
use super::node::NodeId;
use driftlab_model::port::{Fetched, Log};
use driftlab_model::{Call, ChangeEvent, Offset, Outcome, ProcessId, Refusal, RequestKind, Schema, Span};
use std::rc::Rc;

/// The log, seen by one process.
pub(super) struct LogPort {
    pub(super) caller: Rc<Caller>,
    pub(super) partitions: u32,
}

impl Log for LogPort {
    fn partitions(&self) -> u32 {
        self.partitions.max(1)
    }

    fn append(&self, partition: u32, events: Vec<ChangeEvent>) -> Call<'_, Outcome<Offset>> {
        if partition >= self.partitions {
            return Box::pin(std::future::ready(Err(Refusal::Unsupported.into())));
        }
        let world = self.caller.world();
        let effect = Append { partition, events };
        Box::pin(Exchange::new(world, Rc::clone(&self.caller), NodeId::LOG, effect))
    }

    fn read(&self, partition: u32, from: Offset, limit: usize, wait: Span) -> Call<'_, Outcome<Fetched>> {
        if partition >= self.partitions {
            return Box::pin(std::future::ready(Err(Refusal::Unsupported.into())));
        }
        let world = self.caller.world();
        let caller = Rc::clone(&self.caller);
        Box::pin(async move {
            let until = world.executor.clock() + wait;
            let there = || world.log.borrow().end(partition).is_ok_and(|end| end > from).then_some(());
            let waits = there().is_none();
            if world.log_grew.wait_for(&world.executor, until, there).await.is_err() {
                caller.looks_at_the_clock();
                return Ok(Fetched::default());
            }
            if waits {
                caller.notices(&world, from.0).await;
            }
            Exchange::new(world, caller, NodeId::LOG, Read { partition, from, limit }).await
        })
    }
}

#[derive(Clone)]
struct Append {
    partition: u32,
    events: Vec<ChangeEvent>,
}

impl Effect for Append {
    type Reply = Offset;

    fn kind(&self) -> RequestKind {
        RequestKind::Append
    }

    fn serve(&mut self, world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<Offset> {
        let now = world.executor.clock();
        world.appends(self.partition, &self.events);
        let offset = world.log.borrow_mut().append(now, self.partition, std::mem::take(&mut self.events))?;
        world.effect();
        world.log_grew.raise(&world.executor);
        Ok(offset)
    }
    fn rows(&self) -> usize {
        self.events.len()
    }
    fn errand(&self, schema: &Schema) -> String {
        errand::of_events(&self.events, schema)
    }
    fn outlives_its_caller(&self) -> bool {
        true
    }
}

#[derive(Clone)]
struct Read {
    partition: u32,
    from: Offset,
    limit: usize,
}

impl Effect for Read {
    type Reply = Fetched;

    fn kind(&self) -> RequestKind {
        RequestKind::ReadLog
    }

    fn serve(&mut self, world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<Fetched> {
        let mut fetched = Fetched::default();
        let mut log = world.log.borrow_mut();
        // A reader learns what is gone even where nobody appends any more.
        log.enforce(world.executor.now());
        log.read(self.partition, self.from, self.limit, &mut fetched)?;
        Ok(fetched)
    }
    fn errand(&self, _: &Schema) -> String {
        format!("read from {}", self.from)
    }
    fn outlives_its_caller(&self) -> bool {
        false
    }
}
