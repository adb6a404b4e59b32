//! The names of anomalies, and the groups in which they come.

pub(crate) const LOST_UPDATE: &str = "lost_update";
pub(crate) const STALE_OVERWRITE: &str = "stale_overwrite";
pub(crate) const RESURRECTED: &str = "resurrected";
pub(crate) const MISSED_DELETE: &str = "missed_delete";
pub(crate) const PHANTOM: &str = "phantom";
pub(crate) const EARLY_VISIBILITY: &str = "early_visibility";
pub(crate) const TORN_TRANSACTION: &str = "torn_transaction";
pub(crate) const NOT_A_PREFIX: &str = "not_a_prefix";
pub(crate) const NON_MONOTONIC: &str = "non_monotonic";
pub(crate) const MISSED_CHANGE: &str = "missed_change";
pub(crate) const DUPLICATE_EFFECT: &str = "duplicate_effect";
pub(crate) const SINK_DISAGREEMENT: &str = "sink_disagreement";
pub(crate) const BROKEN_INVARIANT: &str = "broken_invariant";
pub(crate) const UNBOUNDED_LAG: &str = "unbounded_lag";

/// A set of anomalies under construction: each name once, in the order in which it came.
#[derive(Default)]
pub(crate) struct MayShow(Vec<&'static str>);

impl MayShow {
    /// Adds names where a condition on the settings holds.
    pub(crate) fn when(mut self, holds: bool, names: &[&'static str]) -> Self {
        if holds {
            for name in names {
                if !self.0.contains(name) {
                    self.0.push(name);
                }
            }
        }
        self
    }

    /// The names.
    pub(crate) fn names(self) -> Vec<&'static str> {
        self.0
    }
}

/// What readers see of a sink that takes its changes one by one, or from more than one view of the source.
pub(crate) const PIECEMEAL: &[&str] = &[TORN_TRANSACTION, NOT_A_PREFIX, NON_MONOTONIC, BROKEN_INVARIANT];

/// What a pipeline shows that can lose a change: it stays stale for ever, a lost deletion is a row too many, and what arrived of the same transaction is torn.
pub(crate) const LOSS: &[&str] = &[
    LOST_UPDATE,
    MISSED_DELETE,
    MISSED_CHANGE,
    UNBOUNDED_LAG,
    TORN_TRANSACTION,
    NOT_A_PREFIX,
    NON_MONOTONIC,
    BROKEN_INVARIANT,
];

/// What a sink shows in which an older change can land on a newer one.
pub(crate) const REGRESS: &[&str] = &[
    STALE_OVERWRITE,
    RESURRECTED,
    SINK_DISAGREEMENT,
    TORN_TRANSACTION,
    NOT_A_PREFIX,
    NON_MONOTONIC,
    BROKEN_INVARIANT,
];
