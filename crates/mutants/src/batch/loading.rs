//! How rows that were read replace those of the run before.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{LoadId, Ports, Reply, Request, Sink};
use driftlab_model::{Call, Outcome};
use std::cell::Cell;
use std::rc::Rc;

/// Readers look on.
pub(crate) const IN_PLACE: Mutant = Mutant {
    number: 11,
    name: "loaded in place",
    bug: "the table is emptied and filled while readers look at it",
    seen_in: "TRUNCATE and INSERT without a transaction around them",
    scenario: PAGES,
    mutation: Mutation::Settings(&[("load", "in_place")]),
    caught_as: &["not_a_prefix", "torn_transaction"],
    within: 5,
};

/// One page is missing, and the load is published all the same.
pub(crate) const PAGE_MISSING: Mutant = Mutant {
    number: 61,
    name: "load published without a page",
    bug: "a page that could not be staged is skipped, and the load is published all the same",
    seen_in: "parallel uploads whose failures are only counted",
    scenario: REFUSALS,
    mutation: Mutation::Interposer(|| Rc::new(SkipsFailedPages)),
    caught_as: &["not_a_prefix"],
    within: 5,
};

/// The second load of a name is taken for the first one's repetition.
pub(crate) const NAME_REUSED: Mutant = Mutant {
    number: 62,
    name: "every load has the same name",
    bug: "a loader goes by the name of its first load for ever, so the store takes every later one for a repetition of the first and ignores it",
    seen_in: "partition dates and batch ids used as idempotency keys, with more than one run a day",
    scenario: PAGES,
    mutation: Mutation::Interposer(|| Rc::new(NamesAllLoadsAlike::default())),
    caught_as: &["lost_update"],
    within: 5,
};

/// The reply says which items failed, to whoever looks.
pub(crate) const ITEMS_NOT_LOOKED_AT: Mutant = Mutant {
    number: 63,
    name: "failed items of a bulk not looked at",
    bug: "a bulk request that succeeds is taken for done, though its reply says that some of its items failed",
    seen_in: "clients of the Elasticsearch bulk API that do not read `errors: true`",
    scenario: BULK,
    mutation: Mutation::Interposer(|| Rc::new(IgnoresItems)),
    caught_as: &["lost_update"],
    within: 15,
};

struct SkipsFailedPages;

impl Interposer for SkipsFailedPages {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        Box::pin(async move {
            let begun = match &request {
                Request::Stage { load, .. } => *load,
                _ => None,
            };
            sink.store.call(request).await.or_else(|why| begun.map(Reply::Staged).ok_or(why))
        })
    }
}

/// The first load's name, once it has one.
#[derive(Default)]
struct NamesAllLoadsAlike(Cell<Option<LoadId>>);

impl Interposer for NamesAllLoadsAlike {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        Box::pin(async move {
            let request = match request {
                Request::Stage { load: None, rows } => Request::Stage { load: self.0.get(), rows },
                other => other,
            };
            let reply = sink.store.call(request).await?;
            if let Reply::Staged(load) = reply {
                self.0.set(Some(load));
            }
            Ok(reply)
        })
    }
}

struct IgnoresItems;

impl Interposer for IgnoresItems {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        Box::pin(async move {
            let reply = sink.store.call(request).await?;
            Ok(if matches!(reply, Reply::Each(_)) { Reply::Done } else { reply })
        })
    }
}

const PAGES: &str = r#"
title = "Several rows are written at once while a job copies the table"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 8
think = "exp(10ms)"
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rows = "2" }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "batch_full"
every = "20ms"
page = 2
"#;

const REFUSALS: &str = r#"
title = "A warehouse refuses a third of all requests"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 8
think = "exp(10ms)"
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "batch_full"
every = "20ms"
page = 2
[[fault]]
kind = "refuse"
target = "warehouse"
chance = 0.3
"#;

const BULK: &str = r#"
title = "A first copy into an index that fails some items of each bulk"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 2
keys = { count = 8, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "100ms" }
[[sink]]
kind = "search"
refresh = "0"
bulk_failures = 0.1
[[strategy]]
kind = "log_cdc"
snapshot = "naive"
"#;
