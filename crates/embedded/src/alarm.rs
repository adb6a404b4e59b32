//! Precise timers.

use crate::clock::Clock;
use driftlab_model::Time;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A thread that wakes sleepers.
///
/// tokio's timers count milliseconds and round up, so a sleep of a tenth of one takes ten times as long as it should, and races below a millisecond are lost.
/// A thread that waits on a condition variable is late by what the operating system's scheduler is late, some tens of microseconds.
pub(crate) struct Alarm {
    clock: Clock,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    earlier: Condvar,
}

#[derive(Default)]
struct State {
    due: BinaryHeap<Reverse<(Time, u64)>>,
    sleepers: BTreeMap<u64, oneshot::Sender<()>>,
    next: u64,
    closed: bool,
}

impl Alarm {
    pub(crate) fn new(clock: &Clock) -> Self {
        let shared = Arc::new(Shared::default());
        let thread = std::thread::Builder::new().name("alarm".to_owned()).spawn({
            let (shared, clock) = (Arc::clone(&shared), clock.clone());
            move || shared.run(&clock)
        });
        Self {
            clock: clock.clone(),
            shared,
            thread: Some(thread.expect("the machine has room for a thread")),
        }
    }

    /// Waits until a moment.
    pub(crate) fn sleep_until(&self, at: Time) -> impl Future<Output = ()> + use<> {
        let wake = (at > self.clock.now()).then(|| self.shared.add(at));
        async move {
            match wake {
                // An alarm that is gone rings for nobody: the run is over, and so are those who slept in it.
                Some(wake) => {
                    if wake.await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
                // Who does not sleep lets the others work all the same, or a loop without waits would be alone in the world.
                None => tokio::task::yield_now().await,
            }
        }
    }
}

impl Shared {
    fn add(&self, at: Time) -> oneshot::Receiver<()> {
        let (wake, sleeper) = oneshot::channel();
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        let is_first = state.due.peek().is_none_or(|Reverse((first, _))| at < *first);
        state.due.push(Reverse((at, number)));
        state.sleepers.insert(number, wake);
        drop(state);
        if is_first {
            self.earlier.notify_one();
        }
        sleeper
    }

    fn run(&self, clock: &Clock) {
        let mut state = self.lock();
        while !state.closed {
            let now = clock.now();
            match state.due.peek() {
                None => state = self.earlier.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Reverse((at, number))) if *at <= now => {
                    let number = *number;
                    state.due.pop();
                    if let Some(wake) = state.sleepers.remove(&number) {
                        let _ = wake.send(());
                    }
                }
                Some(Reverse((at, _))) => {
                    let left = crate::clock::duration(at.since(now));
                    state = match self.earlier.wait_timeout(state, left) {
                        Ok((state, _)) => state,
                        Err(poisoned) => poisoned.into_inner().0,
                    };
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.earlier.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::Span;

    /// A timer that counts milliseconds sleeps one where a fifth of it was asked for, and a race below a millisecond is never seen.
    #[test]
    fn a_sleep_of_less_than_a_millisecond_is_one() {
        let clock = Clock::default();
        clock.start();
        let alarm = Alarm::new(&clock);
        let asked = Span::from_micros(200);
        let runtime =
            tokio::runtime::Builder::new_current_thread().build().expect("a runtime without drivers");
        let slept = (0..50).map(|_| {
            let began = clock.now();
            runtime.block_on(alarm.sleep_until(began + asked));
            clock.now() - began
        });
        let mut slept: Vec<Span> = slept.collect();
        slept.sort_unstable();
        assert!(slept[0] >= asked, "{}", slept[0]);
        // On a machine that is busy some are late, but not the luckiest tenth.
        assert!(slept[5] < Span::from_millis(1), "{}", slept[5]);
    }
}
