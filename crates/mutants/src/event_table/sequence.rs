//! Sequences, their gaps, and what is deleted between them.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Demands, Ports, Process, QueuePage, Strategy, Topology};
use driftlab_model::{Call, Commit, Key, Outcome, Row, Sequence, SinkKind, Span, Time, Transaction};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// 101 is there, 100 is not yet.
pub(crate) const GAPS_IGNORED: Mutant = Mutant {
    number: 15,
    name: "gaps ignored",
    bug: "the poller reads past a number that an open transaction still holds, and never comes back",
    seen_in: "SELECT ... WHERE id > :last, in home-made outboxes and audit tables",
    scenario: TRIGGERS,
    mutation: Mutation::Settings(&[("gaps", "ignore")]),
    caught_as: &["missed_change", "lost_update"],
    within: 5,
};

/// Patience has an end, and transactions do not know it.
pub(crate) const GAP_TIMEOUT: Mutant = Mutant {
    number: 64,
    name: "gap given up after a while",
    bug: "the relay waits for a gap for some time and then takes it for a rollback",
    seen_in: "gap detection with a timeout in event-store and outbox libraries",
    scenario: LONG,
    mutation: Mutation::Interposer(|| Rc::new(GivesGapsUp::default())),
    caught_as: &["lost_update"],
    within: 5,
};

/// `WHERE id <= :last` is more than was sent.
pub(crate) const EAGER_CLEANUP: Mutant = Mutant {
    number: 65,
    name: "everything below the last one deleted",
    bug: "the relay deletes all entries up to the last one it sent, and with them what committed below it meanwhile",
    seen_in: "DELETE ... WHERE id <= :last after a batch",
    scenario: DELETED_ROWS,
    mutation: Mutation::Interposer(|| Rc::new(RemovesAllBelow)),
    caught_as: &["lost_update"],
    within: 5,
};

/// A table that grows is cleaned, and nobody asks the relay.
pub(crate) const PURGED: Mutant = Mutant {
    number: 66,
    name: "entries purged by age",
    bug: "a cleaner deletes entries after a while, whether or not they were sent",
    seen_in: "retention jobs on outbox tables, noticed after the first long outage",
    scenario: OUTAGE,
    mutation: Mutation::Strategy(|original| Rc::new(WithCleaner(original))),
    caught_as: &["lost_update"],
    within: 5,
};

#[derive(Default)]
struct GivesGapsUp(Cell<(Sequence, Time)>);

const PATIENCE: Span = Span::from_millis(10);

impl Interposer for GivesGapsUp {
    fn poll<'a>(&'a self, real: &'a Ports, after: Sequence, limit: usize) -> Call<'a, Outcome<QueuePage>> {
        Box::pin(async move {
            let mut page = real.source.poll(after, limit).await?;
            let now = real.runtime.now();
            let waits = page.entries.last().is_some_and(|entry| entry.sequence >= page.settled_below);
            let (gap, since) = self.0.get();
            if !waits || gap != page.settled_below {
                self.0.set((page.settled_below, now));
            } else if now - since >= PATIENCE {
                page.settled_below = Sequence(u64::MAX);
            }
            Ok(page)
        })
    }
}

struct RemovesAllBelow;

impl Interposer for RemovesAllBelow {
    fn remove<'a>(&'a self, real: &'a Ports, entries: Vec<Sequence>) -> Call<'a, Outcome<()>> {
        let last = entries.iter().map(|entry| entry.0).max().unwrap_or(0);
        real.source.remove((1..=last).map(Sequence).collect())
    }
}

/// A strategy beside whose processes a cleaner runs.
struct WithCleaner(Rc<dyn Strategy>);

/// How often it cleans: what it met the time before is old.
const CLEANING: Span = Span::from_millis(50);

impl Strategy for WithCleaner {
    fn demands(&self) -> Demands {
        self.0.demands()
    }

    fn serves(&self, kind: SinkKind) -> bool {
        self.0.serves(kind)
    }

    fn write<'a>(&'a self, app: &'a Ports, transaction: &'a Transaction) -> Call<'a, Outcome<Arc<Commit>>> {
        self.0.write(app, transaction)
    }

    fn read<'a>(
        &'a self,
        app: &'a Ports,
        sink: &'a driftlab_model::port::Sink,
        key: &'a Key,
    ) -> Call<'a, Outcome<Option<Row>>> {
        self.0.read(app, sink, key)
    }

    fn processes(&self, topology: &Topology) -> Vec<Process> {
        let mut processes = self.0.processes(topology);
        processes.push(Process::new("cleaner", |ports: Rc<Ports>| async move {
            let mut old = Vec::new();
            loop {
                ports.runtime.sleep(CLEANING).await;
                ports.runtime.round();
                if !old.is_empty() {
                    let _ = ports.source.remove(std::mem::take(&mut old)).await;
                }
                if let Ok(page) = ports.source.poll(Sequence::default(), usize::MAX).await {
                    old = page.entries.into_iter().map(|entry| entry.sequence).collect();
                }
            }
        }));
        processes
    }
}

const TRIGGERS: &str = r#"
title = "Transactions that overlap"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 3
operations = 24
keys = { count = 20, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "exp(20ms)" }
[[sink]]
kind = "search"
refresh = "0"
[[sink]]
kind = "warehouse"
mode = "append"
[[strategy]]
kind = "trigger_cdc"
poll = "10ms"
gaps = "wait"
"#;

const LONG: &str = r#"
title = "Transactions that stay open for longer than anybody waits"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 3
operations = 24
keys = { count = 20, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "exp(30ms)" }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "trigger_cdc"
poll = "5ms"
gaps = "wait"
"#;

const DELETED_ROWS: &str = r#"
title = "Transactions that overlap, and a relay that takes its time"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 4
operations = 40
keys = { count = 20, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "exp(10ms)" }
[[sink]]
kind = "search"
refresh = "0"
latency = "exp(5ms)"
[[strategy]]
kind = "trigger_cdc"
poll = "10ms"
remove = "delete_rows"
"#;

const OUTAGE: &str = r#"
title = "A sink is down for longer than entries are kept"
[world]
duration = "600ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(10ms)"
keys = { count = 10, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "outbox"
poll = "10ms"
gaps = "wait"
[[fault]]
kind = "outage"
target = "search"
at = "30ms"
for = "300ms"
"#;
