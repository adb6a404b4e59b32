//! A process as its world knows it: whose choices they are, whose clock it reads, what it is working on.

use super::World;
use super::node::NodeId;
use super::prints::Prints;
use crate::executor::Executor;
use driftlab_model::draws::{Entity, Purpose};
use driftlab_model::hash::mix;
use driftlab_model::port::Runtime;
use driftlab_model::{Call, Event, ProcessId, Refusal, Span, Stage, Time};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

/// What wall clocks show at the beginning of a run, so that one that is behind has room to be.
pub(super) const WALL_CLOCK_AT_START: Span = Span::from_secs(86_400);

/// The identity of a process, kept over its crashes.
pub(super) struct Caller {
    world: Weak<World>,
    pub(super) executor: Rc<Executor>,
    pub(super) prints: Rc<Prints>,
    pub(super) process: ProcessId,
    pub(super) entity: Entity,
    /// The clock's error in nanoseconds: ahead is positive.
    pub(super) skew_nanos: Cell<i64>,
    /// What it works on; with its life, the attempt, the node and the number of the call, the subject of its draws.
    about: Cell<u64>,
    life: Cell<u64>,
    attempt: Cell<u64>,
    /// Requests of this work so far, by node: leaving one node out leaves the luck of requests to all others as it was.
    calls: SmallVec<[Cell<u32>; 8]>,
    /// Attempts beyond the first of whatever was tried more than once: when a process comes back to work that failed, its luck must not be the same
    /// again, or it would fail for ever.
    attempts: RefCell<BTreeMap<u64, u64>>,
    /// Rounds begun since the last effect of anybody, with the number of that effect.
    idle: Cell<(u64, u32)>,
}

/// One request of a process, as the subject of the draws that decide its fate.
#[derive(Clone, Copy, Default)]
pub(super) struct CallSubject(pub(super) u64);

impl Caller {
    pub(super) fn new(world: &Rc<World>, process: ProcessId, name: &str) -> Self {
        Self {
            world: Rc::downgrade(world),
            executor: Rc::clone(&world.executor),
            prints: Rc::clone(&world.prints),
            process,
            entity: Entity::named(name),
            skew_nanos: Cell::new(0),
            about: Cell::new(0),
            life: Cell::new(0),
            attempt: Cell::new(0),
            calls: world.nodes.iter().map(|_| Cell::new(0)).collect(),
            attempts: RefCell::default(),
            idle: Cell::new((0, 0)),
        }
    }

    pub(super) fn world(&self) -> Rc<World> {
        self.world.upgrade().expect("a world outlives its processes")
    }

    pub(super) fn reset(&self) {
        self.skew_nanos.set(0);
        self.about.set(0);
        self.life.set(0);
        self.attempt.set(0);
        self.forget_calls();
        // To clear a tree costs something even where it is empty.
        if !self.attempts.borrow().is_empty() {
            self.attempts.borrow_mut().clear();
        }
        self.idle.set((0, 0));
    }

    /// The process starts again from nothing: its choices must not repeat those of its last life.
    pub(super) fn reborn(&self) {
        self.life.set(self.life.get() + 1);
        self.idle.set((0, 0));
    }

    /// Rounds begun since the effect of this number, which was the last.
    pub(super) fn idle_rounds(&self, effects: u64) -> u32 {
        let (since, rounds) = self.idle.get();
        if since == effects { rounds } else { 0 }
    }

    /// The subject of the next request to a node.
    pub(super) fn next_call(&self, id: NodeId, node: Entity) -> CallSubject {
        let calls = &self.calls[id.0];
        let call = u64::from(calls.replace(calls.get() + 1));
        let work = mix(self.about.get() ^ node.digest().rotate_left(32), self.life.get());
        CallSubject(mix(work, (self.attempt.get() << 32) ^ call))
    }

    fn forget_calls(&self) {
        self.calls.iter().for_each(|calls| calls.set(0));
    }

    /// Tells of a stage of its life that it comes to by itself.
    fn live_on(&self, stage: Stage) {
        self.world().emit(Event::Lifecycle { process: self.process, stage });
    }

    pub(super) fn draw_for(&self, world: &World, purpose: Purpose, subject: CallSubject) -> u64 {
        world.draws.get().draw(self.entity, purpose, subject.0)
    }
}

impl Runtime for Caller {
    fn now(&self) -> Time {
        self.looks_at_the_clock();
        self.executor.clock()
    }

    fn wall_clock(&self) -> Time {
        let right = self.now() + WALL_CLOCK_AT_START;
        Time::from_nanos(right.nanos().saturating_add_signed(self.skew_nanos.get()))
    }

    fn sleep(&self, span: Span) -> Call<'static, ()> {
        self.waits();
        let until = self.now() + span + self.oversleeps();
        Box::pin(self.executor.sleep_until(until))
    }

    fn about(&self, subject: u64) {
        if self.about.replace(subject) != subject {
            self.forget_calls();
            self.attempt.set(self.attempts.borrow().get(&subject).copied().unwrap_or(0));
        }
    }

    fn retry(&self) {
        self.attempt.set(self.attempt.get() + 1);
        self.attempts.borrow_mut().insert(self.about.get(), self.attempt.get());
    }

    fn round(&self) {
        let world = self.world();
        let effects = world.effects.get();
        self.idle.set((effects, self.idle_rounds(effects) + 1));
        world.round_began.set(true);
    }

    fn round_failed(&self) {
        let (since, rounds) = self.idle.get();
        self.idle.set((since, rounds.saturating_sub(1)));
    }

    fn halts(&self, why: Refusal) {
        self.live_on(Stage::Halted(why));
    }

    fn goes_on(&self) {
        self.live_on(Stage::Resumed);
    }

    fn remembers(&self, memory: &[u64]) {
        self.keeps(memory);
    }

    fn draw(&self, purpose: &'static str) -> u64 {
        self.draws();
        let world = self.world();
        self.draw_for(
            &world,
            Purpose::named(purpose),
            CallSubject(mix(self.about.get(), (self.life.get() << 48) ^ self.attempt.get())),
        )
    }
}
