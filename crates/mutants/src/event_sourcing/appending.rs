//! The write path: what an append expects, what is done when nobody answers, and what a snapshot is of.

use super::{TYPE, VERSION, table, with};
use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Capture, Ports};
use driftlab_model::{Call, Commit, Failure, Key, Outcome, Statement, Transaction, Value};
use std::rc::Rc;
use std::sync::Arc;

/// What event stores call "any".
pub(crate) const WITHOUT_VERSION: Mutant = Mutant {
    number: 38,
    name: "append without the expected version",
    bug: "an event goes to the end of its stream, wherever that is by then, so two decisions about one state are both stored",
    seen_in: "ExpectedVersion.Any, taken because conflicts were a nuisance",
    scenario: ONE_SEAT,
    mutation: Mutation::Settings(&[("expected_version", "false")]),
    caught_as: &["broken_invariant"],
    within: 20,
};

/// Whoever hears nothing does not know that nothing was done.
pub(crate) const APPENDED_AGAIN: Mutant = Mutant {
    number: 85,
    name: "append repeated at the next version",
    bug: "an append that is not answered in time is repeated one version further, and both are stored",
    seen_in: "retry policies around an event store's client that read the stream's version anew and not its events",
    scenario: LOST_REPLIES,
    mutation: Mutation::Interposer(|| Rc::new(AppendsAgain)),
    caught_as: &["broken_invariant"],
    within: 20,
};

/// A snapshot says of which version it is, and nobody checks that it is so.
pub(crate) const SNAPSHOT_BEFORE: Mutant = Mutant {
    number: 86,
    name: "snapshot without the event that it names",
    bug: "the snapshot saved with a reservation is of the state that was decided on, so whoever reads on from it never folds the reservation",
    seen_in: "aggregates snapshotted before the pending event is applied, under the version after it",
    scenario: SNAPSHOTS,
    mutation: Mutation::Interposer(|| Rc::new(SavesTheStateBefore)),
    caught_as: &["broken_invariant"],
    within: 20,
};

struct AppendsAgain;

impl Interposer for AppendsAgain {
    fn transact<'a>(
        &'a self,
        real: &'a Ports,
        transaction: &'a Transaction,
        capture: Capture,
    ) -> Call<'a, Outcome<Arc<Commit>>> {
        Box::pin(async move {
            let outcome = real.source.transact(transaction, capture).await;
            if !matches!(outcome, Err(Failure::Unknown(_))) {
                return outcome;
            }
            let event = table(&real.schema, "event");
            let moved = |statement: &Statement| match statement {
                Statement::Insert { key, values } if key.table() == event => {
                    let next = Value::from(values[VERSION].as_integer().unwrap_or(0) + 1);
                    let values = with(values, VERSION, &next);
                    Statement::Insert { key: Key::new(event, &values[..=VERSION]), values }
                }
                other => other.clone(),
            };
            let statements = transaction.statements.iter().map(moved).collect();
            let again = Transaction { statements, ..transaction.clone() };
            real.source.transact(&again, capture).await
        })
    }
}

struct SavesTheStateBefore;

impl Interposer for SavesTheStateBefore {
    fn transact<'a>(
        &'a self,
        real: &'a Ports,
        transaction: &'a Transaction,
        capture: Capture,
    ) -> Call<'a, Outcome<Arc<Commit>>> {
        let snapshot = table(&real.schema, "snapshot");
        let before = |statement: &Statement| match statement {
            Statement::Put { key, values }
                if key.table() == snapshot && values[TYPE] == Value::text("reserved") =>
            {
                Statement::Put { key: key.clone(), values: with(values, TYPE, &Value::text("free")) }
            }
            other => other.clone(),
        };
        let statements = transaction.statements.iter().map(before).collect();
        let append = Transaction { statements, ..transaction.clone() };
        Box::pin(async move { real.source.transact(&append, capture).await })
    }
}

const ONE_SEAT: &str = r#"
title = "Two customers and one seat"
[world]
duration = "500ms"
[source]
latency = "exp(1ms)"
[workload]
shape = "seats"
clients = 2
operations = 6
keys = { count = 1, distribution = "uniform" }
mix = { insert = 2, update = 0, delete = 1, read = 0 }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "event_sourcing"
"#;

const LOST_REPLIES: &str = r#"
title = "Two customers, two seats, and replies that are lost"
[world]
duration = "5s"
[source]
latency = "exp(1ms)"
timeout = "50ms"
[workload]
shape = "seats"
clients = 2
operations = 12
keys = { count = 2, distribution = "uniform" }
mix = { insert = 1, update = 0, delete = 1, read = 0 }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "event_sourcing"
[[fault]]
kind = "lose_reply"
target = "source"
chance = 0.3
"#;

const SNAPSHOTS: &str = r#"
title = "Customers who come one after another, and a state saved with every event"
[world]
duration = "500ms"
[source]
latency = "exp(1ms)"
[workload]
shape = "seats"
clients = 2
operations = 12
keys = { count = 1, distribution = "uniform" }
mix = { insert = 2, update = 0, delete = 1, read = 0 }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "event_sourcing"
snapshots = 1
"#;
