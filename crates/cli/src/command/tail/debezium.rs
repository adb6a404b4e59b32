//! The envelope of Debezium's change events, without schemas.
//!
//! Source: Debezium's documentation, "Change event values" and "Schema change topic" of its relational connectors.

use super::image::{Bytes, Image};
use super::json::origin;
use super::rendering::{Rendering, line};
use driftlab_sqlite_wal::{Change, ChangeKind, Event, Position, SchemaChangeKind, Table, Transaction};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Change events and schema changes as Debezium's connectors give them. A gap has no such event: what it missed comes with `"origin":"reconciled"` in `source`.
pub(super) struct Debezium {
    database: String,
}

impl Debezium {
    /// For a database that is named after its file.
    pub(super) fn of(file: &Path) -> Self {
        let stem = file.file_stem().unwrap_or(file.as_os_str());
        Self { database: stem.to_string_lossy().into_owned() }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    before: Option<Image<'a>>,
    after: Option<Image<'a>>,
    source: SourceBlock<'a>,
    transaction: TransactionBlock,
    op: &'static str,
    ts_ms: u64,
}

#[derive(Serialize)]
struct SourceBlock<'a> {
    version: &'static str,
    connector: &'static str,
    name: &'a str,
    ts_ms: u64,
    snapshot: &'static str,
    db: &'a str,
    table: Option<&'a str>,
    position: u64,
    origin: &'static str,
}

#[derive(Serialize)]
struct TransactionBlock {
    id: String,
    total_order: usize,
    data_collection_order: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SchemaEvent<'a> {
    source: SourceBlock<'a>,
    #[serde(rename = "ts_ms")]
    ts_ms: u64,
    database_name: &'a str,
    schema_name: Option<&'a str>,
    ddl: &'a str,
    table_changes: [TableChange<'a>; 1],
}

#[derive(Serialize)]
struct TableChange<'a> {
    r#type: &'static str,
    id: String,
    table: TableBlock<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TableBlock<'a> {
    primary_key_column_names: Vec<&'a str>,
    columns: Vec<ColumnBlock<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ColumnBlock<'a> {
    name: &'a str,
    type_name: &'a str,
    /// From 1.
    position: usize,
    generated: bool,
}

impl Rendering for Debezium {
    fn render(&self, event: &Event, read: SystemTime, lines: &mut String) {
        // Before 1970 only where the machine's clock is wrong, and then 0 says so.
        let ts_ms = read.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        match event {
            Event::Transaction(transaction) => {
                let mut of_table = BTreeMap::<&str, usize>::new();
                for (number, change) in transaction.changes.iter().enumerate() {
                    let order = of_table.entry(&change.table.name).or_default();
                    *order += 1;
                    line(&self.envelope(transaction, number + 1, *order, change, ts_ms), lines);
                }
            }
            Event::Schema(change) => line(&self.schema_event(change.position, &change.kind, ts_ms), lines),
            Event::Gap(_) => {}
        }
    }
}

impl Debezium {
    fn envelope<'a>(
        &'a self,
        transaction: &Transaction,
        total_order: usize,
        data_collection_order: usize,
        change: &'a Change,
        ts_ms: u64,
    ) -> Envelope<'a> {
        let table = &change.table;
        let image = |row: &'a Option<_>| row.as_ref().map(|row| Image { table, row, bytes: Bytes::Plain });
        Envelope {
            before: image(&change.before),
            after: image(&change.after),
            source: self.source(Some(&table.name), transaction.position, origin(transaction.origin), ts_ms),
            transaction: TransactionBlock {
                id: transaction.position.to_string(),
                total_order,
                data_collection_order,
            },
            op: match change.kind() {
                ChangeKind::Insert => "c",
                ChangeKind::Update => "u",
                ChangeKind::Delete => "d",
            },
            ts_ms,
        }
    }

    fn source<'a>(
        &'a self,
        table: Option<&'a str>,
        position: Position,
        origin: &'static str,
        ts_ms: u64,
    ) -> SourceBlock<'a> {
        SourceBlock {
            version: env!("CARGO_PKG_VERSION"),
            connector: "sqlite",
            name: &self.database,
            ts_ms,
            snapshot: "false",
            db: &self.database,
            table,
            position: position.as_u64(),
            origin,
        }
    }

    fn schema_event<'a>(
        &'a self,
        position: Position,
        kind: &'a SchemaChangeKind,
        ts_ms: u64,
    ) -> SchemaEvent<'a> {
        let (r#type, table): (_, &Table) = match kind {
            SchemaChangeKind::Created(table) => ("CREATE", table),
            SchemaChangeKind::Dropped(table) => ("DROP", table),
            SchemaChangeKind::Altered { after, .. } => ("ALTER", after),
        };
        let columns = table.columns.iter().enumerate().map(|(number, column)| ColumnBlock {
            name: &column.name,
            type_name: &column.declared,
            position: number + 1,
            generated: column.generated,
        });
        let block = TableBlock {
            primary_key_column_names: table
                .key
                .iter()
                .map(|&column| table.columns[column].name.as_str())
                .collect(),
            columns: columns.collect(),
        };
        SchemaEvent {
            source: self.source(Some(&table.name), position, origin(driftlab_sqlite_wal::Origin::Log), ts_ms),
            ts_ms,
            database_name: &self.database,
            schema_name: None,
            ddl: &table.sql,
            table_changes: [TableChange {
                r#type,
                id: format!("\"{}\".\"{}\"", self.database, table.name),
                table: block,
            }],
        }
    }
}
