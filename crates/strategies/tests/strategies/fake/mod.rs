//! A world of a few lines: every request takes effect when its future is polled for the second time, so a process that is polled `n` times and then
//! dropped has crashed at its `n`-th await.

mod checkpoint;
mod fixtures;
mod log;
mod running;
mod slot;
mod snapshot;
mod source;
mod store;
mod world;

pub(crate) use self::fixtures::{
    ITEMS, built, chosen, delete, item, put, put_line, schema, traffic, transaction,
};
pub(crate) use self::running::{Running, drive, finish, poll_once};
pub(crate) use self::store::{Fate, StoreState};
pub(crate) use self::world::{Rows, World};

use self::store::FakeStore;
use driftlab_model::port::{Ports, Reply, Runtime, Sink};
use driftlab_model::{
    Call, Lsn, Outcome, Refusal, Row, Schema, SinkId, SinkKind, Span, Time, Version, WriteId,
};
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// The world, shared by all handles.
#[derive(Clone)]
pub(crate) struct Fake(pub(crate) Rc<RefCell<World>>);

impl Fake {
    /// A world with two tables, ten items, and sinks that are copies of them.
    pub(crate) fn new(sinks: usize) -> Self {
        let mut world =
            World { schema: schema(), slot: Some(Lsn(0)), log: vec![Vec::new(); 1], ..World::default() };
        for n in 0..10 {
            let (key, values) = item(n, 100);
            world.rows.insert(key, Row::new(WriteId::LOAD, Version::default(), Time::ZERO, values));
        }
        world.states.push(world.rows.clone());
        let cells =
            world.rows.iter().map(|(key, row)| (key.clone(), (Some(row.clone()), row.version()))).collect();
        world.stores = vec![StoreState { cells, ..StoreState::default() }; sinks];
        Self(Rc::new(RefCell::new(world)))
    }

    /// A world of other tables, in which there are no rows yet.
    pub(crate) fn of(schema: Schema, sinks: usize) -> Self {
        let world = World {
            schema,
            slot: Some(Lsn(0)),
            log: vec![Vec::new(); 1],
            states: vec![Rows::new()],
            stores: vec![StoreState::default(); sinks],
            ..World::default()
        };
        Self(Rc::new(RefCell::new(world)))
    }

    /// A request: pending once, then served.
    fn step<'a, T: 'a>(&self, serve: impl FnOnce(&mut World) -> T + 'a) -> Call<'a, T> {
        let world = Rc::clone(&self.0);
        let mut serve = Some(serve);
        let mut is_sent = false;
        Box::pin(poll_fn(move |_| {
            if !is_sent {
                is_sent = true;
                return Poll::Pending;
            }
            let serve = serve.take().expect("a request is answered once");
            Poll::Ready(serve(&mut world.borrow_mut()))
        }))
    }

    pub(crate) fn ports(&self, kind: SinkKind) -> Rc<Ports> {
        let count = self.0.borrow().stores.len();
        let sinks = (0..count)
            .map(|n| Sink {
                joins: self.0.borrow().joins.filter(|_| n + 1 == count),
                id: SinkId(n as u8),
                name: format!("sink{n}"),
                kind,
                store: Rc::new(FakeStore(self.clone(), n)),
            })
            .collect();
        Rc::new(Ports {
            runtime: Rc::new(self.clone()),
            source: Rc::new(self.clone()),
            sinks,
            log: Rc::new(self.clone()),
            checkpoint: Rc::new(self.clone()),
            schema: self.0.borrow().schema.clone(),
        })
    }

    pub(crate) fn shown(&self, sink: usize) -> Rows {
        self.0.borrow().stores[sink].rows()
    }

    pub(crate) fn source(&self) -> Rows {
        self.0.borrow().rows.clone()
    }

    /// Lets the step arrive that is still on the way to a sink, and gives what becomes of it, which nobody hears.
    pub(crate) fn let_go(&self, sink: usize) -> Outcome<Reply> {
        let store = &mut self.0.borrow_mut().stores[sink];
        let late = store.late.take().expect("a step is on the way");
        let outcome = store.serve(late);
        store.shown.push(store.rows());
        outcome
    }

    pub(crate) fn assert_converged(&self, context: &str) {
        for sink in 0..self.0.borrow().stores.len() {
            assert_eq!(self.shown(sink), self.source(), "sink {sink}: {context}");
        }
    }
}

impl Runtime for Fake {
    fn now(&self) -> Time {
        self.0.borrow().now
    }
    fn wall_clock(&self) -> Time {
        self.0.borrow().now
    }
    fn sleep(&self, span: Span) -> Call<'static, ()> {
        let until = self.now() + span;
        self.step(move |world| world.now = world.now.max(until))
    }
    fn about(&self, _: u64) {}
    fn retry(&self) {}
    fn round(&self) {}
    fn round_failed(&self) {}
    fn halts(&self, why: Refusal) {
        self.0.borrow_mut().halts.push(Some(why));
    }
    fn goes_on(&self) {
        self.0.borrow_mut().halts.push(None);
    }
    fn draw(&self, _: &'static str) -> u64 {
        0
    }
}
