//! Waiting for a moment.

use super::Executor;
use super::timers::TimerId;
use driftlab_model::Time;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The deadline came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

/// A timer of a future that is polled by hand. It must be taken back before it is dropped.
#[derive(Debug, Default)]
pub struct Alarm(Option<TimerId>);

impl Alarm {
    /// Waits until a moment: sets the timer where it is not set yet.
    #[inline]
    pub fn wait(&mut self, executor: &Executor, until: Time) -> Poll<()> {
        if executor.now() >= until {
            self.0 = None;
            return Poll::Ready(());
        }
        if self.0.is_none() && until < Time::NEVER {
            self.0 = Some(executor.set_timer(until));
        }
        Poll::Pending
    }

    /// Takes the timer back, where it is set: it neither wakes nor moves time.
    #[inline]
    pub fn take_back(&mut self, executor: &Executor) {
        if let Some(timer) = self.0.take() {
            executor.unset_timer(timer);
        }
    }
}

/// Waits until a moment. Its timer is set at the first poll, and taken back when it is dropped.
pub struct Sleep {
    executor: Rc<Executor>,
    deadline: Time,
    alarm: Alarm,
}

impl Sleep {
    pub(super) fn new(executor: Rc<Executor>, deadline: Time) -> Self {
        Self { executor, deadline, alarm: Alarm::default() }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let me = &mut *self;
        me.alarm.wait(&me.executor, me.deadline)
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.alarm.take_back(&self.executor);
    }
}
