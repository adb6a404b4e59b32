//! A bounded number of servers, and the queue before them.

use super::{Elapsed, Executor, Sleep, TaskId};
use driftlab_model::Time;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Serves so many requests at once; the others wait, first come, first served. That is how overload queues.
pub struct Servers {
    executor: Rc<Executor>,
    total: u32,
    free: Cell<u32>,
    queue: RefCell<VecDeque<Rc<Ticket>>>,
}

struct Ticket {
    task: TaskId,
    state: Cell<TicketState>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TicketState {
    Waiting,
    Granted,
    Gone,
}

/// A server that is busy for its holder; free again when this is dropped.
pub struct Permit {
    servers: Rc<Servers>,
}

impl Servers {
    /// So many servers, all free.
    #[must_use]
    pub fn new(executor: Rc<Executor>, total: u32) -> Self {
        Self { executor, total, free: Cell::new(total), queue: RefCell::default() }
    }

    /// Waits for a free server, but not beyond the deadline.
    #[must_use]
    pub fn acquire(self: &Rc<Self>, deadline: Time) -> Acquire {
        Acquire { servers: Rc::clone(self), deadline, ticket: None, alarm: None }
    }

    /// A free server, at once, where there is one. Then nobody waits, so nobody is overtaken.
    #[must_use]
    pub fn try_acquire(self: &Rc<Self>) -> Option<Permit> {
        let free = self.free.get().checked_sub(1)?;
        self.free.set(free);
        Some(Permit { servers: Rc::clone(self) })
    }

    /// How many requests wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.borrow().iter().filter(|ticket| ticket.state.get() == TicketState::Waiting).count()
    }

    /// Frees all servers and forgets who waits, for the next run.
    pub fn reset(&self) {
        self.queue.borrow_mut().clear();
        self.free.set(self.total);
    }

    fn release(&self) {
        while let Some(ticket) = self.queue.borrow_mut().pop_front() {
            if ticket.state.get() == TicketState::Waiting {
                ticket.state.set(TicketState::Granted);
                self.executor.wake(ticket.task);
                return;
            }
        }
        self.free.set((self.free.get() + 1).min(self.total));
    }
}

/// Waits for a free server.
pub struct Acquire {
    servers: Rc<Servers>,
    deadline: Time,
    ticket: Option<Rc<Ticket>>,
    alarm: Option<Sleep>,
}

impl Future for Acquire {
    type Output = Result<Permit, Elapsed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        match &me.ticket {
            None => {
                if let Some(permit) = me.servers.try_acquire() {
                    return Poll::Ready(Ok(permit));
                }
                let task = me.servers.executor.current();
                let ticket = Rc::new(Ticket { task, state: Cell::new(TicketState::Waiting) });
                me.servers.queue.borrow_mut().push_back(Rc::clone(&ticket));
                me.ticket = Some(ticket);
                me.alarm = Some(me.servers.executor.sleep_until(me.deadline));
            }
            Some(ticket) if ticket.state.get() == TicketState::Granted => {
                ticket.state.set(TicketState::Gone);
                return Poll::Ready(Ok(Permit { servers: Rc::clone(&me.servers) }));
            }
            Some(_) => {}
        }
        let late = me.alarm.as_mut().is_some_and(|alarm| Pin::new(alarm).poll(cx).is_ready());
        if late { Poll::Ready(Err(Elapsed)) } else { Poll::Pending }
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if let Some(ticket) = &self.ticket {
            // Granted and never taken: the server must go to the next in the queue.
            if ticket.state.replace(TicketState::Gone) == TicketState::Granted {
                self.servers.release();
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.servers.release();
    }
}
