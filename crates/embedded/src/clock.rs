//! The monotonic clock of a run.

use driftlab_model::{Span, Time};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Time since a run began, the same for all threads.
///
/// It stands still until it is started: what is made and filled before a run is no part of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    start: Arc<OnceLock<Instant>>,
}

/// What wall clocks show at the beginning of a run, so that one that is behind has room to be.
pub(crate) const WALL_CLOCK_AT_START: Span = Span::from_secs(86_400);

impl Clock {
    /// Begins to count; once.
    pub(crate) fn start(&self) {
        self.start.get_or_init(Instant::now);
    }

    /// The moment.
    pub(crate) fn now(&self) -> Time {
        // Five hundred years fit.
        self.start.get().map_or(Time::ZERO, |start| Time::from_nanos(start.elapsed().as_nanos() as u64))
    }

    /// A moment as the operating system names it; one that never comes is a year away.
    pub(crate) fn instant(&self, at: Time) -> Instant {
        const YEAR: Span = Span::from_secs(365 * 86_400);
        let now = self.now();
        let (ahead, behind) = (at.since(now).min(YEAR), now.since(at));
        let instant = Instant::now() + duration(ahead);
        instant.checked_sub(duration(behind)).unwrap_or(instant)
    }

    /// What a wall clock shows now that is wrong by so many nanoseconds; ahead is positive.
    pub(crate) fn wall(&self, skew_nanos: i64) -> Time {
        let right = self.now() + WALL_CLOCK_AT_START;
        Time::from_nanos(right.nanos().saturating_add_signed(skew_nanos))
    }
}

/// A span as the operating system names it.
pub(crate) const fn duration(span: Span) -> Duration {
    Duration::from_nanos(span.nanos())
}
