//! Fixed-rate schedules, as cron keeps them.

use driftlab_model::port::Runtime;
use driftlab_model::{Contradiction, Settings, Span, Time};

/// Ticks at the multiples of a period, the first of them not before one period has passed since the run began.
///
/// A tick that comes while the work of the one before still goes on is made up for at once; several such ticks count as one.
/// The phase belongs to the clock and not to the process, so a restart does not shift it.
pub(crate) struct FixedRate {
    every: Span,
    due: Time,
}

impl FixedRate {
    pub(crate) fn new(runtime: &dyn Runtime, every: Span) -> Self {
        Self { every, due: multiple_after(runtime.now(), every) }
    }

    /// Waits for the next tick and gives its number: the count of whole periods since the run began, which no other tick has.
    pub(crate) async fn tick(&mut self, runtime: &dyn Runtime) -> u64 {
        let wait = self.due - runtime.now();
        if !wait.is_zero() {
            runtime.sleep(wait).await;
        }
        let now = runtime.now();
        self.due = multiple_after(now, self.every);
        now.nanos() / self.every.nanos()
    }
}

/// The period that a setting gives; a period of nothing would never let anybody else run.
pub(crate) fn period(settings: &Settings, name: &'static str) -> Result<Span, Contradiction> {
    match settings.span(name) {
        Span::ZERO => Err(Contradiction::at(
            name,
            format!("\"{name}\" is a period: give more than 0, such as \"100ms\""),
        )),
        span => Ok(span),
    }
}

fn multiple_after(now: Time, every: Span) -> Time {
    Time::from_nanos((now.nanos() / every.nanos()).saturating_add(1).saturating_mul(every.nanos()))
}
