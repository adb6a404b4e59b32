//! What becomes of a copy's write that fails, or of the client between two writes.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Capture, Demands, Ports, Process, Reply, Request, Sink, Strategy, Topology};
use driftlab_model::{Call, ChangeEvent, Commit, Failure, Outcome, Transaction};
use std::rc::Rc;
use std::sync::Arc;

/// The line that every incident report quotes: `catch (e) { log.warn(e) }`.
pub(crate) const SWALLOWED: Mutant = Mutant {
    number: 2,
    name: "copy's error swallowed",
    bug: "a write that the copy refuses is logged and taken for done",
    seen_in: "search index updates wrapped into a catch-all, so that a slow index does not fail a purchase",
    scenario: REFUSALS,
    mutation: Mutation::Interposer(|| Rc::new(TakesFailureForSuccess)),
    caught_as: &["lost_update"],
    within: 10,
};

/// The same in a relay: it goes on, to keep the line moving.
pub(crate) const DEAD_LETTERED: Mutant = Mutant {
    number: 41,
    name: "refused events put aside",
    bug: "the relay takes an event that a sink refuses for poison and goes on with the next",
    seen_in: "dead-letter queues that nobody reads, filled by an outage of a minute",
    scenario: RELAY_REFUSALS,
    mutation: Mutation::Interposer(|| Rc::new(TakesFailureForSuccess)),
    caught_as: &["lost_update"],
    within: 10,
};

/// The second of two writes, with a step between them that a process can die in.
pub(crate) const EVENT_AFTER_COMMIT: Mutant = Mutant {
    number: 17,
    name: "event written after the commit",
    bug: "the event is written in a step of its own after the transaction, which a crash between the two leaves out",
    seen_in: "after-commit event listeners, and outbox rows written through another connection",
    scenario: CRASHES,
    mutation: Mutation::Strategy(|original| Rc::new(PublishesAfterCommit(original))),
    caught_as: &["lost_update"],
    within: 15,
};

struct TakesFailureForSuccess;

impl Interposer for TakesFailureForSuccess {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        Box::pin(async move {
            match sink.store.call(request.clone()).await {
                Err(Failure::Refused(_)) if request.is_write() => Ok(Reply::Done),
                outcome => outcome,
            }
        })
    }
}

/// The consumers of log-based capture, fed by the clients themselves instead of a connector.
struct PublishesAfterCommit(Rc<dyn Strategy>);

impl Strategy for PublishesAfterCommit {
    fn demands(&self) -> Demands {
        Demands { slot: None, ..self.0.demands() }
    }

    fn write<'a>(&'a self, app: &'a Ports, transaction: &'a Transaction) -> Call<'a, Outcome<Arc<Commit>>> {
        Box::pin(async move {
            let commit = app.source.transact(transaction, Capture::Nothing).await?;
            let events = commit.changes.iter().zip(0..).map(|(change, index)| ChangeEvent {
                position: commit.lsn,
                transaction: commit.transaction,
                index,
                of: Some(commit.changes.len() as u32),
                change: change.clone(),
            });
            let _ = app.log.append(0, events.collect()).await;
            Ok(commit)
        })
    }

    fn processes(&self, topology: &Topology) -> Vec<Process> {
        let processes = self.0.processes(topology).into_iter();
        processes.filter(|process| process.name != "connector").collect()
    }
}

const REFUSALS: &str = r#"
title = "A sink refuses a fifth of all requests"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 10
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "dual_writes"
versioned = true
retries = 30
[[fault]]
kind = "refuse"
target = "search"
chance = 0.2
"#;

const RELAY_REFUSALS: &str = r#"
title = "A sink refuses a fifth of all requests"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 10
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "outbox"
poll = "10ms"
gaps = "wait"
[[fault]]
kind = "refuse"
target = "search"
chance = 0.2
"#;

const CRASHES: &str = r#"
title = "The application dies between two steps"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 10
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
[[fault]]
kind = "crash"
target = "app"
every = "exp(6ms)"
for = "1ms"
"#;
