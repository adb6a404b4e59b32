//! The registry of faults: adding one is one file and one line here.

use super::Strike;
use driftlab_model::{Contradiction, Setting, Settings};
use std::rc::Rc;

/// What the registry says of a fault.
#[derive(Clone, Copy)]
pub struct FaultEntry {
    /// Its name in scenarios.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What a scenario can choose for it: target, times, and what is its own.
    pub settings: &'static [Setting],
    /// Makes what it does from its settings.
    pub build: fn(&Settings) -> Result<Rc<dyn Strike>, Contradiction>,
}

/// All faults, in the order of help.
pub const FAULTS: &[FaultEntry] = &[
    super::crash::ENTRY,
    super::pause::ENTRY,
    super::skew::ENTRY,
    super::outage::ENTRY,
    super::failover::ENTRY,
    super::partition::ENTRY,
    super::slow::ENTRY,
    super::refuse::ENTRY,
    super::lose_request::ENTRY,
    super::lose_reply::ENTRY,
    super::repeat::ENTRY,
    super::delay::ENTRY,
    super::retention::ENTRY,
    super::wipe::ENTRY,
    super::lose_state::ENTRY,
];

impl FaultEntry {
    /// The entry of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FAULTS.iter().find(|entry| entry.name == name)
    }
}

/// The setting `target` of faults that strike requests.
pub(super) const STORE: Setting = target("the store: a sink's name, `source`, `log`, `checkpoint`", "*");

/// The setting `target` of faults that strike processes.
pub(super) const PROCESS: Setting = target(
    "the process: `app` (all clients), `background` (all of the strategy's), `client-3`, `relay`, `consumer.search`, …",
    "app",
);

/// The setting `for` of faults that may be active all the time.
pub(super) const WINDOW: Setting =
    lasting("how long a window is; without `at` and `every` it is active all the time", Some("5s"));

/// The setting `target`.
pub(super) const fn target(summary: &'static str, default: &'static str) -> Setting {
    Setting { name: "target", summary, kind: driftlab_model::Kind::Text, default: Some(default) }
}

/// The setting `for`.
pub(super) const fn lasting(summary: &'static str, default: Option<&'static str>) -> Setting {
    Setting { name: "for", summary, kind: driftlab_model::Kind::Span, default }
}

/// The setting `chance`.
pub(super) const CHANCE: Setting = Setting {
    name: "chance",
    summary: "the share of requests that it strikes",
    kind: driftlab_model::Kind::Number(0.0, 1.0),
    default: Some("0.01"),
};

/// The setting `from`.
pub(super) const FROM: Setting = Setting {
    name: "from",
    summary: "only requests that this process sends, or this family of processes",
    kind: driftlab_model::Kind::Text,
    default: None,
};

/// The settings of faults that strike some requests by chance and need nothing else.
pub(super) const BY_CHANCE: &[Setting] =
    &[STORE, FROM, super::schedule::AT, super::schedule::EVERY, WINDOW, CHANCE];
