//! The executor: one thread, virtual time, no surprise.
//!
//! Tasks are futures. Ready tasks are polled first come, first served; when none is ready, time jumps to the next timer. Timers of one
//! moment fire in an order that is keyed by task name and moment, so that leaving one task out does not reorder the others.
//!
//! - [`Executor`] runs tasks; [`Executor::spawn`], [`Executor::cancel`] (that is how a process crashes), [`Executor::pause`].
//! - [`Sleep`] waits for a moment. Dropping it takes its timer back: it neither wakes nor moves time.
//! - [`Signal`] wakes those who wait for something to change; [`Servers`] is a queue before a bounded number of servers.

mod servers;
mod signal;
mod sleep;
mod task;
mod timers;

pub use servers::{Acquire, Permit, Servers};
pub use signal::Signal;
pub use sleep::{Alarm, Elapsed, Sleep};
pub use task::TaskId;

use crate::schedule::{Chooser, Clocks, LegId, Legs};
use driftlab_model::{Span, Time};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;
use task::{Tasks, Turn, ready, waker};
use timers::Timers;

/// A single-threaded executor in virtual time. Only one may run on a thread at a time.
#[derive(Default)]
pub struct Executor {
    now: Cell<Time>,
    steps: Cell<u64>,
    finished: Cell<u64>,
    current: Cell<TaskId>,
    /// The name of the current task, of which every timer that it sets needs to know.
    current_name: Cell<u64>,
    tie_seed: Cell<u64>,
    tasks: RefCell<Tasks>,
    timers: RefCell<Timers>,
    /// Whether anything was started since the last reset.
    is_used: Cell<bool>,
    /// Legs that end when the chooser says so, where there is one.
    legs: RefCell<Legs>,
    chooser: RefCell<Option<Rc<RefCell<dyn Chooser>>>>,
    clocks: Cell<Clocks>,
    /// When the last timer fired.
    fired: Cell<Time>,
}

/// How far time moves with each choice: so little that no timer is overtaken, and enough that no two choices fall into one moment.
const TICK: Span = Span::from_nanos(1);

/// What a step of the executor came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A task was polled.
    Polled,
    /// No task is ready and no timer is set: nothing will ever happen again.
    Idle,
    /// The next thing would happen after the limit; time stands at the limit now.
    Limit,
}

