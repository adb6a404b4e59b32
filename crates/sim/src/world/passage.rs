//! What a request and a transaction have in common: the way to a node, into its queue, and back.

use super::World;
use super::caller::{CallSubject, Caller};
use super::node::{Node, NodeId};
use crate::database::SessionId;
use crate::draws::Purpose;
use crate::executor::{Acquire, Alarm, Elapsed, Permit};
use crate::fault::Fate;
use driftlab_model::{Latency, Span, Time};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

const REQUEST: Purpose = Purpose::named("request");
const REPLY: Purpose = Purpose::named("reply");

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
    /// When the traveller gives up.
    deadline: Time,
    alarm: Alarm,
    queue: Option<Acquire>,
    permit: Option<Permit>,
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
            deadline: Time::ZERO,
            alarm: Alarm::default(),
            queue: None,
            permit: None,
        }
    }

    /// Sets out, learning its fate; `patience` is what it waits beyond the node's timeout.
    pub(super) fn set_out(&mut self, patience: Span) {
        self.subject = self.caller.next_call();
        self.fate = self.world.fate(&self.caller, self.node().process, self.subject);
        self.deadline = self.now() + self.node().config.timeout + patience;
        let out = self.sample(self.node().config.network, REQUEST) + self.fate.delay;
        self.head_for(out);
    }

    /// The next leg takes so long.
    pub(super) fn head_for(&mut self, leg: Span) {
        self.due = self.now() + leg;
    }

    /// Nothing will come any more.
    pub(super) const fn head_for_nowhere(&mut self) {
        self.due = Time::NEVER;
    }

    /// Goes back over the network.
    pub(super) fn turn_back(&mut self) {
        self.head_for(self.sample(self.node().config.network, REPLY));
    }

    /// Waits for the end of the leg.
    pub(super) fn wait(&mut self) -> Poll<Result<(), Elapsed>> {
        let until = self.due.min(self.deadline);
        ready!(self.alarm.wait(&self.world.executor, until));
        Poll::Ready(if self.due > self.deadline { Err(Elapsed) } else { Ok(()) })
    }

    /// Waits for a server of the node, after whoever came before.
    pub(super) fn enter(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Elapsed>> {
        if self.permit.is_some() {
            return Poll::Ready(Ok(()));
        }
        let permit = match &mut self.queue {
            Some(queue) => ready!(Pin::new(queue).poll(context)),
            None => {
                let servers = &self.node().servers;
                if let Some(permit) = servers.try_acquire() {
                    Ok(permit)
                } else {
                    let mut queue = servers.acquire(self.deadline);
                    let poll = Pin::new(&mut queue).poll(context);
                    self.queue = Some(queue);
                    ready!(poll)
                }
            }
        };
        self.queue = None;
        self.permit = Some(permit?);
        Poll::Ready(Ok(()))
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
        self.world.executor.now()
    }

    /// Goes on from where it stands without whoever sent it, and for as long as it takes. Who waits in the queue goes to its end.
    pub(super) fn alone(&mut self) -> Self {
        Self {
            world: Rc::clone(&self.world),
            caller: Rc::clone(&self.caller),
            node: self.node,
            subject: self.subject,
            fate: self.fate,
            due: self.due,
            deadline: Time::NEVER,
            alarm: Alarm::default(),
            queue: None,
            permit: self.permit.take(),
        }
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.alarm.take_back(&self.world.executor);
    }
}
