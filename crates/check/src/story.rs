//! Stories: the facts of a finding, kept while it lasts and told once the run is over.

use crate::finding::Until;
use crate::phrase::Phrases;
use driftlab_model::{ProcessId, TransactionId};

/// The facts of one finding.
///
/// Kept as they are, because most findings of a bad run are counted and never told: a sentence costs more than all the checking of a row.
pub(crate) trait Story {
    /// Tells what happened, once it is known until when it lasted.
    fn tell(&self, phrases: &Phrases<'_>, until: Until) -> Told;
}

/// A finding as people read it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// What happened.
    pub(crate) sentence: String,
    /// The transactions involved, the cause first.
    pub(crate) transactions: Vec<TransactionId>,
    /// The processes involved, the cause first.
    pub(crate) processes: Vec<ProcessId>,
}
