//! Reading streams: events that the reader does not understand, and states that it remembers for too long.

use super::{TYPE, VERSION, table, with};
use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Page, Ports, Scan, Scanned, Snapshot};
use driftlab_model::{Call, Key, Outcome, Row, Value};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Events outlive the code that wrote them.
pub(crate) const OLD_FORM: Mutant = Mutant {
    number: 87,
    name: "events of an old form passed over",
    bug: "the first events of streams are in a form that the code of today has no upcaster for, and they are left out of the fold without a word",
    seen_in: "deserializers with FAIL_ON_UNKNOWN off, after an event was renamed",
    scenario: SEATS,
    mutation: Mutation::Interposer(|| Rc::new(ForgetsTheUpcaster)),
    caught_as: &["broken_invariant"],
    within: 20,
};

/// The version is fresh, and what was decided on is not.
pub(crate) const STALE_STATE: Mutant = Mutant {
    number: 88,
    name: "state kept over a conflict",
    bug: "after a conflict the version of the stream is read anew and its state taken from a cache, so the old decision is appended under the new version",
    seen_in: "identity maps and second-level caches that a concurrency exception does not evict from",
    scenario: SEATS,
    mutation: Mutation::Interposer(|| Rc::new(CachesTheState::default())),
    caught_as: &["broken_invariant"],
    within: 20,
};

/// The event of a row made one of a kind that nobody has a name for, where it is one of these.
fn unreadable(row: &Scanned, is_one: impl Fn(&Key, i64) -> bool) -> Scanned {
    let Some(event) = &row.row else { return row.clone() };
    let version = event.values()[VERSION].as_integer().unwrap_or(0);
    if !is_one(&row.key, version) {
        return row.clone();
    }
    let values = with(event.values(), TYPE, &Value::from(""));
    Scanned { row: Some(Row::new(event.write(), event.version(), event.updated_at(), values)), ..row.clone() }
}

struct ForgetsTheUpcaster;

impl Interposer for ForgetsTheUpcaster {
    fn scan<'a>(&'a self, real: &'a Ports, view: &'a dyn Snapshot, scan: Scan) -> Call<'a, Outcome<Page>> {
        Box::pin(async move {
            let is_of_events = scan.table == table(&real.schema, "event");
            let page = view.scan(scan).await?;
            let read = |row: &Scanned| unreadable(row, |_, version| is_of_events && version == 1);
            Ok(Page { rows: page.rows.iter().map(read).collect(), ..page })
        })
    }
}

/// How often the streams were read, and which events there were the first time.
#[derive(Default)]
struct CachesTheState {
    reads: Cell<u32>,
    cached: RefCell<BTreeSet<Key>>,
}

impl Interposer for CachesTheState {
    fn snapshot<'a>(&'a self, real: &'a Ports) -> Call<'a, Outcome<Box<dyn Snapshot>>> {
        self.reads.set(self.reads.get() + 1);
        real.source.snapshot()
    }

    fn scan<'a>(&'a self, real: &'a Ports, view: &'a dyn Snapshot, scan: Scan) -> Call<'a, Outcome<Page>> {
        Box::pin(async move {
            let is_of_events = scan.table == table(&real.schema, "event");
            let page = view.scan(scan).await?;
            let mut cached = self.cached.borrow_mut();
            if self.reads.get() == 1 {
                cached.extend(page.rows.iter().map(|row| row.key.clone()));
            }
            let read = |row: &Scanned| unreadable(row, |key, _| is_of_events && !cached.contains(key));
            Ok(Page { rows: page.rows.iter().map(read).collect(), ..page })
        })
    }
}

const SEATS: &str = r#"
title = "Two customers and one seat, again and again"
[world]
duration = "500ms"
[source]
latency = "exp(1ms)"
[workload]
shape = "seats"
clients = 2
operations = 8
keys = { count = 1, distribution = "uniform" }
mix = { insert = 2, update = 0, delete = 1, read = 0 }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "event_sourcing"
"#;
