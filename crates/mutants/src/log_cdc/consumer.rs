//! What consumers make of the records they read.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Demands, Fetched, Ports, Process, Reply, Request, Sink, Strategy, Topology};
use driftlab_model::{Call, Failure, Offset, Outcome, Refusal, Span};
use std::rc::Rc;

/// The key's past is compacted away before the consumer comes by, its deletion with it.
pub(crate) const TOMBSTONES_COMPACTED: Mutant = Mutant {
    number: 28,
    name: "tombstones compacted before a slow consumer",
    bug: "the log keeps deletions only for its newest records, and a consumer that lags never meets the others",
    seen_in: "delete.retention.ms shorter than an outage of the consumer",
    scenario: LAGGING,
    mutation: Mutation::Interposer(|| Rc::new(CompactsTombstones)),
    caught_as: &["missed_delete", "missed_change"],
    within: 5,
};

/// First all that is written, then all that is deleted.
pub(crate) const DELETIONS_LAST: Mutant = Mutant {
    number: 34,
    name: "deletions at the end of the batch",
    bug: "a batch is split into rows to write and keys to delete, so a row that was deleted and written again is gone",
    seen_in: "warehouse loaders that run a MERGE and then a DELETE",
    scenario: BATCHES,
    mutation: Mutation::Interposer(|| Rc::new(DeletesLast)),
    caught_as: &["lost_update"],
    within: 15,
};

/// First all that is deleted, then all that is written.
pub(crate) const DELETIONS_FIRST: Mutant = Mutant {
    number: 82,
    name: "deletions at the beginning of the batch",
    bug: "a batch is split into keys to delete and rows to write, so a row that was written and deleted again is there",
    seen_in: "warehouse loaders that run a DELETE and then a MERGE",
    scenario: BATCHES,
    mutation: Mutation::Interposer(|| Rc::new(DeletesFirst)),
    caught_as: &["missed_delete"],
    within: 10,
};

/// The log begins elsewhere now, so the consumer does too.
pub(crate) const REMOVED_UNREAD: Mutant = Mutant {
    number: 84,
    name: "what the log removed unread skipped in silence",
    bug: "a consumer whose position the log does not hold any more goes on at the earliest record there is, and nobody is told that something is missing",
    seen_in: "auto.offset.reset at its default, and a consumer down for longer than retention.ms",
    scenario: RETAINED_BRIEFLY,
    mutation: Mutation::Interposer(|| Rc::new(BeginsWhereTheLogDoes)),
    caught_as: &["lost_update"],
    within: 5,
};

/// No answer is no yes.
pub(crate) const TIMEOUT_IS_SUCCESS: Mutant = Mutant {
    number: 80,
    name: "timeout taken for success",
    bug: "a request that was not answered in time is taken for done",
    seen_in: "fire-and-forget writes, and drivers whose write concern is 0",
    scenario: LOST_REQUESTS,
    mutation: Mutation::Interposer(|| Rc::new(TakesSilenceForYes)),
    caught_as: &["lost_update"],
    within: 10,
};

/// Two consumers hold the same partition, and neither knows.
pub(crate) const TWO_CONSUMERS: Mutant = Mutant {
    number: 81,
    name: "two consumers of one partition",
    bug: "two consumers read the same partition, and the slower one writes an old row over a newer one",
    seen_in: "zombies after a rebalance, without fencing",
    scenario: ONE_CONSUMER,
    mutation: Mutation::Strategy(|original| Rc::new(EveryConsumerTwice(original))),
    caught_as: &["stale_overwrite"],
    within: 5,
};

/// Records at the log's end that are not compacted yet.
const DIRTY: usize = 3;

struct CompactsTombstones;

impl Interposer for CompactsTombstones {
    fn read_log<'a>(
        &'a self,
        real: &'a Ports,
        partition: u32,
        (from, limit, wait): (Offset, usize, Span),
    ) -> Call<'a, Outcome<Fetched>> {
        Box::pin(async move {
            let mut fetched = real.log.read(partition, from, limit, wait).await?;
            let mut left = fetched.records.len();
            fetched.records.retain(|record| {
                left -= 1;
                record.event.change.after.is_some() || left < DIRTY
            });
            Ok(fetched)
        })
    }
}

struct BeginsWhereTheLogDoes;

impl Interposer for BeginsWhereTheLogDoes {
    fn read_log<'a>(
        &'a self,
        real: &'a Ports,
        partition: u32,
        (from, limit, wait): (Offset, usize, Span),
    ) -> Call<'a, Outcome<Fetched>> {
        Box::pin(async move {
            match real.log.read(partition, from, limit, wait).await {
                Err(Failure::Refused(Refusal::OutOfRange { earliest })) => {
                    real.log.read(partition, earliest, limit, wait).await
                }
                read => read,
            }
        })
    }
}

struct DeletesLast;

impl Interposer for DeletesLast {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        sink.store.call(match request {
            Request::Apply { mut deliveries, after, bookmark } => {
                deliveries.sort_by_key(|delivery| delivery.after.is_none());
                Request::Apply { deliveries, after, bookmark }
            }
            other => other,
        })
    }
}

struct DeletesFirst;

impl Interposer for DeletesFirst {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        sink.store.call(match request {
            Request::Apply { mut deliveries, after, bookmark } => {
                deliveries.sort_by_key(|delivery| delivery.after.is_some());
                Request::Apply { deliveries, after, bookmark }
            }
            other => other,
        })
    }
}

struct TakesSilenceForYes;

impl Interposer for TakesSilenceForYes {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        Box::pin(async move {
            match sink.store.call(request.clone()).await {
                Err(Failure::Unknown(_)) if request.is_write() => Ok(Reply::Done),
                outcome => outcome,
            }
        })
    }
}

struct EveryConsumerTwice(Rc<dyn Strategy>);

impl Strategy for EveryConsumerTwice {
    fn demands(&self) -> Demands {
        self.0.demands()
    }

    fn processes(&self, topology: &Topology) -> Vec<Process> {
        let mut processes = self.0.processes(topology);
        let consumers = processes.iter().filter(|process| process.name.starts_with("consumer"));
        let zombies: Vec<Process> = consumers
            .map(|process| Process {
                name: format!("{}.zombie", process.name),
                main: Rc::clone(&process.main),
            })
            .collect();
        processes.extend(zombies);
        processes
    }
}

const RETAINED_BRIEFLY: &str = r#"
title = "The consumer stands still for longer than the log keeps its records"
[world]
duration = "500ms"
[log]
retain = "20ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 10, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
[[fault]]
kind = "pause"
target = "consumer"
at = "30ms"
for = "100ms"
"#;

const LAGGING: &str = r#"
title = "A sink is down while rows are deleted"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 8, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 1, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[sink]]
kind = "warehouse"
mode = "append"
[[strategy]]
kind = "log_cdc"
[[fault]]
kind = "outage"
target = "*"
from = "consumer"
at = "10ms"
for = "150ms"
"#;

const BATCHES: &str = r#"
title = "Rows are deleted and written again while a slow sink takes batches"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 16
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 1, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
latency = "10ms"
[[strategy]]
kind = "log_cdc"
versioned = false
"#;

const LOST_REQUESTS: &str = r#"
title = "A fifth of the requests to a sink never arrive"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 10
think = "exp(10ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
timeout = "20ms"
[[strategy]]
kind = "log_cdc"
apply = "rows"
position = "checkpoint"
[[fault]]
kind = "lose_request"
target = "search"
chance = 0.2
"#;

const ONE_CONSUMER: &str = r#"
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
kind = "log_cdc"
apply = "rows"
position = "checkpoint"
versioned = false
"#;
