//! Sinks that join in the middle of a run: they are left alone until then.

use driftlab_model::Time;
use driftlab_model::port::{Runtime, Sink};

/// Waits until a sink has joined.
pub(crate) async fn joined(runtime: &dyn Runtime, sink: &Sink) {
    let wait = sink.joins.unwrap_or(Time::ZERO) - runtime.now();
    if !wait.is_zero() {
        runtime.sleep(wait).await;
    }
}
