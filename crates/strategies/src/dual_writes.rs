//! `dual_writes`: the application writes to the database and then to each copy, or the other way round.
//!
//! The first thing that everybody builds, because it is two lines and works on the developer's machine. There is no transaction around the two writes
//! and no order between the writes of two clients. So a process that dies between them, or a copy that is down for a moment, leaves the copies
//! apart for ever, and two clients who write the same row at the same time reach database and copy in different orders.
//!
//! Writing the copy first only trades the losses for lies: readers see what was never committed. Versions that the copy compares (and tombstones that
//! remember deletions) cure the order, but not the crash: for that, the intention to write the copy must commit with the data, as an outbox does.

use crate::parts::anomalies::{
    DUPLICATE_EFFECT, EARLY_VISIBILITY, LOSS, LOST_UPDATE, MISSED_CHANGE, MISSED_DELETE, MayShow, PHANTOM,
    PIECEMEAL, REGRESS, SINK_DISAGREEMENT, UNBOUNDED_LAG,
};
use crate::parts::delivery::put;
use crate::parts::guess;
use crate::parts::retry::Backoff;
use crate::registry::StrategyEntry;
use driftlab_model::call::join;
use driftlab_model::port::{Capture, Condition, Delivery, Ports, Sink, Strategy};
use driftlab_model::{Call, Commit, Contradiction, Kind, Outcome, Setting, Settings, Transaction};
use std::rc::Rc;
use std::sync::Arc;

/// Its line in the registry.
pub const ENTRY: StrategyEntry = StrategyEntry {
    name: "dual_writes",
    summary: "The application writes to the database and to every copy itself.",
    settings: SETTINGS,
    build: |settings| Ok(Rc::new(DualWrites::of(settings)?)),
    may_show,
};

const SETTINGS: &[Setting] = &[
    Setting {
        name: "order",
        summary: "Which is written first.",
        kind: Kind::Choice(&[
            ("database_first", "the database, then the copies: a crash between them loses the change"),
            ("sink_first", "the copies, then the database: a rollback leaves what never was"),
            ("concurrent", "all at once: either may happen"),
        ]),
        default: Some("database_first"),
    },
    Setting {
        name: "versioned",
        summary: "The copies refuse what is not newer than what they hold; only with order = \"database_first\".",
        kind: Kind::Switch,
        default: Some("false"),
    },
    Setting {
        name: "retries",
        summary: "How often a failed write to a copy is tried again before it is given up.",
        kind: Kind::Count(0, 100),
        default: Some("0"),
    },
];

struct DualWrites {
    order: Order,
    condition: Condition,
    retries: u64,
}

enum Order {
    DatabaseFirst,
    SinkFirst,
    Concurrent,
}

impl DualWrites {
    fn of(settings: &Settings) -> Result<Self, Contradiction> {
        let order = match settings.word("order") {
            "sink_first" => Order::SinkFirst,
            "concurrent" => Order::Concurrent,
            _ => Order::DatabaseFirst,
        };
        let condition = match (settings.switch("versioned"), &order) {
            (false, _) => Condition::Always,
            (true, Order::DatabaseFirst) => Condition::Newer,
            (true, _) => {
                return Err(Contradiction::at(
                    "versioned",
                    "a version exists only once the database has given it out: use order = \"database_first\"",
                ));
            }
        };
        Ok(Self { order, condition, retries: settings.count("retries") })
    }
}

fn may_show(settings: &Settings) -> Vec<&'static str> {
    let order = settings.word("order");
    MayShow::default()
        .when(true, PIECEMEAL)
        .when(true, &[SINK_DISAGREEMENT, MISSED_CHANGE, DUPLICATE_EFFECT])
        .when(order != "sink_first", LOSS)
        // An update guessed from a row that somebody else changes meanwhile: the row as committed is never shown. And of a truncate the copies hear nothing.
        .when(order == "sink_first", &[LOST_UPDATE, MISSED_DELETE, UNBOUNDED_LAG])
        .when(!settings.switch("versioned"), REGRESS)
        .when(order != "database_first", &[PHANTOM, EARLY_VISIBILITY])
        .names()
}

impl Strategy for DualWrites {
    fn write<'a>(&'a self, app: &'a Ports, transaction: &'a Transaction) -> Call<'a, Outcome<Arc<Commit>>> {
        match self.order {
            Order::DatabaseFirst => Box::pin(self.database_first(app, transaction)),
            Order::SinkFirst => Box::pin(self.sink_first(app, transaction)),
            Order::Concurrent => Box::pin(self.concurrently(app, transaction)),
        }
    }
}

impl DualWrites {
    async fn database_first(&self, app: &Ports, transaction: &Transaction) -> Outcome<Arc<Commit>> {
        let commit = app.source.transact(transaction, Capture::Nothing).await?;
        for change in &commit.changes {
            for sink in &app.sinks {
                // It is committed, so the client is told so, whatever became of the copy. Most applications log a line here.
                let _ = self.mirror(app, sink, || Delivery::of(change, self.condition)).await;
            }
        }
        Ok(commit)
    }

    async fn sink_first(&self, app: &Ports, transaction: &Transaction) -> Outcome<Arc<Commit>> {
        for delivery in guess::deliveries(app, transaction).await? {
            for sink in &app.sinks {
                self.mirror(app, sink, || delivery.clone()).await?;
            }
        }
        // Where this fails, or rolls back, nobody takes the copies' writes back: nobody knows any more what stood there before.
        app.source.transact(transaction, Capture::Nothing).await
    }

    async fn concurrently(&self, app: &Ports, transaction: &Transaction) -> Outcome<Arc<Commit>> {
        let deliveries = guess::deliveries(app, transaction).await?;
        let to_copies = Box::pin(async {
            for delivery in deliveries {
                for sink in &app.sinks {
                    let _ = self.mirror(app, sink, || delivery.clone()).await;
                }
            }
        });
        let (outcome, ()) = join(app.source.transact(transaction, Capture::Nothing), to_copies).await;
        outcome
    }

    /// Writes to a copy, with as many retries as the client has patience for.
    async fn mirror(&self, app: &Ports, sink: &Sink, delivery: impl Fn() -> Delivery) -> Outcome<()> {
        let mut backoff = Backoff::new(app.runtime.as_ref());
        for _ in 0..self.retries {
            if put(sink, delivery()).await.is_ok() {
                return Ok(());
            }
            backoff.pause().await;
        }
        put(sink, delivery()).await
    }
}
