//! What an entry of a registry is to a scenario.

use crate::sections::SINK;
use driftlab_fault::{Fault, FaultEntry};
use driftlab_model::{Contradiction, Setting, Settings};
use driftlab_sim::store::StoreEntry;
use driftlab_strategies::StrategyEntry;

/// An entry of a registry whose kinds a scenario chooses by `kind`, in tables `[[section]]`.
pub(crate) trait Registered: 'static {
    /// The section's name.
    const SECTION: &'static str;
    /// What all kinds of this registry take.
    const COMMON: &'static [Setting];
    /// The kind's name.
    fn name(&self) -> &'static str;
    /// What the kind takes beside.
    fn settings(&self) -> &'static [Setting];
    /// Whether a thing can be made of these settings.
    fn check(&self, settings: &Settings) -> Result<(), Contradiction>;
}

impl Registered for StrategyEntry {
    const SECTION: &'static str = "strategy";
    const COMMON: &'static [Setting] = &[];
    fn name(&self) -> &'static str {
        self.name
    }
    fn settings(&self) -> &'static [Setting] {
        self.settings
    }
    fn check(&self, settings: &Settings) -> Result<(), Contradiction> {
        (self.build)(settings).map(drop)
    }
}

impl Registered for StoreEntry {
    const SECTION: &'static str = "sink";
    const COMMON: &'static [Setting] = SINK;
    fn name(&self) -> &'static str {
        self.name
    }
    fn settings(&self) -> &'static [Setting] {
        self.settings
    }
    fn check(&self, settings: &Settings) -> Result<(), Contradiction> {
        // Which seed does not matter: a contradiction lies in the settings.
        (self.build)(settings, 0).map(drop)
    }
}

impl Registered for FaultEntry {
    const SECTION: &'static str = "fault";
    const COMMON: &'static [Setting] = &[];
    fn name(&self) -> &'static str {
        self.name
    }
    fn settings(&self) -> &'static [Setting] {
        self.settings
    }
    fn check(&self, settings: &Settings) -> Result<(), Contradiction> {
        Fault::build(self, self.name, settings).map(drop)
    }
}
