//! The time that work took, apart from what other programs did meanwhile.

use std::time::{Duration, Instant};

/// The time that this thread has been at work, which a busy machine does not stretch; the time on the clock since then where the system does not tell.
#[must_use]
pub fn worked(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| since.elapsed(), Duration::from_nanos)
}
