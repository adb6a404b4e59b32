//! What a strategy asks of the application: a fact about the strategy, which no run can measure.

/// The kinds of strategies, and what each changes in the application; `None` where the application stays as it is.
const INTRUSIONS: &[(&str, Option<&str>)] = &[
    ("none", None),
    ("batch_full", None),
    ("batch_incremental", None),
    ("dual_writes", Some("every write path of the application writes the copies too")),
    ("cache_aside", Some("every read and write of the application goes by the cache")),
    ("outbox", Some("every transaction of the application writes its event too")),
    ("trigger_cdc", None),
    ("log_cdc", None),
    ("event_sourcing", Some("the application writes events in place of rows")),
    ("external", None),
];

/// What a kind of strategy changes in the application; `None` where nothing is known of any change.
pub(crate) fn intrusion(kind: &str) -> Option<&'static str> {
    INTRUSIONS.iter().find(|(known, _)| *known == kind).and_then(|(_, change)| *change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_of_the_registry_is_known() {
        for entry in driftlab_lab::strategies() {
            assert!(INTRUSIONS.iter().any(|(known, _)| *known == entry.name), "{}", entry.name);
        }
    }
}
