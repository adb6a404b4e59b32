//! driftlab's own lines.

use super::image::{Bytes, Image, KeyOf};
use super::rendering::{Rendering, line};
use driftlab_sqlite_wal::{
    Change, ChangeKind, Event, Gap, Origin, SchemaChange, SchemaChangeKind, Table, Transaction,
};
use serde::Serialize;
use std::time::SystemTime;

/// A line for each change, schema change and gap.
pub(super) struct Json;

#[derive(Serialize)]
struct ChangeLine<'a> {
    position: u64,
    /// Which of the transaction's changes it is, from 1.
    change: usize,
    /// How many changes the transaction has: after the last of them it is whole.
    of: usize,
    origin: &'static str,
    op: &'static str,
    table: &'a str,
    key: KeyOf<'a>,
    before: Option<Image<'a>>,
    after: Option<Image<'a>>,
}

#[derive(Serialize)]
struct SchemaLine<'a> {
    position: u64,
    op: &'static str,
    table: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<&'a str>,
    columns: Vec<&'a str>,
    sql: &'a str,
}

#[derive(Serialize)]
struct GapLine {
    position: u64,
    gap: String,
    pages: u64,
}

impl Rendering for Json {
    fn render(&self, event: &Event, _: SystemTime, lines: &mut String) {
        match event {
            Event::Transaction(transaction) => {
                for (number, change) in transaction.changes.iter().enumerate() {
                    line(&of_change(transaction, number, change), lines);
                }
            }
            Event::Schema(change) => line(&of_schema(change), lines),
            Event::Gap(gap) => line(&of_gap(gap), lines),
        }
    }
}

fn of_change<'a>(transaction: &Transaction, number: usize, change: &'a Change) -> ChangeLine<'a> {
    let bytes = Bytes::Marked;
    let image = |row: &'a Option<_>| row.as_ref().map(|row| Image { table: &change.table, row, bytes });
    ChangeLine {
        position: transaction.position.as_u64(),
        change: number + 1,
        of: transaction.changes.len(),
        origin: origin(transaction.origin),
        op: match change.kind() {
            ChangeKind::Insert => "insert",
            ChangeKind::Update => "update",
            ChangeKind::Delete => "delete",
        },
        table: &change.table.name,
        key: KeyOf { change, bytes },
        before: image(&change.before),
        after: image(&change.after),
    }
}

/// How the changes of a transaction are known.
pub(super) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Log => "log",
        Origin::Reconciled => "reconciled",
    }
}

fn of_schema(change: &SchemaChange) -> SchemaLine<'_> {
    let (op, table, was): (_, &Table, Option<&Table>) = match &change.kind {
        SchemaChangeKind::Created(table) => ("create_table", table, None),
        SchemaChangeKind::Dropped(table) => ("drop_table", table, None),
        SchemaChangeKind::Altered { before, after, .. } => ("alter_table", after, Some(before)),
    };
    SchemaLine {
        position: change.position.as_u64(),
        op,
        table: &table.name,
        was: was.map(|was| was.name.as_str()).filter(|was| *was != table.name),
        columns: table.columns.iter().map(|column| column.name.as_str()).collect(),
        sql: &table.sql,
    }
}

fn of_gap(gap: &Gap) -> GapLine {
    GapLine { position: gap.position.as_u64(), gap: gap.reason.to_string(), pages: gap.pages }
}
