//! The order in which database and copies hear of a write.

use crate::mutant::{Mutant, Mutation};

/// Versions are the only order that two clients share.
pub(crate) const UNORDERED: Mutant = Mutant {
    number: 1,
    name: "copies take whatever comes last",
    bug: "the copies do not compare versions, so two clients' writes of one row land in another order than in the database",
    seen_in: "index updates in after-save hooks of web frameworks",
    scenario: THREE_CLIENTS,
    mutation: Mutation::Settings(&[("versioned", "false")]),
    caught_as: &["stale_overwrite", "sink_disagreement"],
    within: 35,
};

/// The copy tells what the database then takes back.
pub(crate) const BEFORE_ROLLBACK: Mutant = Mutant {
    number: 3,
    name: "copy written before the commit",
    bug: "the copy is written first, and nobody takes it back when the transaction rolls back",
    seen_in: "caches updated inside a service method whose transaction ends after it returns",
    scenario: ROLLBACK,
    mutation: Mutation::Settings(&[("order", "sink_first")]),
    caught_as: &["phantom"],
    within: 5,
};

/// The same without any rollback: readers see what does not exist yet.
pub(crate) const INSIDE_THE_TRANSACTION: Mutant = Mutant {
    number: 40,
    name: "copy written inside the transaction",
    bug: "the copy is written while the transaction is still open, so readers see what is not committed yet",
    seen_in: "event listeners that run on flush instead of after commit",
    scenario: HELD,
    mutation: Mutation::Settings(&[("order", "concurrent")]),
    caught_as: &["early_visibility"],
    within: 5,
};

const THREE_CLIENTS: &str = r#"
title = "Three clients, one key"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 3
operations = 6
keys = { count = 1 }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "dual_writes"
versioned = true
"#;

const ROLLBACK: &str = r#"
title = "One client, who sometimes rolls back"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 6
keys = { count = 2 }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rollback = 0.3 }
[[sink]]
kind = "cache"
[[strategy]]
kind = "dual_writes"
"#;

const HELD: &str = r#"
title = "One client, who thinks before it commits"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 4
keys = { count = 2 }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "20ms" }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "dual_writes"
"#;
