//! Versions: where they come from, and how they are compared.

use crate::interposer::{Interposer, rewriting};
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Condition, Delivery, Ports, Reply, Request, Sink};
use driftlab_model::{Call, Outcome, Span, Version};
use std::cell::Cell;
use std::rc::Rc;

/// A clock is no order. (The list's other half, `>=` instead of `>`, is no bug in a store of rows: a change that comes again
/// writes what is there already. Where stores add up, number 20 is that bug.)
pub(crate) const WALL_CLOCK: Mutant = Mutant {
    number: 36,
    name: "version taken from a wall clock",
    bug: "the version that the copy compares is the writer's wall clock, and one writer's clock is ahead",
    seen_in: "external versions filled with System.currentTimeMillis()",
    scenario: SKEWED,
    mutation: Mutation::Interposer(|| {
        rewriting(|real, delivery| {
            Some(Delivery { version: Version(real.runtime.wall_clock().nanos()), ..delivery })
        })
    }),
    caught_as: &["lost_update", "stale_overwrite"],
    within: 30,
};

/// `"9" > "10"`.
pub(crate) const TEXT: Mutant = Mutant {
    number: 42,
    name: "versions compared as text",
    bug: "the copy holds versions as text, so 10 is older than 9",
    seen_in: "version columns of a string type, and document stores that compare them as such",
    scenario: ONE_CLIENT,
    mutation: Mutation::Interposer(|| {
        rewriting(|_, delivery| Some(Delivery { version: as_text(delivery.version), ..delivery }))
    }),
    caught_as: &["lost_update"],
    within: 5,
};

/// The version of a row is right for that row only.
pub(crate) const OF_ANOTHER_ROW: Mutant = Mutant {
    number: 43,
    name: "version of another row",
    bug: "all rows of a transaction are written under the version of its first",
    seen_in: "aggregates whose parts carry the root's version",
    scenario: SEVERAL_ROWS,
    mutation: Mutation::Interposer(|| Rc::new(FirstVersion::default())),
    caught_as: &["lost_update"],
    within: 80,
};

/// A deletion without a version leaves no tombstone, and the past comes back.
pub(crate) const UNGUARDED_DELETION: Mutant = Mutant {
    number: 44,
    name: "deletions without a version",
    bug: "deletions are sent without the version that their tombstone would keep, so a late older write brings the row back",
    seen_in: "index clients that pass external versions when they index and not when they delete",
    scenario: DELETIONS,
    mutation: Mutation::Interposer(|| {
        rewriting(|_, delivery| {
            let condition = if delivery.after.is_none() { Condition::Always } else { delivery.condition };
            Some(Delivery { condition, ..delivery })
        })
    }),
    caught_as: &["resurrected"],
    within: 15,
};

/// Forgotten deletions are none.
pub(crate) const FORGOTTEN_DELETION: Mutant = Mutant {
    number: 83,
    name: "tombstones forgotten too soon",
    bug: "the copy remembers the version of a deletion for less time than an older write can be under way",
    seen_in: "index.gc_deletes in Elasticsearch, gc_grace_seconds in Cassandra",
    scenario: DELETIONS,
    mutation: Mutation::Tombstones(Span::from_millis(1)),
    caught_as: &["resurrected"],
    within: 25,
};

/// The number whose order is that of the version's digits.
fn as_text(version: Version) -> Version {
    let digits = version.0.to_string();
    let padded = format!("{digits:0<19}");
    Version(padded.parse().expect("nineteen digits fit"))
}

#[derive(Default)]
struct FirstVersion(Cell<Option<Version>>);

impl Interposer for FirstVersion {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        let request = match request {
            Request::Put(delivery) => {
                let version = self.0.get().unwrap_or(delivery.version);
                self.0.set(Some(version));
                Request::Put(Delivery { version, ..delivery })
            }
            other => other,
        };
        sink.store.call(request)
    }
}

const SKEWED: &str = r#"
title = "Two clients, one of whose clocks is a second ahead"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 2
operations = 8
keys = { count = 1 }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "dual_writes"
versioned = true
[[fault]]
kind = "skew"
target = "client-2"
ahead = "1s"
"#;

const ONE_CLIENT: &str = r#"
title = "One client writes one row a dozen times"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 12
keys = { count = 1 }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "dual_writes"
versioned = true
"#;

const SEVERAL_ROWS: &str = r#"
title = "Clients write one row to four"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 6
operations = 12
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rows = "1..=4" }
[[sink]]
kind = "search"
refresh = "0"
latency = "exp(300us)"
[[strategy]]
kind = "dual_writes"
versioned = true
"#;

const DELETIONS: &str = r#"
title = "Two clients, one key that is written and deleted"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 2
operations = 8
keys = { count = 1 }
mix = { insert = 0, update = 1, delete = 1, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
latency = "exp(4ms)"
[[strategy]]
kind = "dual_writes"
versioned = true
"#;
