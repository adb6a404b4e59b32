//! The registry of faults: adding one is one file and one line here.

use driftlab_model::Setting;

/// What the registry says of a fault.
#[derive(Clone, Copy)]
pub struct FaultEntry {
    /// Its name in scenarios.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What a scenario can choose for it: target, times, and what is its own.
    pub settings: &'static [Setting],
}

/// All faults, in the order of help.
pub const FAULTS: &[FaultEntry] = &[];

impl FaultEntry {
    /// The entry of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FAULTS.iter().find(|entry| entry.name == name)
    }
}
