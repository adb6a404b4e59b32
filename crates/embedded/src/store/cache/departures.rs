use super::Held;
use driftlab_model::{Key, Row, Span, Time};
use moka::notification::RemovalCause;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Which entries left the cache, as the cache tells its listener, and when it is worth asking again.
///
/// The cache counts ages by its own clock and removes what is too old when it comes round to it; it cannot be asked when that will be. The moments noted here are
/// reckoned by the caller's clock, so they may come a little early: then the question is asked again soon.
pub(super) struct Departures {
    departed: Arc<Mutex<Vec<(Key, Row)>>>,
    ttl: Option<Span>,
    expiries: VecDeque<Time>,
}

/// Entries that expire within so short a time are asked for together.
const COARSENESS: Span = Span::from_millis(1);

impl Departures {
    pub(super) fn new(ttl: Option<Span>) -> Self {
        Self { departed: Arc::default(), ttl, expiries: VecDeque::new() }
    }

    pub(super) fn listener(&self) -> impl Fn(Arc<Key>, Held, RemovalCause) + Send + Sync + 'static + use<> {
        let departed = Arc::clone(&self.departed);
        move |key, held, cause| {
            if cause != RemovalCause::Replaced {
                departed.lock().unwrap_or_else(PoisonError::into_inner).push((Key::clone(&key), held.row));
            }
        }
    }

    /// The entries that left since the last question, in order.
    pub(super) fn take(&mut self) -> Vec<(Key, Row)> {
        std::mem::take(&mut *self.departed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that an entry was written.
    pub(super) fn expect_after(&mut self, now: Time) {
        let Some(ttl) = self.ttl else { return };
        let at = now + ttl + COARSENESS;
        if self.expiries.back().is_none_or(|&last| at >= last + COARSENESS) {
            self.expiries.push_back(at);
        }
    }

    pub(super) fn due(&self) -> Option<Time> {
        self.expiries.front().copied()
    }

    /// Forgets the moments that have passed. While entries are left there is always one more to come.
    pub(super) fn passed(&mut self, now: Time, entries_left: bool) {
        let Some(ttl) = self.ttl else { return };
        while self.expiries.front().is_some_and(|&at| at <= now) {
            self.expiries.pop_front();
        }
        if self.expiries.is_empty() && entries_left {
            self.expiries.push_back(now + ttl.scaled(0.1) + COARSENESS);
        }
    }
}
