//! What requests ask, in a few words, for whoever draws them.

use driftlab_model::port::{Delivery, Request};
use driftlab_model::{
    Assignment, ChangeEvent, Ending, Failure, Key, Row, Schema, Statement, Transaction, Word,
};

/// More rows than these are counted, not told.
const TOLD: usize = 2;

/// What a store is asked.
pub(super) fn of_request(request: &Request, schema: &Schema) -> String {
    match request {
        Request::Get(key) => format!("get {}", key.describe(schema)),
        Request::Put(delivery) => of_delivery(delivery, schema),
        Request::Bulk(deliveries) => of_many("bulk", deliveries, |d| of_delivery(d, schema)),
        Request::Apply { deliveries, bookmark, .. } => {
            format!("{} up to {}", of_many("apply", deliveries, |d| of_delivery(d, schema)), bookmark.0)
        }
        Request::Bookmark => "which position?".to_owned(),
        Request::Invalidate(key) => format!("forget {}", key.describe(schema)),
        Request::GetOrLease(key) => format!("get {}, or a lease", key.describe(schema)),
        Request::Fill { key, row, lease } => {
            let lease = if lease.is_some() { ", with its lease" } else { "" };
            format!("fill {}{lease}", of_row(key, Some(row), schema))
        }
        Request::Stage { rows, .. } => format!("stage {}", rows_of(rows.len())),
        Request::Publish { .. } => "swap in the new load".to_owned(),
        Request::Complete => "the load is complete".to_owned(),
        Request::Clear => "clear".to_owned(),
        Request::Keys { .. } => "which keys?".to_owned(),
    }
}

/// What a client asks of the source.
pub(super) fn of_transaction(transaction: &Transaction, schema: &Schema) -> String {
    let statements = of_many("write", &transaction.statements, |statement| of_statement(statement, schema));
    match transaction.ending {
        Ending::Commit => format!("{}: {statements}", transaction.id),
        Ending::Rollback => format!("{}: {statements}, then roll back", transaction.id),
    }
}

/// What a process puts into the log.
pub(super) fn of_events(events: &[ChangeEvent], schema: &Schema) -> String {
    let told = of_many("append", events, |event| match (event.word(), event.change.empties()) {
        (Some(Word::Gap), _) => "that changes may be missing before this".to_owned(),
        (Some(Word::Copied), _) => "that the first copy is whole".to_owned(),
        (None, Some(table)) => format!("that {} was truncated", schema.table(table).name),
        (None, None) => of_row(&event.change.key, event.change.after.as_ref(), schema),
    });
    if events.len() <= TOLD { format!("append {told}") } else { told }
}

/// What came of a request.
pub(super) fn of_outcome<T>(outcome: &Result<T, Failure>) -> String {
    match outcome {
        Ok(_) => "done".to_owned(),
        Err(failure) => failure.to_string(),
    }
}

fn of_many<T>(verb: &str, all: &[T], tell: impl Fn(&T) -> String) -> String {
    if all.is_empty() || all.len() > TOLD {
        return format!("{verb} {}", rows_of(all.len()));
    }
    all.iter().map(tell).collect::<Vec<_>>().join(", ")
}

fn rows_of(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

fn of_delivery(delivery: &Delivery, schema: &Schema) -> String {
    match &delivery.after {
        Some(_) => format!("put {}", of_row(&delivery.key, delivery.after.as_ref(), schema)),
        None if delivery.key.is_empty() => format!("empty {}", schema.table(delivery.key.table()).name),
        None => format!("delete {}", delivery.key.describe(schema)),
    }
}

fn of_statement(statement: &Statement, schema: &Schema) -> String {
    let key = statement.key();
    let column = |number: usize| {
        schema.table(key.table()).columns.get(number).map_or_else(String::new, |c| c.name.clone())
    };
    match statement {
        Statement::Insert { values, .. } => format!("insert {}", named(key, values, schema)),
        Statement::Put { values, .. } => format!("set {}", named(key, values, schema)),
        Statement::Delete { .. } => format!("delete {}", key.describe(schema)),
        Statement::Truncate { .. } => format!("truncate {}", schema.table(key.table()).name),
        Statement::Rekey { to, .. } => format!("make {} {to}", key.describe(schema)),
        Statement::Update { assignments, .. } => {
            let told = assignments.iter().take(TOLD).map(|(at, assignment)| match assignment {
                Assignment::Set(value) => format!("{} = {value}", column(usize::from(at.0))),
                Assignment::Add(value) => format!("{0} = {0} + {value}", column(usize::from(at.0))),
            });
            format!("update {} {}", key.describe(schema), told.collect::<Vec<_>>().join(", "))
        }
    }
}

fn of_row(key: &Key, row: Option<&Row>, schema: &Schema) -> String {
    match row {
        Some(row) => named(key, row.values(), schema),
        None => format!("that {} is gone", key.describe(schema)),
    }
}

/// A key, and the first value of its row that is not part of it.
fn named(key: &Key, values: &[driftlab_model::Value], schema: &Schema) -> String {
    let table = schema.table(key.table());
    let telling = (0..values.len()).find(|&at| table.key.iter().all(|column| usize::from(column.0) != at));
    match telling.and_then(|at| Some((table.columns.get(at)?, &values[at]))) {
        Some((column, value)) => format!("{} {} {value}", key.describe(schema), column.name),
        None => key.describe(schema),
    }
}
