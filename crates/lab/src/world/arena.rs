use crate::error::RunError;
use driftlab_check::Checker;
use driftlab_model::{Cast, CompactedLog, Observer, Span, Testimony, Time};
use std::cell::RefCell;
use std::rc::Rc;

/// A world of some kind with a strategy's processes and the clients in it: what the runs of one strategy share. It is made once and run for any seed.
pub(crate) trait Arena {
    /// A checker for its runs.
    fn checker(&self) -> Checker;

    /// Who takes part, and what is there at the beginning.
    fn cast(&self) -> Cast;

    /// What the stores can tell when a run has ended; `None` in a world that does not keep them so long.
    fn testimony(&self) -> Option<Testimony> {
        None
    }

    /// Runs a seed from the first write until nobody has work left, and tells the observer everything. `watch` is called about every `every` of the run's
    /// time, and ends the run where it says no.
    ///
    /// # Errors
    /// What failed, where stores are real. Then the run cannot be judged.
    fn run(
        &self,
        seed: u64,
        observer: Rc<RefCell<dyn Observer>>,
        every: Span,
        watch: &mut dyn FnMut(Time) -> bool,
    ) -> Result<Ended, RunError>;
}

/// What a run came to.
pub(crate) struct Ended {
    /// Whether nobody had work left.
    pub(crate) quiescent: bool,
    /// The hash of everything that happened.
    pub(crate) trace: u128,
    /// How many steps the world took; 0 where it takes none.
    pub(crate) steps: u64,
    /// What compaction has left of the log between capture and sinks; `None` where it is not compacted, or the world does not say.
    pub(crate) compacted_log: Option<CompactedLog>,
}
