//! Standing still before something that cannot be read yet.

use crate::parts::retry::Backoff;
use driftlab_model::Refusal;
use driftlab_model::port::Runtime;

/// A process that may have to stand still. The round that it is in goes on meanwhile: it has not found that there is nothing to do.
pub(crate) struct Halt<'a> {
    runtime: &'a dyn Runtime,
    backoff: Backoff<'a>,
    is_halted: bool,
}

impl<'a> Halt<'a> {
    pub(crate) fn new(runtime: &'a dyn Runtime) -> Self {
        Self { runtime, backoff: Backoff::new(runtime), is_halted: false }
    }

    /// Says once what stands in the way, and waits a while.
    pub(crate) async fn before(&mut self, why: Refusal) {
        if !std::mem::replace(&mut self.is_halted, true) {
            self.runtime.halts(why);
        }
        self.backoff.pause().await;
    }

    /// Says that nothing stands in the way any more.
    pub(crate) fn end(self) {
        if self.is_halted {
            self.runtime.goes_on();
        }
    }
}
