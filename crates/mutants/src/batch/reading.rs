//! Which rows a job reads, and from which view of the source.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Page, Ports, Scan, Snapshot};
use driftlab_model::{Call, CommitIndex, Lsn, Outcome, Time};
use std::cell::RefCell;
use std::rc::Rc;

/// Each table from another moment.
pub(crate) const TABLE_BY_TABLE: Mutant = Mutant {
    number: 10,
    name: "a snapshot for each table",
    bug: "each table is read from a snapshot of its own, so a transaction over two tables is read in part",
    seen_in: "one extract task for each table, run one after another",
    scenario: ORDERS,
    mutation: Mutation::Settings(&[("read", "per_table")]),
    caught_as: &["torn_transaction", "broken_invariant"],
    within: 5,
};

/// Each page from another moment.
pub(crate) const PAGE_BY_PAGE: Mutant = Mutant {
    number: 57,
    name: "a snapshot for each page",
    bug: "each page is read from a snapshot of its own, and the table moves under the cursor",
    seen_in: "extracts through a paged REST endpoint",
    scenario: PAGES,
    mutation: Mutation::Settings(&[("read", "paged")]),
    caught_as: &["torn_transaction", "not_a_prefix"],
    within: 5,
};

/// Off by one where the pages meet.
pub(crate) const PAGE_BOUNDARY: Mutant = Mutant {
    number: 58,
    name: "page boundary off by one",
    bug: "the first row of every page but the first is left out",
    seen_in: "cursors that are exclusive on one side and `+ 1` on the other",
    scenario: PAGES,
    mutation: Mutation::Interposer(|| Rc::new(SkipsFirstOfPage)),
    caught_as: &["lost_update"],
    within: 5,
};

/// The token for the next page is never looked at.
pub(crate) const FIRST_PAGE_ONLY: Mutant = Mutant {
    number: 59,
    name: "only the first page read",
    bug: "the reply's token for the next page is not looked at, so all that is beyond the first page is taken for gone",
    seen_in: "clients of paged APIs that were tested with little data",
    scenario: PAGES,
    mutation: Mutation::Interposer(|| Rc::new(DropsNextPage)),
    caught_as: &["lost_update"],
    within: 5,
};

/// A transaction that never ends sees nothing new.
pub(crate) const IDLE_IN_TRANSACTION: Mutant = Mutant {
    number: 60,
    name: "snapshot never let go",
    bug: "the job's connection stays in its first transaction, so every run reads the snapshot of the first",
    seen_in: "pooled connections without autocommit, in REPEATABLE READ",
    scenario: PAGES,
    mutation: Mutation::Interposer(|| Rc::new(KeepsFirstSnapshot::default())),
    caught_as: &["lost_update"],
    within: 5,
};

struct SkipsFirstOfPage;

impl Interposer for SkipsFirstOfPage {
    fn scan<'a>(&'a self, _: &'a Ports, view: &'a dyn Snapshot, scan: Scan) -> Call<'a, Outcome<Page>> {
        Box::pin(async move {
            let is_first = scan.after.is_none();
            let mut page = view.scan(scan).await?;
            if !is_first && !page.rows.is_empty() {
                page.rows.remove(0);
            }
            Ok(page)
        })
    }
}

struct DropsNextPage;

impl Interposer for DropsNextPage {
    fn scan<'a>(&'a self, _: &'a Ports, view: &'a dyn Snapshot, scan: Scan) -> Call<'a, Outcome<Page>> {
        Box::pin(async move { Ok(Page { next: None, ..view.scan(scan).await? }) })
    }
}

#[derive(Default)]
struct KeepsFirstSnapshot(RefCell<Option<Rc<dyn Snapshot>>>);

impl Interposer for KeepsFirstSnapshot {
    fn snapshot<'a>(&'a self, real: &'a Ports) -> Call<'a, Outcome<Box<dyn Snapshot>>> {
        Box::pin(async move {
            let kept = self.0.borrow().clone();
            let first = match kept {
                Some(first) => first,
                None => real.source.snapshot().await?.into(),
            };
            self.0.replace(Some(Rc::clone(&first)));
            Ok(Box::new(Shared(first)) as Box<dyn Snapshot>)
        })
    }
}

struct Shared(Rc<dyn Snapshot>);

impl Snapshot for Shared {
    fn lsn(&self) -> Lsn {
        self.0.lsn()
    }
    fn index(&self) -> CommitIndex {
        self.0.index()
    }
    fn newest_stamp(&self) -> Time {
        self.0.newest_stamp()
    }
    fn scan(&self, scan: Scan) -> Call<'_, Outcome<Page>> {
        self.0.scan(scan)
    }
}

const ORDERS: &str = r#"
title = "Orders come in while a job copies the tables"
[world]
duration = "500ms"
[workload]
shape = "orders"
clients = 2
operations = 20
think = "exp(5ms)"
keys = { count = 10 }
mix = { insert = 2, update = 0, delete = 1, read = 0 }
transaction = { rows = "2" }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "batch_full"
every = "20ms"
"#;

const PAGES: &str = r#"
title = "Several rows are written at once while a job copies the table"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 2
operations = 20
think = "exp(5ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rows = "2..=3" }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "batch_full"
every = "20ms"
page = 2
"#;
