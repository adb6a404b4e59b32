//! The anomalies, by name, with their definitions.

use std::fmt;

/// A way in which a copy goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anomaly {
    /// A committed change is never shown, and the sink still shows an older version at quiescence.
    LostUpdate,
    /// The sink showed version `j` of a key and later shows `i < j`.
    StaleOverwrite,
    /// A key whose deletion the sink had shown, or that is deleted at quiescence, is shown again.
    Resurrected,
    /// A deleted key is still shown at quiescence, and the sink never showed the deletion.
    MissedDelete,
    /// The sink shows a value that no committed transaction wrote.
    Phantom,
    /// The sink shows a value before its transaction committed.
    EarlyVisibility,
    /// The sink shows part of a transaction.
    TornTransaction,
    /// At some instant the sink's state equals no state that the source ever had.
    NotAPrefix,
    /// The sink's prefix goes backwards.
    NonMonotonic,
    /// A sink that keeps history lacks an intermediate version.
    MissedChange,
    /// An effect that is not idempotent was applied twice.
    DuplicateEffect,
    /// Two sinks show different versions of a key at quiescence.
    SinkDisagreement,
    /// A rule of the domain is false in what a store shows.
    BrokenInvariant,
    /// Staleness grows without bound while the load is constant.
    UnboundedLag,
}

/// What the registry says of an anomaly.
#[derive(Clone, Copy, Debug)]
pub struct AnomalyEntry {
    /// The anomaly.
    pub anomaly: Anomaly,
    /// Its name in scenarios and reports.
    pub name: &'static str,
    /// Its definition in one sentence.
    pub definition: &'static str,
    /// What the literature calls it, or the nearest of its kin; empty where it has no name there.
    pub literature: &'static str,
}

/// All anomalies, in the order of reports.
pub const ANOMALIES: &[AnomalyEntry] = &[
    AnomalyEntry {
        anomaly: Anomaly::LostUpdate,
        name: "lost_update",
        definition: "a committed change is never shown, and the sink still shows an older version at quiescence",
        literature: "",
    },
    AnomalyEntry {
        anomaly: Anomaly::StaleOverwrite,
        name: "stale_overwrite",
        definition: "the sink showed a version of a key and later shows an older one",
        literature: "G0 (Adya 1999); violates monotonic writes (Terry et al. 1994)",
    },
    AnomalyEntry {
        anomaly: Anomaly::Resurrected,
        name: "resurrected",
        definition: "a key whose deletion the sink had shown, or that is deleted at quiescence, is shown again",
        literature: "G0 (Adya 1999) on a deletion",
    },
    AnomalyEntry {
        anomaly: Anomaly::MissedDelete,
        name: "missed_delete",
        definition: "a deleted key is still shown at quiescence, and the sink never showed the deletion",
        literature: "",
    },
    AnomalyEntry {
        anomaly: Anomaly::Phantom,
        name: "phantom",
        definition: "the sink shows a value that no committed transaction wrote",
        literature: "G1a, aborted read (Adya 1999); garbage read (Elle 2020)",
    },
    AnomalyEntry {
        anomaly: Anomaly::EarlyVisibility,
        name: "early_visibility",
        definition: "the sink shows a value before its transaction committed",
        literature: "dirty read, P1 (Berenson et al. 1995)",
    },
    AnomalyEntry {
        anomaly: Anomaly::TornTransaction,
        name: "torn_transaction",
        definition: "the sink shows part of a transaction",
        literature: "fractured read (Bailis et al., RAMP 2014)",
    },
    AnomalyEntry {
        anomaly: Anomaly::NotAPrefix,
        name: "not_a_prefix",
        definition: "at some instant the sink's state equals no state that the source ever had",
        literature: "violates consistent prefix (Terry 2013); G-single (Adya 1999)",
    },
    AnomalyEntry {
        anomaly: Anomaly::NonMonotonic,
        name: "non_monotonic",
        definition: "the sink's prefix goes backwards",
        literature: "violates monotonic reads (Terry et al. 1994)",
    },
    AnomalyEntry {
        anomaly: Anomaly::MissedChange,
        name: "missed_change",
        definition: "a sink that keeps history lacks an intermediate version",
        literature: "",
    },
    AnomalyEntry {
        anomaly: Anomaly::DuplicateEffect,
        name: "duplicate_effect",
        definition: "an effect that is not idempotent was applied twice",
        literature: "",
    },
    AnomalyEntry {
        anomaly: Anomaly::SinkDisagreement,
        name: "sink_disagreement",
        definition: "two sinks show different versions of a key at quiescence",
        literature: "",
    },
    AnomalyEntry {
        anomaly: Anomaly::BrokenInvariant,
        name: "broken_invariant",
        definition: "a rule of the domain is false in what a store shows",
        literature: "",
    },
    AnomalyEntry {
        anomaly: Anomaly::UnboundedLag,
        name: "unbounded_lag",
        definition: "staleness grows without bound while the load is constant",
        literature: "",
    },
];

impl Anomaly {
    /// Its entry in the registry.
    #[must_use]
    pub fn entry(self) -> &'static AnomalyEntry {
        &ANOMALIES[self as usize]
    }
    /// Its name in scenarios and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_in_the_order_of_the_enum() {
        for (i, entry) in ANOMALIES.iter().enumerate() {
            assert_eq!(entry.anomaly as usize, i, "{}", entry.name);
        }
    }
}
