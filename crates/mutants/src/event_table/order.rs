//! The order in which events are read, and which of them are taken for the same.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Ports, QueuePage};
use driftlab_model::{Call, Key, Lsn, Outcome, Sequence};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A number that is drawn before the row's lock is held is no order of that row's writes. (One that is drawn under the lock is: then the order of
/// sequences differs from that of commits, which makes states that never were, and no stale row.)
pub(crate) const DRAWN_EARLY: Mutant = Mutant {
    number: 14,
    name: "numbers drawn before the lock",
    bug: "events are numbered when their transaction begins, so whoever waited for a row's lock is published before whoever held it",
    seen_in: "sequence values fetched in blocks by the application, and BEFORE triggers",
    scenario: OVERLAP,
    mutation: Mutation::Interposer(|| Rc::new(NumberedByBeginning)),
    caught_as: &["stale_overwrite"],
    within: 5,
};

/// Nobody holds a lock, and both have read the same page.
pub(crate) const TWO_RELAYS: Mutant = Mutant {
    number: 19,
    name: "two relays without a lock",
    bug: "two relays poll the same table, and the slower one publishes an old event over a newer one",
    seen_in: "a relay scaled to two replicas, or a deployment in which old and new overlap",
    scenario: ONE_RELAY,
    mutation: Mutation::Settings(&[("relays", "2")]),
    caught_as: &["stale_overwrite"],
    within: 5,
};

/// The first of a window is kept, and the last is what counts.
pub(crate) const BY_KEY: Mutant = Mutant {
    number: 67,
    name: "deduplicated by key",
    bug: "events of one key that come within a poll are taken for duplicates, and the first is kept",
    seen_in: "queues with a deduplication id made of the entity's id",
    scenario: MANY_WRITES,
    mutation: Mutation::Interposer(|| Rc::new(KeepsFirstOfKey::default())),
    caught_as: &["lost_update"],
    within: 5,
};

/// One event a transaction, and the rest are duplicates.
pub(crate) const BY_TRANSACTION: Mutant = Mutant {
    number: 68,
    name: "deduplicated by transaction",
    bug: "an event's identity is that of its transaction, so of several rows the first is published and the rest dropped",
    seen_in: "message ids made of the request's or the aggregate's id",
    scenario: SEVERAL_ROWS,
    mutation: Mutation::Interposer(|| Rc::new(KeepsFirstOfTransaction)),
    caught_as: &["lost_update"],
    within: 5,
};

/// What an event tells of is looked up when it is sent.
pub(crate) const READ_AGAIN: Mutant = Mutant {
    number: 69,
    name: "row read again at publication",
    bug: "the event carries a key only, and the relay publishes the row as it is by then, so versions between are never told",
    seen_in: "thin events that are enriched by the publisher",
    scenario: HISTORY,
    mutation: Mutation::Interposer(|| Rc::new(ReadsAgain)),
    caught_as: &["missed_change"],
    within: 5,
};

struct NumberedByBeginning;

impl Interposer for NumberedByBeginning {
    fn poll<'a>(&'a self, real: &'a Ports, after: Sequence, limit: usize) -> Call<'a, Outcome<QueuePage>> {
        Box::pin(async move {
            let mut page = real.source.poll(after, limit).await?;
            page.entries.retain(|entry| entry.sequence < page.settled_below);
            let numbers: Vec<Sequence> = page.entries.iter().map(|entry| entry.sequence).collect();
            page.entries.sort_by_key(|entry| entry.event.transaction);
            for (entry, number) in page.entries.iter_mut().zip(numbers) {
                (entry.sequence, entry.event.position) = (number, Lsn(number.0));
            }
            Ok(page)
        })
    }
}

#[derive(Default)]
struct KeepsFirstOfKey(Cell<Sequence>);

impl Interposer for KeepsFirstOfKey {
    fn poll<'a>(&'a self, real: &'a Ports, after: Sequence, limit: usize) -> Call<'a, Outcome<QueuePage>> {
        Box::pin(async move {
            let mut page = real.source.poll(after.max(self.0.get()), limit).await?;
            page.entries.retain(|entry| entry.sequence < page.settled_below);
            if let Some(last) = page.entries.last() {
                self.0.set(last.sequence);
            }
            let mut keys: BTreeSet<Key> = BTreeSet::new();
            page.entries.retain(|entry| keys.insert(entry.event.change.key.clone()));
            Ok(page)
        })
    }
}

struct KeepsFirstOfTransaction;

impl Interposer for KeepsFirstOfTransaction {
    fn poll<'a>(&'a self, real: &'a Ports, after: Sequence, limit: usize) -> Call<'a, Outcome<QueuePage>> {
        Box::pin(async move {
            let mut page = real.source.poll(after, limit).await?;
            page.entries.retain(|entry| entry.event.index == 0);
            Ok(page)
        })
    }
}

struct ReadsAgain;

impl Interposer for ReadsAgain {
    fn poll<'a>(&'a self, real: &'a Ports, after: Sequence, limit: usize) -> Call<'a, Outcome<QueuePage>> {
        Box::pin(async move {
            let mut page = real.source.poll(after, limit).await?;
            for entry in &mut page.entries {
                let change = &mut entry.event.change;
                if let Some(row) = real.source.read(&change.key).await? {
                    (change.write, change.version) = (row.write(), row.version());
                    change.after = Some(row);
                }
            }
            Ok(page)
        })
    }
}

const OVERLAP: &str = r#"
title = "Transactions that wait for each other's rows"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 4
operations = 24
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "exp(10ms)" }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "trigger_cdc"
poll = "50ms"
gaps = "wait"
versioned = false
"#;

const ONE_RELAY: &str = r#"
title = "One client writes two rows again and again"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 16
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "outbox"
poll = "10ms"
gaps = "wait"
versioned = false
"#;

const MANY_WRITES: &str = r#"
title = "One client writes two rows again and again"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 16
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "outbox"
poll = "20ms"
gaps = "wait"
"#;

const SEVERAL_ROWS: &str = r#"
title = "One client writes two rows at once"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 6
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rows = "2" }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "outbox"
poll = "10ms"
gaps = "wait"
"#;

const HISTORY: &str = r#"
title = "A warehouse keeps every version of a row"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 16
keys = { count = 1 }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
mode = "append"
[[strategy]]
kind = "outbox"
poll = "20ms"
gaps = "wait"
deduplicate = true
"#;