impl Executor {
    /// The moment.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now.get()
    }

    /// What clocks show: the moment, or where legs take no time, the last at which time passed.
    #[must_use]
    pub fn clock(&self) -> Time {
        match self.clocks.get() {
            Clocks::Run => self.now.get(),
            Clocks::StandStill => self.fired.get(),
        }
    }

    /// How often a task was polled since the last reset.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// How many tasks have finished or were cancelled since the last reset: whoever waits for one to end looks only when this grew.
    #[must_use]
    pub fn finished(&self) -> u64 {
        self.finished.get()
    }

    /// The task that is being polled.
    #[must_use]
    pub fn current(&self) -> TaskId {
        self.current.get()
    }

    /// Starts a task; it is polled for the first time in its turn. The name's digest orders timers of one moment.
    pub fn spawn(&self, name: u64, future: impl Future<Output = ()> + 'static) -> TaskId {
        self.spawn_boxed(name, Box::pin(future))
    }

    /// Starts a task that is boxed already.
    pub fn spawn_boxed(&self, name: u64, future: Pin<Box<dyn Future<Output = ()>>>) -> TaskId {
        self.is_used.set(true);
        let id = self.tasks.borrow_mut().insert(name, future);
        ready::push(id.slot());
        id
    }

    /// Drops a task wherever it stands: everything it had in memory is gone. A finished task is left in peace.
    ///
    /// # Panics
    /// When a task cancels itself: it would have to be dropped while it runs.
    pub fn cancel(&self, id: TaskId) {
        assert!(id != self.current.get(), "a task cannot cancel itself");
        // The future is dropped only after the borrow has ended: dropping it may start other tasks.
        let future = self.tasks.borrow_mut().remove(id);
        self.finished.set(self.finished.get() + 1);
        drop(future);
    }

    /// Whether a task has not finished.
    #[must_use]
    pub fn is_alive(&self, id: TaskId) -> bool {
        self.tasks.borrow().contains(id)
    }

    /// How often a task was polled.
    #[must_use]
    pub fn polls(&self, id: TaskId) -> u64 {
        self.tasks.borrow().polls(id)
    }

    /// Lets a task stand still: it is not polled until it is resumed, while its timers and replies go by.
    pub fn pause(&self, id: TaskId) {
        self.tasks.borrow_mut().pause(id);
    }

    /// Lets a paused task go on.
    pub fn resume(&self, id: TaskId) {
        if self.tasks.borrow_mut().resume(id) {
            ready::push(id.slot());
        }
    }

    /// Waits until a moment.
    #[must_use]
    pub fn sleep_until(self: &Rc<Self>, deadline: Time) -> Sleep {
        Sleep::new(Rc::clone(self), deadline)
    }

    /// Polls one ready task, moving time to the next timer where none is ready, but not beyond `limit`.
    pub fn step(&self, limit: Time) -> Step {
        loop {
            let slot = match ready::pop() {
                Some(slot) => slot,
                None => match self.advance(limit) {
                    Ok(slot) => slot,
                    Err(stop) => return stop,
                },
            };
            let Some(Turn { id, name, mut future }) = self.tasks.borrow_mut().take(slot) else { continue };
            self.current.set(id);
            self.current_name.set(name);
            self.steps.set(self.steps.get() + 1);
            let poll = future.as_mut().poll(&mut Context::from_waker(&waker(slot)));
            self.current.set(TaskId::NONE);
            self.current_name.set(0);
            if poll.is_ready() {
                self.tasks.borrow_mut().remove(id);
                self.finished.set(self.finished.get() + 1);
                drop(future);
            } else {
                // Given back where it was cancelled meanwhile; dropped outside of the borrow, because that may start other tasks.
                let cancelled = self.tasks.borrow_mut().put_back(id, future);
                drop(cancelled);
            }
            return Step::Polled;
        }
    }

    /// Runs until a moment, or until nothing will ever happen again.
    pub fn run_until(&self, limit: Time) -> Step {
        loop {
            match self.step(limit) {
                Step::Polled => {}
                stop => return stop,
            }
        }
    }

    /// Moves time to the next timer and gives the slot of the task that it wakes; otherwise what stands in the way.
    fn advance(&self, limit: Time) -> Result<u32, Step> {
        let next = self.timers.borrow_mut().next();
        if let Some(chooser) = &*self.chooser.borrow()
            && let Some(choice) = self.choose(chooser, next.unwrap_or(Time::NEVER).min(limit))
        {
            return choice.ok_or(Step::Idle);
        }
        match next {
            None => Err(Step::Idle),
            Some(at) if at > limit => {
                self.now.set(self.now.get().max(limit));
                Err(Step::Limit)
            }
            Some(at) => {
                self.now.set(self.now.get().max(at));
                self.fired.set(self.fired.get().max(at));
                Ok(self.timers.borrow_mut().pop())
            }
        }
    }

    /// Lets the chooser end one of the open legs, where that is before `limit`, and gives the slot of the task that was on it; nobody's where it wants no more.
    fn choose(&self, chooser: &RefCell<dyn Chooser>, limit: Time) -> Option<Option<u32>> {
        let now = self.now.get() + TICK;
        let legs = self.legs.borrow();
        if legs.all().is_empty() || now >= limit {
            return None;
        }
        let place = if legs.all().len() == 1 { Some(0) } else { chooser.borrow_mut().choose(legs.all()) };
        drop(legs);
        let Some(place) = place else { return Some(None) };
        self.now.set(now);
        Some(Some(self.legs.borrow_mut().end(place, now)))
    }

    /// Hands the order of legs to a chooser, until the next call.
    pub fn set_chooser(&self, chooser: Option<Rc<RefCell<dyn Chooser>>>, clocks: Clocks) {
        self.chooser.replace(chooser);
        self.clocks.set(clocks);
    }

    /// The timers that are set, in no order: when each fires, and the name of its task.
    pub(crate) fn each_timer(&self, mut look: impl FnMut(Time, u64)) {
        let tasks = self.tasks.borrow();
        self.timers.borrow().each(|at, task| look(at, tasks.name(task)));
    }

    /// The name of a task.
    pub(crate) fn name(&self, task: TaskId) -> u64 {
        self.tasks.borrow().name(task.slot())
    }

    /// The current task begins a leg that a chooser will end.
    pub(crate) fn open_leg(&self, id: LegId, entity: u64) {
        self.legs.borrow_mut().open(id, entity, self.current.get().slot(), self.now.get());
    }

    /// Whether a leg has not ended.
    pub(crate) fn is_open(&self, id: LegId) -> bool {
        self.legs.borrow().is_open(id)
    }

    /// Nobody is on a leg any more.
    pub(crate) fn close_leg(&self, id: LegId) {
        self.legs.borrow_mut().close(id);
    }

    /// Notes the length of a leg that time ends.
    pub(crate) fn note_leg(&self, id: LegId, length: Span) {
        self.legs.borrow_mut().note(id, length);
    }

    /// The legs of the run so far and their lengths, in the order in which they were known.
    #[must_use]
    pub fn legs(&self) -> Vec<(LegId, Span)> {
        self.legs.borrow().ended().to_vec()
    }

    /// Forgets the lengths of legs that a run before had.
    pub(crate) fn forget_legs(&self) {
        self.legs.borrow_mut().forget();
    }

    /// Drops all tasks and timers and puts time back to its beginning, keeping all memory. `seed` orders timers of one moment.
    pub fn reset(&self, seed: u64) {
        // A world is reset when a run ends and again when the next begins.
        if self.is_used.get() {
            // Futures are dropped outside of the borrow, until none is left, because dropping one may start another.
            loop {
                let dropped = self.tasks.borrow_mut().drain();
                if dropped.is_empty() {
                    break;
                }
                drop(dropped);
            }
            self.timers.borrow_mut().clear();
            self.legs.borrow_mut().clear();
            self.is_used.set(false);
        }
        // The queue is the thread's: an executor that was dropped may have left something in it.
        ready::clear();
        self.now.set(Time::ZERO);
        self.fired.set(Time::ZERO);
        self.steps.set(0);
        self.finished.set(0);
        self.tie_seed.set(seed);
    }

    pub(crate) fn wake(&self, task: TaskId) {
        ready::push(task.slot());
    }

    fn set_timer(&self, at: Time) -> timers::TimerId {
        let tie = driftlab_model::hash::mix(self.tie_seed.get() ^ self.current_name.get(), at.nanos());
        self.timers.borrow_mut().set(at, tie, self.current.get().slot())
    }

    fn unset_timer(&self, timer: timers::TimerId) {
        self.timers.borrow_mut().unset(timer);
    }
}

#[cfg(test)]
mod tests;
