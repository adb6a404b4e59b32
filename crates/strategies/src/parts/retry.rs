//! Trying again: exponential backoff, as every client library has it.

use driftlab_model::port::Runtime;
use driftlab_model::{Outcome, Span};

const FIRST_PAUSE: Span = Span::from_millis(50);
const LONGEST_PAUSE: Span = Span::from_secs(2);

/// Pauses between attempts: 50 ms, then twice as long each time, at most 2 s.
pub(crate) struct Backoff<'a> {
    runtime: &'a dyn Runtime,
    next: Span,
}

impl<'a> Backoff<'a> {
    pub(crate) fn new(runtime: &'a dyn Runtime) -> Self {
        Self { runtime, next: FIRST_PAUSE }
    }

    /// Waits, and tells the runtime that the same work is tried anew.
    pub(crate) async fn pause(&mut self) {
        self.runtime.sleep(self.next).await;
        self.runtime.retry();
        self.next = (self.next + self.next).min(LONGEST_PAUSE);
    }
}

/// Attempts something until it succeeds.
///
/// An attempt whose outcome is unknown is repeated as well: what is attempted must bear being done twice. The round stays the same one
/// for all attempts, because a process that keeps failing has not found that there is nothing to do.
pub(crate) async fn persist<T>(runtime: &dyn Runtime, mut attempt: impl AsyncFnMut() -> Outcome<T>) -> T {
    let mut backoff = Backoff::new(runtime);
    loop {
        match attempt().await {
            Ok(value) => return value,
            Err(_) => backoff.pause().await,
        }
    }
}
