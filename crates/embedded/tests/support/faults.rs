//! Faults as a scenario declares them.

use driftlab_fault::{Fault, FaultEntry};
use driftlab_model::Settings;

/// A fault of the registry, with some of its settings.
pub(crate) fn fault(kind: &str, given: &[(&str, &str)]) -> Fault {
    let entry = FaultEntry::named(kind).expect("a registered fault");
    let settings = given
        .iter()
        .fold(Settings::defaults(entry.settings), |all, (name, text)| all.with(entry.settings, name, text));
    Fault::build(entry, kind, &settings).expect("a fault without contradictions")
}
