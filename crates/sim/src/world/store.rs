//! Sinks, as processes reach them.

use super::World;
use super::caller::Caller;
use super::errand;
use super::exchange::{Effect, Exchange};
use super::node::NodeId;
use super::prints::Tells;
use crate::store::Visible;
use driftlab_model::port::{Reply, Request, Store};
use driftlab_model::{
    Call, Event, Outcome, PerSink, ProcessId, RequestKind, Schema, Shown, SinkId, Time, View,
};
use std::rc::Rc;

/// A sink, seen by one process.
pub(super) struct StorePort {
    pub(super) caller: Rc<Caller>,
    pub(super) sink: usize,
}

impl Store for StorePort {
    fn call(&self, request: Request) -> Call<'_, Outcome<Reply>> {
        let world = self.caller.world();
        let effect = StoreEffect { sink: self.sink, request };
        Box::pin(Exchange::new(world, Rc::clone(&self.caller), NodeId::sink(self.sink), effect))
    }
}

#[derive(Clone)]
struct StoreEffect {
    sink: usize,
    request: Request,
}

impl Effect for StoreEffect {
    type Reply = Reply;

    fn serve(&mut self, world: &Rc<World>, by: ProcessId, draw: u64) -> Outcome<Reply> {
        world.serve_store(self.sink, &self.request, by, draw)
    }

    fn rows(&self) -> usize {
        self.request.rows()
    }

    fn kind(&self) -> RequestKind {
        RequestKind::of_request(&self.request)
    }

    fn errand(&self, schema: &Schema) -> String {
        errand::of_request(&self.request, schema)
    }

    fn outlives_its_caller(&self) -> bool {
        self.request.is_write()
    }

    fn tells(&self) -> Tells {
        match self.request {
            Request::Bulk(_) => Tells::Holdings,
            _ if self.request.is_write() => Tells::Done,
            _ => Tells::Holdings,
        }
    }
}

/// What was asked of each sink.
pub(super) struct Asked {
    /// How many requests.
    pub(super) requests: PerSink,
    /// How many operations on rows, in all of them.
    pub(super) operations: PerSink,
    /// How many bytes.
    pub(super) bytes: PerSink,
}

impl Asked {
    /// Nothing, of so many sinks.
    pub(super) fn of(sinks: usize) -> Self {
        let none = || PerSink::from_elem(0, sinks);
        Self { requests: none(), operations: none(), bytes: none() }
    }

    /// Nothing was asked yet.
    pub(super) fn reset(&mut self) {
        [&mut self.requests, &mut self.operations, &mut self.bytes]
            .into_iter()
            .for_each(|counts| counts.fill(0));
    }
}

impl World {
    fn serve_store(
        self: &Rc<Self>,
        sink: usize,
        request: &Request,
        by: ProcessId,
        draw: u64,
    ) -> Outcome<Reply> {
        let now = self.executor.clock();
        self.count_request(sink, request);
        let mut visible = self.visible.borrow_mut();
        let reply = self.stores[sink].borrow_mut().serve(now, request, draw, &mut visible);
        self.show(sink, by, &mut visible);
        self.keep_house_if_due(sink);
        reply
    }

    /// Sinks lose what they held. Their readers see that at once.
    pub(super) fn wipe(self: &Rc<Self>, struck: &[ProcessId]) {
        for sink in 0..self.stores.len() {
            let node = self.node(NodeId::sink(sink)).process;
            if !struck.contains(&node) {
                continue;
            }
            let mut visible = self.visible.borrow_mut();
            let mut store = self.stores[sink].borrow_mut();
            // Every store can be cleared, and shows it at once.
            let _ = store.serve(self.executor.clock(), &Request::Clear, 0, &mut visible);
            store.reset();
            drop(store);
            self.wiped[sink].set(true);
            self.effect();
            self.show(sink, node, &mut visible);
        }
    }

    /// Tells the observer what a store shows now.
    fn show(&self, sink: usize, by: ProcessId, visible: &mut Visible) {
        let id = SinkId(sink as u8);
        for (key, write) in visible.applied.drain(..) {
            self.effect();
            self.emit(Event::Applied { by, sink: id, key, write });
        }
        if !visible.shown.is_empty() {
            self.settles(sink, &visible.shown);
            if self.shows_news(sink, &visible.shown) {
                self.effect();
            }
            self.emit(Event::Shown { by, sink: id, keys: std::mem::take(&mut visible.shown) });
        }
        if std::mem::take(&mut visible.loaded) && !self.loaded[sink].replace(true) {
            self.effect();
            self.emit(Event::Loaded { sink: id });
        }
    }

    /// Whether any of this is more than what the sink showed before. During the load everything is; while the world settles, rows that were cleared away and
    /// loaded again are not, or a loader that reloads in place would never be at rest.
    fn shows_news(&self, sink: usize, shown: &[Shown]) -> bool {
        let mut settled = self.settled_views.borrow_mut();
        let Some(views) = settled.as_mut() else { return true };
        let mut news = false;
        for Shown { key, view } in shown {
            let digest = match view {
                View::Row(row) => row.digest(),
                View::Deleted(write) => write.digest(),
                View::Missing | View::NotHeld => continue,
            };
            news |= views.insert((sink, key.digest()), digest) != Some(digest);
        }
        news
    }

    /// Sees to it that what a store is to do by itself will be done: starts its keeper where it has none, and wakes it where something is due earlier
    /// than it knows.
    pub(super) fn keep_house_if_due(self: &Rc<Self>, sink: usize) {
        let Some(due) = self.stores[sink].borrow().due() else { return };
        let wake = &self.store_wakes[sink];
        if due < wake.next.get() {
            if !wake.is_kept.replace(true) {
                self.keep_house(sink);
            }
            wake.signal.raise(&self.executor);
        }
    }

    /// The task that does what a store does by itself: refreshes, expiries.
    fn keep_house(self: &Rc<Self>, sink: usize) {
        let world = Rc::clone(self);
        let node = self.node(NodeId::sink(sink)).process;
        self.executor.spawn(u64::from(node.0), async move {
            loop {
                let due = world.stores[sink].borrow().due().unwrap_or(Time::NEVER);
                let wake = &world.store_wakes[sink];
                wake.next.set(due);
                let earlier = wake
                    .signal
                    .wait_for(&world.executor, due, || {
                        world.stores[sink].borrow().due().filter(|other| *other < due)
                    })
                    .await;
                if earlier.is_err() {
                    let _busy = world.takes_to_refresh(sink, due).await;
                    let mut visible = world.visible.borrow_mut();
                    world.ticked(sink);
                    world.stores[sink].borrow_mut().tick(world.executor.clock(), &mut visible);
                    world.show(sink, node, &mut visible);
                }
            }
        });
    }

    fn count_request(&self, sink: usize, request: &Request) {
        let asked = &mut *self.asked.borrow_mut();
        asked.requests[sink] += 1;
        asked.bytes[sink] += request.size() as u64;
        asked.operations[sink] += match request {
            Request::Bulk(deliveries) | Request::Apply { deliveries, .. } => deliveries.len() as u64,
            Request::Stage { rows, .. } => rows.len() as u64,
            Request::Put(_) | Request::Invalidate(_) | Request::Fill { .. } => 1,
            _ => 0,
        };
    }
}
