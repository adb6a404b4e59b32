//! The registry of strategies: adding one is one file and one line here.

use driftlab_model::port::Strategy;
use driftlab_model::{Contradiction, Setting, Settings};
use std::rc::Rc;

/// What the registry says of a strategy.
#[derive(Clone, Copy)]
pub struct StrategyEntry {
    /// Its name in scenarios and reports.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What a scenario can choose.
    pub settings: &'static [Setting],
    /// Makes it from its settings, or says which contradict each other.
    pub build: fn(&Settings) -> Result<Rc<dyn Strategy>, Contradiction>,
    /// The names of the anomalies that its row of the truth table allows with these settings; all others must never be seen.
    pub may_show: fn(&Settings) -> Vec<&'static str>,
}

/// All strategies, in the order of reports.
pub const STRATEGIES: &[StrategyEntry] = &[
    crate::none::ENTRY,
    crate::batch_full::ENTRY,
    crate::batch_incremental::ENTRY,
    crate::dual_writes::ENTRY,
    crate::cache_aside::ENTRY,
    crate::outbox::ENTRY,
    crate::trigger_cdc::ENTRY,
    crate::log_cdc::ENTRY,
    crate::event_sourcing::ENTRY,
];

impl StrategyEntry {
    /// The entry of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        STRATEGIES.iter().find(|entry| entry.name == name)
    }
}
