//! Keys: under which one a row is written.

use crate::interposer::rewriting;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::Key;
use driftlab_model::port::Delivery;

/// All lines of an order become one.
pub(crate) const FIRST_PART: Mutant = Mutant {
    number: 49,
    name: "composite key cut short",
    bug: "of a composite key only the first part makes the document's id, so rows that share it overwrite each other",
    seen_in: "index connectors configured with a single id field",
    scenario: ORDERS,
    mutation: Mutation::Interposer(|| {
        rewriting(|_, delivery| {
            let parts = delivery.key.values();
            let key =
                if parts.len() < 2 { delivery.key } else { Key::new(delivery.key.table(), &parts[..1]) };
            Some(Delivery { key, ..delivery })
        })
    }),
    caught_as: &["phantom", "lost_update"],
    within: 5,
};

/// Two rows, one place.
pub(crate) const NARROWED: Mutant = Mutant {
    number: 50,
    name: "key narrowed",
    bug: "keys lose their lowest bit on the way to the copy, so neighbours share a place",
    seen_in: "64-bit ids that pass through a double (JavaScript, JSON) or a 32-bit column",
    scenario: NEIGHBOURS,
    mutation: Mutation::Interposer(|| {
        rewriting(|_, delivery| {
            let narrow = |n: i64| Key::integer(delivery.key.table(), n & !1);
            let key = delivery.key.as_integer().map_or_else(|| delivery.key.clone(), narrow);
            Some(Delivery { key, ..delivery })
        })
    }),
    caught_as: &["phantom", "lost_update"],
    within: 5,
};

const ORDERS: &str = r#"
title = "Orders come in, with their lines"
[world]
duration = "500ms"
[workload]
shape = "orders"
clients = 1
operations = 4
keys = { count = 10 }
mix = { insert = 1, update = 0, delete = 0, read = 0 }
transaction = { rows = "2" }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
"#;

const NEIGHBOURS: &str = r#"
title = "One client writes four rows"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 8
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
"#;
