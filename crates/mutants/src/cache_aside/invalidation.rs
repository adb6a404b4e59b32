//! How writers invalidate.

use super::READS_AND_WRITES;
use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Ports, Reply, Request, Sink};
use driftlab_model::{Call, Outcome};
use std::cell::Cell;
use std::rc::Rc;

/// Between the two, a reader finds nothing and fills the old row, with a lease and all.
pub(crate) const BEFORE_COMMIT: Mutant = Mutant {
    number: 5,
    name: "invalidated before the commit",
    bug: "the writer invalidates before it commits, and a reader in between fills the old row again",
    seen_in: "cache evictions by method annotations that run inside the transaction",
    scenario: READS_AND_WRITES,
    mutation: Mutation::Settings(&[("invalidate", "before_commit")]),
    caught_as: &["lost_update"],
    within: 40,
};

/// The rest of the transaction stays as it was.
pub(crate) const FIRST_KEY_ONLY: Mutant = Mutant {
    number: 53,
    name: "only the first key invalidated",
    bug: "of a transaction that writes several rows only the first is invalidated",
    seen_in: "evictions keyed by the argument of the method, whatever else the method writes",
    scenario: SEVERAL_ROWS,
    mutation: Mutation::Interposer(|| Rc::new(InvalidatesOnce::default())),
    caught_as: &["lost_update"],
    within: 5,
};

#[derive(Default)]
struct InvalidatesOnce(Cell<bool>);

impl Interposer for InvalidatesOnce {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        if matches!(request, Request::Invalidate(_)) && self.0.replace(true) {
            return Box::pin(async { Ok(Reply::Done) });
        }
        sink.store.call(request)
    }
}

const SEVERAL_ROWS: &str = r#"
title = "Readers fill the cache while several rows are written at once"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 12
keys = { count = 3, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 2 }
transaction = { rows = "2" }
[[sink]]
kind = "cache"
[[strategy]]
kind = "cache_aside"
leases = true
"#;
