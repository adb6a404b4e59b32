//! A process as its world knows it: whose choices they are, whose clock it reads, what it is working on.

use super::World;
use super::live::Live;
use driftlab_model::draws::{Entity, Purpose};
use driftlab_model::hash::mix;
use driftlab_model::port::Runtime;
use driftlab_model::{Call, Event, ProcessId, Refusal, Span, Stage, Time};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

/// The identity of a process, kept over its crashes.
pub(super) struct Caller {
    world: Weak<World>,
    pub(super) process: ProcessId,
    pub(super) entity: Entity,
    /// The clock's error in nanoseconds: ahead is positive.
    pub(super) skew_nanos: Cell<i64>,
    /// What it works on; with its life, the attempt and the number of the call, the subject of its draws.
    about: Cell<u64>,
    life: Cell<u64>,
    attempt: Cell<u64>,
    call: Cell<u64>,
    /// Attempts beyond the first of whatever was tried more than once: when a process comes back to work that failed, its luck must not be the same
    /// again, or it would fail for ever.
    attempts: RefCell<BTreeMap<u64, u64>>,
    /// Rounds begun since the last effect of anybody, with the number of that effect.
    idle: Cell<(u64, u32)>,
}

/// One request of a process, as the subject of the draws that decide its fate.
#[derive(Clone, Copy)]
pub(super) struct CallSubject(u64);

impl Caller {
    pub(super) fn new(world: &Rc<World>, process: ProcessId, name: &str) -> Self {
        Self {
            world: Rc::downgrade(world),
            process,
            entity: Entity::named(name),
            skew_nanos: Cell::new(0),
            about: Cell::new(0),
            life: Cell::new(0),
            attempt: Cell::new(0),
            call: Cell::new(0),
            attempts: RefCell::default(),
            idle: Cell::new((0, 0)),
        }
    }

    pub(super) fn world(&self) -> Rc<World> {
        self.world.upgrade().expect("a world outlives its processes")
    }

    /// What runs now. Only what runs asks for it.
    pub(super) fn live(&self) -> Rc<Live> {
        self.world().live()
    }

    pub(super) fn reset(&self) {
        self.skew_nanos.set(0);
        self.about.set(0);
        self.life.set(0);
        self.attempt.set(0);
        self.call.set(0);
        self.attempts.borrow_mut().clear();
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

    /// The subject of the next request.
    pub(super) fn next_call(&self) -> CallSubject {
        let call = self.call.get();
        self.call.set(call + 1);
        CallSubject(mix(self.about.get(), (self.life.get() << 48) ^ (self.attempt.get() << 24) ^ call))
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
        self.live().clock.now()
    }

    fn wall_clock(&self) -> Time {
        self.live().clock.wall(self.skew_nanos.get())
    }

    fn sleep(&self, span: Span) -> Call<'static, ()> {
        let live = self.live();
        let wanted = live.clock.now() + span;
        Box::pin(async move {
            live.alarm.sleep_until(wanted).await;
            live.woke(wanted);
        })
    }

    fn about(&self, subject: u64) {
        if self.about.replace(subject) != subject {
            self.call.set(0);
            self.attempt.set(self.attempts.borrow().get(&subject).copied().unwrap_or(0));
        }
    }

    fn retry(&self) {
        self.attempt.set(self.attempt.get() + 1);
        self.attempts.borrow_mut().insert(self.about.get(), self.attempt.get());
    }

    fn round(&self) {
        let effects = self.live().recorder.effects();
        self.idle.set((effects, self.idle_rounds(effects) + 1));
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

    fn draw(&self, purpose: &'static str) -> u64 {
        let subject = CallSubject(mix(self.about.get(), (self.life.get() << 48) ^ self.attempt.get()));
        self.draw_for(&self.world(), Purpose::named(purpose), subject)
    }
}
