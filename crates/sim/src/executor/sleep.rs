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

/// Waits until a moment. Its timer is set at the first poll, and taken back when it is dropped.
pub struct Sleep {
    executor: Rc<Executor>,
    deadline: Time,
    timer: Option<TimerId>,
}

impl Sleep {
    pub(super) fn new(executor: Rc<Executor>, deadline: Time) -> Self {
        Self { executor, deadline, timer: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.executor.now() >= self.deadline {
            self.timer = None;
            return Poll::Ready(());
        }
        if self.timer.is_none() && self.deadline < Time::NEVER {
            self.timer = Some(self.executor.set_timer(self.deadline));
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(timer) = self.timer {
            self.executor.unset_timer(timer);
        }
    }
}
