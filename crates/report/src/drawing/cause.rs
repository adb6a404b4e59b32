//! Choices that are known to go wrong: where a strategy was told to do one of these, that is what has to be undone.

use driftlab_check::Anomaly;
use driftlab_model::{Datum, Settings};

/// A setting of a strategy, what it goes wrong with, and what to do instead.
pub(super) struct Cause {
    /// The strategy's kind in the registry.
    pub(super) strategy: &'static str,
    pub(super) setting: &'static str,
    pub(super) word: &'static str,
    /// The anomalies that it brings about.
    pub(super) anomalies: &'static [Anomaly],
    pub(super) remedy: &'static str,
}

impl Cause {
    fn is_given(&self, settings: &Settings) -> bool {
        matches!(settings.get(self.setting), Some(Datum::Word(word)) if *word == self.word)
    }
}

const LOST: &[Anomaly] = &[Anomaly::LostUpdate, Anomaly::MissedDelete, Anomaly::MissedChange];
const REPLACED: &[Anomaly] =
    &[Anomaly::StaleOverwrite, Anomaly::Resurrected, Anomaly::LostUpdate, Anomaly::MissedDelete];

/// All of them; of several that were given, the first is told.
pub(super) const CAUSES: &[Cause] = &[
    Cause {
        strategy: "log_cdc",
        setting: "truncates",
        word: "ignore",
        anomalies: LOST,
        remedy: "The log says of a truncate that it emptied a table, and not of which rows; the connector passed over it, and the copies kept them. Take it for an event, and let every copy \
                 empty its table too; where a connector cannot, forbid truncates and delete the rows.",
    },
    Cause {
        strategy: "log_cdc",
        setting: "key_changes",
        word: "update",
        anomalies: REPLACED,
        remedy: "An update that gives a row another key belongs to two keys, and went out under the new one alone: the old row's removal was not in the order of the old key's other changes. \
                 Send a deletion of the old key and an insertion of the new.",
    },
    Cause {
        strategy: "log_cdc",
        setting: "partial_rows",
        word: "null",
        anomalies: &[Anomaly::LostUpdate, Anomaly::Phantom],
        remedy: "The log leaves out large values that an update did not touch, and what is left out was written as null. Keep in the copy what it has in these columns, or have the database log \
                 whole rows (in PostgreSQL: REPLICA IDENTITY FULL).",
    },
    Cause {
        strategy: "log_cdc",
        setting: "lost_slot",
        word: "go_on",
        anomalies: LOST,
        remedy: "The replication slot was gone, and the connector began a new one at the end of the log, as if nothing lay between. Declare the gap, and compare the copies with the source from \
                 there; or keep the slot over a failover, by synchronising it to the replica.",
    },
    Cause {
        strategy: "log_cdc",
        setting: "forgotten",
        word: "read_on",
        anomalies: &[Anomaly::MissedDelete, Anomaly::LostUpdate],
        remedy: "The consumer was away for longer than the log keeps tombstones, so deletions that it never read were gone. Begin the copy anew when the log has forgotten what was not yet read, \
                 or keep tombstones for longer than any consumer may be away.",
    },
    Cause {
        strategy: "log_cdc",
        setting: "resync",
        word: "upsert",
        anomalies: &[Anomaly::MissedDelete],
        remedy: "The copy was made good by writing the source's rows over it, and a row that the source does not have any more is not among those. Replace the copy, or compare the sets of keys.",
    },
    Cause {
        strategy: "log_cdc",
        setting: "snapshot",
        word: "naive",
        anomalies: REPLACED,
        remedy: "The first copy was written while changes streamed, and a row of it came after a newer change of the same key. Fit the copy into the stream by watermarks, or let it refuse what \
                 is not newer.",
    },
    Cause {
        strategy: "event_sourcing",
        setting: "old_events",
        word: "as_is",
        anomalies: &[Anomaly::BrokenInvariant],
        remedy: "Events of an old form were read as if they had today's, and what they say was passed over: the decision was made upon a state that never was. Make events of an older form into those of today \
                 before anybody reads them (an upcaster for each step).",
    },
    Cause {
        strategy: "event_sourcing",
        setting: "new_events",
        word: "skip",
        anomalies: &[Anomaly::BrokenInvariant],
        remedy: "The projection skipped events whose form it did not know yet, and showed what is left without them. Stand still before events of a newer form, until the projection is rolled over too.",
    },
];

/// What would have prevented an anomaly, where this kind of strategy was told to do what is known to bring it about.
pub(super) fn remedy(anomaly: Anomaly, strategy: &str, settings: &Settings) -> Option<&'static str> {
    let fits = |cause: &&Cause| cause.strategy == strategy && cause.anomalies.contains(&anomaly);
    CAUSES.iter().filter(fits).find(|cause| cause.is_given(settings)).map(|cause| cause.remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A setting that is renamed must not leave its remedy behind.
    #[test]
    fn every_cause_is_a_choice_of_its_strategy_and_not_what_it_does_by_itself() {
        let known = driftlab_lab::strategies();
        for cause in CAUSES {
            let entry =
                known.iter().find(|entry| entry.name == cause.strategy).expect("a registered strategy");
            let defaults = Settings::defaults(entry.settings);
            assert!(!cause.is_given(&defaults), "{} = {} is the default", cause.setting, cause.word);
            let given = defaults.with(entry.settings, cause.setting, cause.word);
            assert!(cause.is_given(&given));
            for anomaly in cause.anomalies {
                assert!(remedy(*anomaly, cause.strategy, &given) == Some(cause.remedy), "{anomaly}");
            }
        }
    }
}
