//! When a request was served: what its caller cannot see from outside.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// How a request is to be served, and where its server notes when it was.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// It takes so many times as long as usual.
    pub(crate) slowness: f64,
    watch: Arc<OnceLock<Served>>,
}

/// When a request was served, and by a server that had been idle since when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Served {
    pub(crate) idle_since: Instant,
    pub(crate) begun: Instant,
    pub(crate) done: Instant,
}

impl Service {
    /// So many times as slow as usual.
    pub(crate) fn slowed(slowness: f64) -> Self {
        Self { slowness, watch: Arc::default() }
    }

    /// As usual.
    pub(crate) fn usual() -> Self {
        Self::slowed(1.0)
    }

    /// It was served; where it was served before, that time counts.
    pub(crate) fn note(&self, served: Served) {
        let _ = self.watch.set(served);
    }

    /// When it was served, if it was.
    pub(crate) fn served(&self) -> Option<Served> {
        self.watch.get().copied()
    }
}
