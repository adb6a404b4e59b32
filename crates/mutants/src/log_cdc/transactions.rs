//! Transactions: whole or in parts, in which order, and which of them at all.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Demands, Ports, Process, Reply, Request, Sink, Slot, Strategy, Topology};
use driftlab_model::{
    Call, Change, ChangeEvent, Commit, Ending, Lsn, Offset, Outcome, Span, Transaction, TransactionId,
    Version, Watermark,
};
use std::rc::Rc;
use std::sync::Arc;

/// A transaction is applied by as many hands as it has tables.
pub(crate) const BY_TABLE: Mutant = Mutant {
    number: 23,
    name: "applied table by table",
    bug: "a step is split by table, so readers see an order's lines apart from the order",
    seen_in: "sinks with one writer a table, and topics per table",
    scenario: ORDERS,
    mutation: Mutation::Interposer(|| Rc::new(SplitsByTable)),
    caught_as: &["torn_transaction"],
    within: 5,
};

/// The order of beginnings is not the order of ends.
pub(crate) const BY_BEGINNING: Mutant = Mutant {
    number: 24,
    name: "ordered by transaction id",
    bug: "transactions are applied in the order in which they began instead of that in which they committed",
    seen_in: "queries over xmin, and log miners that sort by transaction id",
    scenario: OVERLAP,
    mutation: Mutation::Interposer(|| Rc::new(SortsByBeginning)),
    caught_as: &["not_a_prefix"],
    within: 5,
};

/// What was streamed before the end is never taken back.
pub(crate) const ABORTS_IGNORED: Mutant = Mutant {
    number: 25,
    name: "aborted transactions applied",
    bug: "transactions are streamed while they are in progress, and their abort is not heeded",
    seen_in: "logical decoding with streaming = on, and a consumer without stream_abort",
    scenario: ROLLBACKS,
    mutation: Mutation::Strategy(|original| Rc::new(StreamsWhatAborts(original))),
    caught_as: &["phantom"],
    within: 5,
};

/// One too few, and the last one waits for ever.
pub(crate) const MISCOUNTED: Mutant = Mutant {
    number: 76,
    name: "transaction's size miscounted",
    bug: "a transaction is said to have one event fewer than it has, so it is applied without its last row",
    seen_in: "total_order counted without the begin record, compared with a count that has it",
    scenario: SEVERAL_ROWS,
    mutation: Mutation::Interposer(|| Rc::new(CountsOneFewer)),
    caught_as: &["torn_transaction"],
    within: 5,
};

/// Row by row, because it is simpler.
pub(crate) const ROW_BY_ROW: Mutant = Mutant {
    number: 77,
    name: "applied row by row",
    bug: "a transaction's rows are applied one after another, each visible by itself",
    seen_in: "every connector without a mode for transactions",
    scenario: SEVERAL_ROWS,
    mutation: Mutation::Settings(&[("apply", "rows")]),
    caught_as: &["torn_transaction", "not_a_prefix"],
    within: 5,
};

struct SplitsByTable;

impl Interposer for SplitsByTable {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        Box::pin(async move {
            let Request::Apply { deliveries, after, bookmark } = request else {
                return sink.store.call(request).await;
            };
            let last = deliveries.iter().map(|delivery| delivery.key.table()).max();
            let (with_position, first) =
                deliveries.into_iter().partition(|delivery| Some(delivery.key.table()) == last);
            sink.store.call(Request::Bulk(first)).await?;
            sink.store.call(Request::Apply { deliveries: with_position, after, bookmark }).await
        })
    }
}

struct SortsByBeginning;

/// How long it gathers before it sorts.
const WINDOW: Span = Span::from_millis(20);

impl Interposer for SortsByBeginning {
    fn read_slot<'a>(
        &'a self,
        real: &'a Ports,
        slot: &'a dyn Slot,
        (after, _, wait): (Lsn, usize, Span),
    ) -> Call<'a, Outcome<Vec<Arc<Commit>>>> {
        Box::pin(async move {
            real.runtime.sleep(WINDOW).await;
            let mut commits = slot.read(after, usize::MAX, wait).await?;
            let positions: Vec<Lsn> = commits.iter().map(|commit| commit.lsn).collect();
            commits.sort_by_key(|commit| commit.transaction);
            let moved = commits.iter().zip(positions);
            Ok(moved.map(|(commit, lsn)| Arc::new(Commit { lsn, ..Commit::clone(commit) })).collect())
        })
    }
}

/// A strategy whose decoder passes on what has not committed. The interposed client plays the decoder: what it appends before a rollback
/// is what a decoder would have streamed of it.
struct StreamsWhatAborts(Rc<dyn Strategy>);

impl Strategy for StreamsWhatAborts {
    fn demands(&self) -> Demands {
        self.0.demands()
    }

    fn write<'a>(&'a self, app: &'a Ports, transaction: &'a Transaction) -> Call<'a, Outcome<Arc<Commit>>> {
        Box::pin(async move {
            if transaction.ending == Ending::Rollback {
                let position = app.source.mark(Watermark(0)).await?;
                let changes = changes_of(app, transaction).await?;
                let of = Some(changes.len() as u32);
                let event = |(change, index)| ChangeEvent {
                    position,
                    transaction: TransactionId(transaction.id.0),
                    index,
                    of,
                    change,
                };
                app.log.append(0, changes.into_iter().zip(0..).map(event).collect()).await?;
            }
            self.0.write(app, transaction).await
        })
    }

    fn processes(&self, topology: &Topology) -> Vec<Process> {
        self.0.processes(topology)
    }
}

/// The changes that a transaction makes before its end.
async fn changes_of(app: &Ports, transaction: &Transaction) -> Outcome<Vec<Change>> {
    let mut changes = Vec::new();
    for (index, statement) in transaction.statements.iter().enumerate() {
        let key = statement.key().clone();
        let before = app.source.read(&key).await?;
        let version = Version(before.as_ref().map_or(0, |row| row.version().0) + 1);
        let after = transaction.guess(index, before.as_ref(), app.runtime.wall_clock());
        changes.push(Change { key, before, after, write: transaction.write(index), version });
    }
    Ok(changes)
}

struct CountsOneFewer;

impl Interposer for CountsOneFewer {
    fn append<'a>(
        &'a self,
        real: &'a Ports,
        partition: u32,
        mut events: Vec<ChangeEvent>,
    ) -> Call<'a, Outcome<Offset>> {
        for event in &mut events {
            event.of = event.of.map(|of| if of > 1 { of - 1 } else { of });
        }
        real.log.append(partition, events)
    }
}

const ORDERS: &str = r#"
title = "Orders come in, with their lines"
[world]
duration = "500ms"
[workload]
shape = "orders"
clients = 1
operations = 4
keys = { count = 10 }
mix = { insert = 1, update = 0, delete = 0, read = 0 }
transaction = { rows = "2" }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "log_cdc"
"#;

const OVERLAP: &str = r#"
title = "Transactions that overlap"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 4
operations = 24
keys = { count = 10, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "exp(10ms)" }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
batch = 1
"#;

const ROLLBACKS: &str = r#"
title = "One client, who sometimes rolls back"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 8
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rollback = 0.3 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
"#;

const SEVERAL_ROWS: &str = r#"
title = "One client writes several rows at once"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 6
think = "exp(5ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rows = "2..=3" }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
"#;
