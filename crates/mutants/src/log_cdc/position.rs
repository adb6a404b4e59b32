//! Positions: where they are kept, when they are saved, and what is made of them after a restart.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Ports, Reply, Request, Sink, Slot};
use driftlab_model::{Bookmark, Call, ChangeEvent, Commit, Lsn, Offset, Outcome, Span};
use std::rc::Rc;
use std::sync::Arc;

/// Auto-commit.
pub(crate) const SAVED_FIRST: Mutant = Mutant {
    number: 21,
    name: "offset saved before applying",
    bug: "a consumer saves its offset before it applies what it read, and a crash between the two loses it",
    seen_in: "enable.auto.commit with work handed to another thread",
    scenario: AT_LEAST_ONCE,
    mutation: Mutation::Settings(&[("acknowledge", "before_apply")]),
    caught_as: &["lost_update", "missed_delete"],
    within: 60,
};

/// Two stores, no transaction around them.
pub(crate) const SAVED_APART: Mutant = Mutant {
    number: 22,
    name: "offset saved apart from the data",
    bug: "the offset is saved in another store than the sums it belongs to, and a crash between the two adds twice",
    seen_in: "consumers that commit offsets to the broker and effects to a database",
    scenario: EXACTLY_ONCE,
    mutation: Mutation::Settings(&[("position", "checkpoint")]),
    caught_as: &["duplicate_effect"],
    within: 10,
};

/// An identity that is given out when an event is sent is another one when it is sent again.
pub(crate) const RENUMBERED: Mutant = Mutant {
    number: 32,
    name: "events numbered by the connector",
    bug: "a restarted connector reads from the slot's position again and gives the events new positions, so nobody sees that they are the same",
    seen_in: "event ids made by UUID in the producer, after a restart from restart_lsn",
    scenario: CONNECTOR_CRASHES,
    mutation: Mutation::Interposer(|| Rc::new(NumbersByTime)),
    caught_as: &["duplicate_effect"],
    within: 5,
};

/// The database may forget what nobody has yet.
pub(crate) const ACKNOWLEDGED_ON_READ: Mutant = Mutant {
    number: 73,
    name: "slot acknowledged on reading",
    bug: "the connector acknowledges commits when it reads them, and dies before it has appended them",
    seen_in: "pg_logical_slot_get_changes, which consumes what it gives",
    scenario: REFUSING_LOG,
    mutation: Mutation::Interposer(|| Rc::new(AcknowledgesOnReading)),
    caught_as: &["missed_change"],
    within: 5,
};

/// `offset` is the last one read, or the next one to read, and not both.
pub(crate) const OFF_BY_ONE: Mutant = Mutant {
    number: 74,
    name: "resumes one too far",
    bug: "the saved offset is that of the next record already, and one is added again when it is loaded",
    seen_in: "offset + 1 on both sides of the checkpoint",
    scenario: AT_LEAST_ONCE,
    mutation: Mutation::Interposer(|| Rc::new(AddsOne)),
    caught_as: &["lost_update"],
    within: 15,
};

/// Whoever writes last decides where the sink stands.
pub(crate) const FORCED: Mutant = Mutant {
    number: 75,
    name: "position overwritten instead of compared",
    bug: "the atomic step sets the position without comparing it, so a step that a dead consumer had sent is applied beside that of the next",
    seen_in: "INSERT ... ON CONFLICT DO UPDATE on the offsets table, without the WHERE",
    scenario: SLOW_STEPS,
    mutation: Mutation::Interposer(|| Rc::new(ForcesItsStep)),
    caught_as: &["duplicate_effect"],
    within: 30,
};

struct NumbersByTime;

impl Interposer for NumbersByTime {
    fn append<'a>(
        &'a self,
        real: &'a Ports,
        partition: u32,
        mut events: Vec<ChangeEvent>,
    ) -> Call<'a, Outcome<Offset>> {
        let mut number = real.runtime.now().nanos();
        let mut commit = None;
        for event in &mut events {
            if commit.is_some_and(|commit| commit != event.position) {
                number += 1;
            }
            commit = Some(event.position);
            event.position = Lsn(number);
        }
        real.log.append(partition, events)
    }
}

struct AcknowledgesOnReading;

impl Interposer for AcknowledgesOnReading {
    fn read_slot<'a>(
        &'a self,
        _: &'a Ports,
        slot: &'a dyn Slot,
        (after, limit, wait): (Lsn, usize, Span),
    ) -> Call<'a, Outcome<Vec<Arc<Commit>>>> {
        Box::pin(async move {
            let commits = slot.read(after, limit, wait).await?;
            if let Some(last) = commits.last() {
                slot.acknowledge(last.lsn).await?;
            }
            Ok(commits)
        })
    }
}

struct AddsOne;

impl Interposer for AddsOne {
    fn load<'a>(&'a self, real: &'a Ports, name: &'a str) -> Call<'a, Outcome<Option<Bookmark>>> {
        Box::pin(async move {
            let saved = real.checkpoint.load(name).await?;
            let is_offset = name.starts_with("consumer") && !name.ends_with(".loaded");
            Ok(saved.map(|bookmark| if is_offset { Bookmark(bookmark.0 + 1) } else { bookmark }))
        })
    }
}

struct ForcesItsStep;

impl Interposer for ForcesItsStep {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        Box::pin(async move {
            let Request::Apply { deliveries, bookmark, .. } = request else {
                return sink.store.call(request).await;
            };
            let held = match sink.store.call(Request::Bookmark).await? {
                Reply::Bookmark(held) => held.unwrap_or_default(),
                _ => Bookmark::default(),
            };
            let bookmark = bookmark.max(Bookmark(held.0 + 1));
            sink.store.call(Request::Apply { deliveries, after: held, bookmark }).await
        })
    }
}

const AT_LEAST_ONCE: &str = r#"
title = "The consumer dies now and then"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 2, delete = 1, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
apply = "rows"
position = "checkpoint"
[[fault]]
kind = "crash"
target = "consumer"
every = "exp(20ms)"
for = "5ms"
"#;

const EXACTLY_ONCE: &str = r#"
title = "The consumer of a warehouse that adds up dies now and then"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
mode = "sum"
[[strategy]]
kind = "log_cdc"
[[fault]]
kind = "crash"
target = "consumer"
every = "exp(20ms)"
for = "5ms"
"#;

const CONNECTOR_CRASHES: &str = r#"
title = "The connector dies now and then"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
mode = "sum"
[[strategy]]
kind = "log_cdc"
[[fault]]
kind = "crash"
target = "connector"
every = "exp(10ms)"
for = "1ms"
"#;

const REFUSING_LOG: &str = r#"
title = "The log refuses some appends, and the connector dies now and then"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
mode = "sum"
[[strategy]]
kind = "log_cdc"
[[fault]]
kind = "crash"
target = "connector"
every = "exp(20ms)"
for = "1ms"
[[fault]]
kind = "refuse"
target = "log"
chance = 0.2
"#;

const SLOW_STEPS: &str = r#"
title = "The consumer of a slow warehouse dies now and then"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
mode = "sum"
latency = "exp(10ms)"
[[strategy]]
kind = "log_cdc"
[[fault]]
kind = "crash"
target = "consumer"
every = "exp(15ms)"
for = "1ms"
"#;
