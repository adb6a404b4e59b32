//! What the table hears of.

use crate::mutant::{Mutant, Mutation};
use driftlab_model::Settings;
use driftlab_strategies::StrategyEntry;

/// What goes past the triggers goes past everybody. (A TRUNCATE does the same; the workloads have none, and a bulk load that deletes is as good.)
pub(crate) const BULK: Mutant = Mutant {
    number: 16,
    name: "bulk path past the triggers",
    bug: "changes are captured by triggers instead of from the log, and a bulk load fires none",
    seen_in: "COPY, partition exchange, and session_replication_role = replica",
    scenario: BULK_LOADS,
    mutation: Mutation::Strategy(|_| {
        let entry = StrategyEntry::named("trigger_cdc").expect("triggers are registered");
        let settings = Settings::defaults(entry.settings);
        let settings = settings.with(entry.settings, "poll", "10ms").with(entry.settings, "gaps", "wait");
        (entry.build)(&settings).expect("these settings agree with each other")
    }),
    caught_as: &["missed_delete", "lost_update"],
    within: 15,
};

const BULK_LOADS: &str = r#"
title = "A third of the transactions take a bulk path"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 12
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 1, read = 0 }
transaction = { bulk = 0.3 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
"#;
