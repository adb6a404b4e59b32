//! The recorder: what threads tell of, in the order in which it happened.

use crate::clock::Clock;
use driftlab_model::{Event, Time};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes events from all threads and puts them in one order.
///
/// A moment is read under the same lock under which the event is queued, so the order of the queue is the order of time, and no two events share a
/// moment: what two threads did is never one instant.
///
/// A commit takes effect somewhere within the call that commits it, and others may see and copy it before that call has returned to the thread that
/// made it. So it takes its place in the order before the call ([`Recorder::promise`]), and is told of after it ([`Recorder::keep`]); whatever comes
/// of it stands behind it. The cost is that a commit counts as committed some microseconds before anybody can read it, which makes lags longer and
/// never shorter.
#[derive(Debug)]
pub(crate) struct Recorder {
    clock: Clock,
    effects: AtomicU64,
    queue: Mutex<Queue>,
}

/// A place in the order that is taken, and what happened there still to be said.
#[derive(Debug)]
#[must_use = "events behind an unkept promise are never told"]
pub(crate) struct Promise(u64);

#[derive(Debug, Default)]
struct Queue {
    last: Time,
    /// The number of the first entry.
    first: u64,
    entries: VecDeque<(Time, Entry)>,
}

#[derive(Debug)]
enum Entry {
    Told(Event),
    Promised,
    Withdrawn,
}

impl Recorder {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, effects: AtomicU64::new(0), queue: Mutex::default() }
    }

    /// The clock by which it tells the time.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Something happened now.
    pub(crate) fn tell(&self, event: Event) {
        self.push(Entry::Told(event));
    }

    /// Something happens from now on; what, is said later.
    pub(crate) fn promise(&self) -> (Promise, Time) {
        let (number, at) = self.push(Entry::Promised);
        (Promise(number), at)
    }

    /// What happened at the place that was promised.
    pub(crate) fn keep(&self, promise: &Promise, event: Event) {
        self.settle(promise, Entry::Told(event));
    }

    /// Nothing happened there.
    pub(crate) fn withdraw(&self, promise: &Promise) {
        self.settle(promise, Entry::Withdrawn);
    }

    /// Notes that something took effect, so nobody has been idle until now.
    pub(crate) fn effect(&self) {
        self.effects.fetch_add(1, Ordering::SeqCst);
    }

    /// How many effects there were.
    pub(crate) fn effects(&self) -> u64 {
        self.effects.load(Ordering::SeqCst)
    }

    /// Moves at most `limit` events that nothing can come before any more to `out`, in order.
    pub(crate) fn drain(&self, limit: usize, out: &mut Vec<(Time, Event)>) {
        let mut queue = self.lock();
        while out.len() < limit
            && let Some((_, entry)) = queue.entries.front()
            && !matches!(entry, Entry::Promised)
        {
            queue.first += 1;
            if let Some((at, Entry::Told(event))) = queue.entries.pop_front() {
                out.push((at, event));
            }
        }
    }

    /// Whether all that was told or promised has been drained.
    pub(crate) fn is_drained(&self) -> bool {
        self.lock().entries.is_empty()
    }

    fn push(&self, entry: Entry) -> (u64, Time) {
        let mut queue = self.lock();
        let at = self.clock.now().max(Time::from_nanos(queue.last.nanos() + 1));
        queue.last = at;
        queue.entries.push_back((at, entry));
        (queue.first + queue.entries.len() as u64 - 1, at)
    }

    fn settle(&self, promise: &Promise, entry: Entry) {
        let mut queue = self.lock();
        // A promise is never drained before it is kept, so it is still there.
        let place = (promise.0 - queue.first) as usize;
        queue.entries[place].1 = entry;
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::SinkId;

    fn loaded(sink: u8) -> Event {
        Event::Loaded { sink: SinkId(sink) }
    }

    fn drained(recorder: &Recorder) -> Vec<Event> {
        let mut out = Vec::new();
        recorder.drain(usize::MAX, &mut out);
        assert!(out.is_sorted_by(|a, b| a.0 < b.0));
        out.into_iter().map(|(_, event)| event).collect()
    }

    /// A copy showed a row before the thread that had committed it was scheduled again, and a checker called it an early visibility.
    #[test]
    fn what_comes_of_a_commit_stands_behind_it_although_it_was_told_first() {
        let recorder = Recorder::new(Clock::default());
        recorder.tell(loaded(0));
        let (promise, at) = recorder.promise();
        recorder.tell(loaded(2));
        assert_eq!(drained(&recorder), [loaded(0)]);
        recorder.keep(&promise, loaded(1));
        assert_eq!(drained(&recorder), [loaded(1), loaded(2)]);
        assert!(at < recorder.promise().1);
    }

    #[test]
    fn a_promise_that_came_to_nothing_leaves_nothing() {
        let recorder = Recorder::new(Clock::default());
        let (promise, _) = recorder.promise();
        recorder.tell(loaded(1));
        recorder.withdraw(&promise);
        assert_eq!(drained(&recorder), [loaded(1)]);
        assert!(recorder.is_drained());
    }
}
