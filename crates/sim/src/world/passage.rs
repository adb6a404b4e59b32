//! What a request and a transaction have in common: the way to a node, into its queue, and back.

use super::World;
use super::caller::{CallSubject, Caller};
use super::node::{Node, NodeId};
use super::prints::Tells;
use crate::database::SessionId;
use crate::executor::{Acquire, Alarm, Elapsed, Permit};
use crate::schedule::LegId;
use driftlab_fault::Fate;
use driftlab_model::draws::Purpose;
use driftlab_model::{Failure, Latency, Passing, Point, RequestKind, Schema, Span, Time, Timed, Times};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

const REQUEST: Purpose = Purpose::named("request");
const REPLY: Purpose = Purpose::named("reply");

/// How a request was served, for fingerprints.
pub(super) struct Served {
    /// Whether it may have changed anything.
    pub(super) changes: bool,
    /// How much its reply tells.
    pub(super) tells: Tells,
    /// Why it failed, where it did.
    pub(super) failure: Option<Failure>,
}

/// Somebody's way to a node, one leg after the other, and when the leg that it is on ends.
///
/// Polled by hand rather than awaited: a run is little else than passages, and a future within a future within a future cost as much as the journey.
pub(super) struct Passage {
    pub(super) world: Rc<World>,
    pub(super) caller: Rc<Caller>,
    node: NodeId,
    subject: CallSubject,
    pub(super) fate: Fate,
    due: Time,
    /// The leg that it is on, where a chooser ends it.
    open: Option<LegId>,
    /// Whether the chooser knows.
    is_listed: bool,
    /// The number of the request among its caller's, and what the leg is for that it is on, for fingerprints.
    number: u32,
    purpose: Option<Purpose>,
    /// When the traveller gives up.
    deadline: Time,
    alarm: Alarm,
    /// Boxed, because most never wait, and a passage is built and moved for every request.
    queue: Option<Box<Acquire>>,
    permit: Option<Permit>,
    /// What it is called where somebody follows it: its number, and what it asks.
    told: Option<Rc<(u64, String)>>,
    /// What it asks, of how many rows, and for how long the node has been idle, where its times were measured.
    timed: Option<(RequestKind, usize, Span)>,
}

impl Passage {
    /// Nobody has set out yet.
    pub(super) fn new(world: Rc<World>, caller: Rc<Caller>, node: NodeId) -> Self {
        Self {
            world,
            caller,
            node,
            subject: CallSubject::default(),
            fate: Fate::default(),
            due: Time::ZERO,
            open: None,
            is_listed: false,
            number: 0,
            purpose: None,
            deadline: Time::ZERO,
            alarm: Alarm::default(),
            queue: None,
            permit: None,
            told: None,
            timed: None,
        }
    }

    /// Sets out, learning its fate; `patience` is what it waits beyond the node's timeout.
    pub(super) fn set_out(&mut self, kind: RequestKind, rows: usize, patience: Span) {
        self.subject = self.caller.next_call(self.node, self.node().entity);
        self.number = self.caller.number();
        if self.world.requests_are_struck() {
            self.fate = self.world.fate(&self.caller, self.node().process, self.subject);
        }
        self.deadline = self.now() + self.node().config.timeout + patience;
        let idle = self.now() - self.node().heard.get();
        self.timed = self.node().times.as_ref().map(|_| (kind, rows, idle));
        let out = match self.times() {
            Some(times) => times.times.out.sample(self.draw(REQUEST)),
            None => self.sample(self.node().config.network, REQUEST),
        };
        let out = out + self.fate.delay;
        self.begin_leg(REQUEST, out);
    }

    /// Begins a leg, and says how long the scenario would have it take.
    #[inline]
    pub(super) fn begin_leg(&mut self, purpose: Purpose, declared: Span) {
        if declared.is_zero() || self.world.follows_the_scenario() {
            self.due = self.now() + declared;
        } else {
            self.begin_scheduled_leg(purpose, declared);
        }
    }

