//! Waiting for something to change.

use super::{Elapsed, Executor, Sleep, TaskId};
use driftlab_model::Time;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

/// Wakes those who wait for something to change; each looks for itself whether it did.
#[derive(Default)]
pub struct Signal {
    waiting: RefCell<Vec<TaskId>>,
}

impl Signal {
    /// Wakes everybody who waits, in the order they came.
    #[inline]
    pub fn raise(&self, executor: &Executor) {
        let mut waiting = self.waiting.borrow_mut();
        if !waiting.is_empty() {
            waiting.drain(..).for_each(|task| executor.wake(task));
        }
    }

    /// Waits until `look` finds something, looking at once and after every raise, but not beyond the deadline.
    ///
    /// # Errors
    /// [`Elapsed`] when the deadline came first.
    pub async fn wait_for<T>(
        &self,
        executor: &Rc<Executor>,
        deadline: Time,
        mut look: impl FnMut() -> Option<T>,
    ) -> Result<T, Elapsed> {
        let mut alarm: Option<Sleep> = None;
        poll_fn(move |cx| {
            if let Some(found) = look() {
                return Poll::Ready(Ok(found));
            }
            let alarm = alarm.get_or_insert_with(|| executor.sleep_until(deadline));
            if Pin::new(alarm).poll(cx).is_ready() {
                return Poll::Ready(Err(Elapsed));
            }
            self.listen(executor);
            Poll::Pending
        })
        .await
    }

    /// Lets the next raise wake the current task.
    pub fn listen(&self, executor: &Executor) {
        let me = executor.current();
        let mut waiting = self.waiting.borrow_mut();
        if !waiting.contains(&me) {
            waiting.push(me);
        }
    }

    /// Who waits, in the order in which they came.
    pub(crate) fn each(&self, look: impl FnMut(TaskId)) {
        self.waiting.borrow().iter().copied().for_each(look);
    }

    /// Forgets who waits, for the next run.
    pub fn reset(&self) {
        self.waiting.borrow_mut().clear();
    }
}
