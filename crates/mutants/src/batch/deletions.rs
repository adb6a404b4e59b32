//! How a job learns of what is not there any more.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Page, Ports, Scan, Snapshot};
use driftlab_model::{Call, Outcome};
use std::rc::Rc;

/// A deleted row has no stamp.
pub(crate) const NOT_SEEN: Mutant = Mutant {
    number: 9,
    name: "deletions not seen",
    bug: "the job reads rows that changed, and never learns of those that are gone",
    seen_in: "warehouses that bill cancelled subscriptions",
    scenario: COMPARED,
    mutation: Mutation::Settings(&[("deletes", "none")]),
    caught_as: &["missed_delete"],
    within: 5,
};

/// The application marks, and the query hides the marked.
pub(crate) const FILTERED: Mutant = Mutant {
    number: 56,
    name: "soft deletions filtered out",
    bug: "the job's query has the application's filter `deleted_at IS NULL`, so it never sees a row that was marked",
    seen_in: "extracts through an ORM whose default scope hides deleted rows",
    scenario: SOFT,
    mutation: Mutation::Interposer(|| Rc::new(HidesDeleted)),
    caught_as: &["missed_delete"],
    within: 5,
};

struct HidesDeleted;

impl Interposer for HidesDeleted {
    fn scan<'a>(&'a self, _: &'a Ports, view: &'a dyn Snapshot, scan: Scan) -> Call<'a, Outcome<Page>> {
        Box::pin(async move {
            let mut page = view.scan(scan).await?;
            page.rows.retain(|scanned| scanned.row.is_some());
            Ok(page)
        })
    }
}

const COMPARED: &str = r#"
title = "Rows are deleted between two runs of a job"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 8
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 1, read = 0 }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "batch_incremental"
every = "20ms"
lookback = "5s"
deletes = "key_diff"
"#;

const SOFT: &str = r#"
title = "Rows are marked as deleted between two runs of a job"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 8
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 1, read = 0 }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "batch_incremental"
every = "20ms"
lookback = "5s"
deletes = "soft"
"#;