    #[cold]
    fn begin_scheduled_leg(&mut self, purpose: Purpose, declared: Span) {
        let id = LegId::of(self.caller.entity, purpose, self.subject.0);
        match self.world.length_of(id, declared, || self.draw(purpose)) {
            Some(length) => self.due = self.now() + length,
            None => {
                self.open = Some(id);
                self.purpose = Some(purpose);
                self.caller.on_leg(self.number, purpose);
            }
        }
    }

    /// What it takes, where that was measured.
    pub(super) fn times(&self) -> Option<Timed<'_>> {
        let (kind, rows, idle) = self.timed?;
        Times::of(self.node().times.as_ref()?, kind, rows, idle)
    }

    /// Nothing will come any more.
    pub(super) const fn head_for_nowhere(&mut self) {
        self.due = Time::NEVER;
    }

    /// Goes back over the network.
    pub(super) fn turn_back(&mut self) {
        let back = match self.times() {
            Some(times) => times.times.back.sample(self.draw(REPLY)),
            None => self.sample(self.node().config.network, REPLY),
        };
        self.begin_leg(REPLY, back);
    }

    /// Waits for the end of the leg.
    // Not a part of its callers: they are many, and the same code again and again is what a processor has to wait for.
    #[inline(never)]
    pub(super) fn wait(&mut self) -> Poll<Result<(), Elapsed>> {
        if let Some(leg) = self.open {
            return self.wait_for_chooser(leg);
        }
        let until = self.due.min(self.deadline);
        ready!(self.alarm.wait(&self.world.executor, until));
        Poll::Ready(if self.due > self.deadline { Err(Elapsed) } else { Ok(()) })
    }

    #[cold]
    fn wait_for_chooser(&mut self, leg: LegId) -> Poll<Result<(), Elapsed>> {
        let executor = &self.world.executor;
        if !self.is_listed {
            executor.open_leg(leg, self.caller.entity.digest());
            self.is_listed = true;
        }
        if executor.is_open(leg) {
            if self.alarm.wait(executor, self.deadline).is_pending() {
                return Poll::Pending;
            }
            return Poll::Ready(Err(Elapsed));
        }
        self.alarm.take_back(executor);
        self.due = executor.now();
        (self.open, self.is_listed) = (None, false);
        self.leave_leg();
        Poll::Ready(Ok(()))
    }

    fn leave_leg(&mut self) {
        if let Some(purpose) = self.purpose.take() {
            self.caller.on_leg(self.number, purpose);
        }
    }

    /// The chooser need not think of it any more.
    fn strike_off(&mut self) {
        if let Some(leg) = self.open
            && std::mem::take(&mut self.is_listed)
        {
            self.world.executor.close_leg(leg);
        }
    }

    /// Waits for a server of the node, after whoever came before.
    #[inline]
    pub(super) fn enter(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Elapsed>> {
        if self.permit.is_some() {
            return Poll::Ready(Ok(()));
        }
        if self.queue.is_none()
            && let Some(permit) = self.node().servers.try_acquire()
        {
            self.is_served_by(permit);
            return Poll::Ready(Ok(()));
        }
        self.stand_in_line(context)
    }

    #[cold]
    fn stand_in_line(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Elapsed>> {
        let queue = match &mut self.queue {
            Some(queue) => queue,
            None => {
                self.caller.queues(&self.world, self.number);
                let queue = Box::new(self.node().servers.acquire(self.deadline));
                self.queue.insert(queue)
            }
        };
        let permit = ready!(Pin::new(&mut **queue).poll(context));
        self.queue = None;
        self.is_served_by(permit?);
        Poll::Ready(Ok(()))
    }

    fn is_served_by(&mut self, permit: Permit) {
        self.permit = Some(permit);
        let served = &self.node().served;
        served.set(served.get() + 1);
    }

    /// Waits for the lock that a session stands in the queue for.
    pub(super) fn wait_for_lock(&mut self, session: SessionId) -> Poll<Result<(), Elapsed>> {
        let executor = &self.world.executor;
        if self.world.was_granted_a_lock(session) {
            self.alarm.take_back(executor);
            return Poll::Ready(Ok(()));
        }
        if self.alarm.wait(executor, self.deadline).is_ready() {
            return Poll::Ready(Err(Elapsed));
        }
        self.world.locks_granted.listen(executor);
        Poll::Pending
    }

    /// Says what it asks, where somebody follows it.
    #[inline]
    pub(super) fn introduce(&mut self, what: impl FnOnce(&Schema) -> String) {
        if let Some(number) = self.world.number_if_followed() {
            self.introduce_as(number, what);
        }
    }

    #[cold]
    fn introduce_as(&mut self, number: u64, what: impl FnOnce(&Schema) -> String) {
        self.told = Some(Rc::new((number, what(&self.world.config.schema))));
        self.tell(|| Point::Sent);
    }

    /// Says how far it has come, where somebody follows it.
    #[inline]
    pub(super) fn tell(&self, point: impl FnOnce() -> Point) {
        if let Some(told) = &self.told {
            self.tell_of(told, point());
        }
    }

    #[cold]
    fn tell_of(&self, told: &(u64, String), point: Point) {
        self.world.tell(Passing {
            at: self.now(),
            request: told.0,
            from: self.caller.process,
            to: self.node().process,
            what: told.1.clone(),
            point,
        });
    }

    /// It has been served, for fingerprints.
    #[inline]
    pub(super) fn note(&self, noted: impl FnOnce() -> Served) {
        if self.caller.prints.are_kept() {
            self.note_as(noted());
        }
    }

    #[cold]
    fn note_as(&self, Served { changes, tells, failure }: Served) {
        let is_sink = self.node.0 >= NodeId::sink(0).0;
        if changes || is_sink {
            self.does(0);
        }
        self.caller.was_served(&self.world, self.node, self.number, tells, failure);
    }

    /// It does something to its node: `what` tells the steps of one request apart.
    #[inline]
    pub(super) fn does(&self, what: u64) {
        if self.caller.prints.are_kept() {
            self.caller.did(&self.world, self.node, self.number, what);
        }
    }

    /// Its caller has the reply.
    pub(super) fn is_heard(&self) {
        self.node().heard.set(self.now());
        self.caller.hears(u64::from(self.number) << 1);
    }

    /// Its caller waits no longer.
    pub(super) fn is_given_up(&self) {
        self.caller.hears(u64::from(self.number) << 1 | 1);
        self.tell(|| Point::GivenUp);
    }

    /// Its server is free for others.
    pub(super) fn leave(&mut self) {
        self.permit = None;
    }

    /// The node that it goes to.
    pub(super) fn node(&self) -> &Node {
        self.world.node(self.node)
    }

    /// How long something takes, this time.
    pub(super) fn sample(&self, latency: Latency, purpose: Purpose) -> Span {
        latency.sample_with(|| self.draw(purpose))
    }

    pub(super) fn draw(&self, purpose: Purpose) -> u64 {
        self.caller.draw_for(&self.world, purpose, self.subject)
    }

    pub(super) fn now(&self) -> Time {
        self.world.executor.clock()
    }

    /// Goes on from where it stands without whoever sent it, and for as long as it takes. Who waits in the queue goes to its end.
    pub(super) fn alone(&mut self) -> Self {
        self.strike_off();
        Self {
            world: Rc::clone(&self.world),
            caller: Rc::clone(&self.caller),
            node: self.node,
            subject: self.subject,
            fate: self.fate,
            due: self.due,
            open: self.open,
            is_listed: false,
            number: self.number,
            purpose: None,
            deadline: Time::NEVER,
            alarm: Alarm::default(),
            queue: None,
            permit: self.permit.take(),
            told: self.told.clone(),
            timed: self.timed,
        }
    }
}

impl Drop for Passage {
    #[inline]
    fn drop(&mut self) {
        if self.open.is_some() {
            self.strike_off();
            self.leave_leg();
        }
        self.alarm.take_back(&self.world.executor);
    }
}
