//! What a relay remembers, when it writes it down, and what it makes of it when it starts again.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::Ports;
use driftlab_model::{Bookmark, Call, Outcome, Sequence};
use std::rc::Rc;

/// What is marked as sent is never sent.
pub(crate) const MARKED_FIRST: Mutant = Mutant {
    number: 18,
    name: "marked before published",
    bug: "events are marked as sent before they are, and a crash between the two never sends them",
    seen_in: "UPDATE ... SET sent = true in the transaction that reads the page",
    scenario: CRASHES,
    mutation: Mutation::Settings(&[("mark", "before_publish")]),
    caught_as: &["lost_update"],
    within: 20,
};

/// At least once, into a sum.
pub(crate) const COUNTED_TWICE: Mutant = Mutant {
    number: 20,
    name: "sum without deduplication",
    bug: "what was published and not yet marked is published again after a crash, into a sink that adds up",
    seen_in: "counters and balances behind any relay that promises at least once",
    scenario: COUNTERS,
    mutation: Mutation::Settings(&[("deduplicate", "false")]),
    caught_as: &["duplicate_effect"],
    within: 5,
};

/// Everything once more, over what is there.
pub(crate) const FROM_THE_BEGINNING: Mutant = Mutant {
    number: 70,
    name: "position lost, begins anew",
    bug: "the position does not survive a restart, and the whole table is published again, old rows over new ones",
    seen_in: "offsets kept on the container's own disk; auto.offset.reset = earliest",
    scenario: ONE_BY_ONE,
    mutation: Mutation::Interposer(|| Rc::new(Forgets)),
    caught_as: &["stale_overwrite"],
    within: 5,
};

/// Nothing of what waited.
pub(crate) const FROM_THE_END: Mutant = Mutant {
    number: 71,
    name: "position lost, goes on from the end",
    bug: "the position does not survive a restart, and the relay goes on with what comes next",
    seen_in: "auto.offset.reset = latest, after offsets had expired",
    scenario: CRASHES,
    mutation: Mutation::Interposer(|| Rc::new(SkipsToTheEnd)),
    caught_as: &["lost_update"],
    within: 5,
};

struct Forgets;

impl Interposer for Forgets {
    fn load<'a>(&'a self, _: &'a Ports, _: &'a str) -> Call<'a, Outcome<Option<Bookmark>>> {
        Box::pin(async { Ok(None) })
    }
}

struct SkipsToTheEnd;

impl Interposer for SkipsToTheEnd {
    fn load<'a>(&'a self, real: &'a Ports, name: &'a str) -> Call<'a, Outcome<Option<Bookmark>>> {
        Box::pin(async move {
            if real.checkpoint.load(name).await?.is_none() {
                return Ok(None);
            }
            let page = real.source.poll(Sequence::default(), usize::MAX).await?;
            Ok(page.entries.last().map(|entry| entry.sequence.into()))
        })
    }
}

const CRASHES: &str = r#"
title = "The relay dies now and then"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 5, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "outbox"
poll = "10ms"
gaps = "wait"
[[fault]]
kind = "crash"
target = "relay"
every = "exp(20ms)"
for = "5ms"
"#;

const ONE_BY_ONE: &str = r#"
title = "A relay that publishes one event at a time dies now and then"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 5, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "outbox"
poll = "10ms"
gaps = "wait"
batch = 1
apply = "transaction"
versioned = false
[[fault]]
kind = "crash"
target = "relay"
every = "exp(20ms)"
for = "5ms"
"#;

const COUNTERS: &str = r#"
title = "The relay of a warehouse that adds up dies now and then"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 5, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
mode = "sum"
[[strategy]]
kind = "outbox"
poll = "10ms"
gaps = "wait"
deduplicate = true
[[fault]]
kind = "crash"
target = "relay"
every = "exp(20ms)"
for = "5ms"
"#;
