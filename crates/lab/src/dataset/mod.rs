//! Reads a real SQLite file: its tables, its keys, its rows.

#![allow(clippy::disallowed_methods, reason = "a dataset is a file, read before the run begins")]

mod error;
mod layout;
#[cfg(test)]
mod tests;

pub use error::DatasetError;

use driftlab_model::{Column, ColumnType, Key, Schema, Table, TableId, Value};
use driftlab_workload::Dataset;
use error::DatasetProblem;
use layout::{Declared, SourceTable, noun, quoted, sources};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The most rows that a dataset may have: they are held in memory, several times over.
const ROWS_MAX: usize = 2_000_000;

/// How long to wait for another process that writes to the file.
const PATIENCE: Duration = Duration::from_secs(1);

/// The first bytes of every SQLite file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Reads all ordinary tables of a SQLite file, with their keys and rows, in one read transaction. The file is never written.
///
/// A table without a primary key gets its row id as its first column. Rows come by table and key. Columns have the kind of their declared type by
/// SQLite's affinity rules; where that is numeric or nothing, as for dates and decimals, the kind is that of the values that are there. Values
/// keep the storage class that they have in the file. Generated columns are left out: they are no data.
///
/// # Errors
/// What is wrong with the file, and what to do about it.
pub fn read_dataset(path: &Path) -> Result<Dataset, DatasetError> {
    read_limited(path, ROWS_MAX).map_err(|problem| DatasetError { path: path.to_owned(), problem })
}

fn read_limited(path: &Path, rows_max: usize) -> Result<Dataset, DatasetProblem> {
    let connection = open(path)?;
    // All reads see one state, whoever writes meanwhile.
    connection.execute_batch("BEGIN")?;
    let sources = sources(&connection)?;
    if sources.is_empty() {
        return Err(DatasetProblem::NoTables);
    }
    let mut tables = Vec::new();
    let mut rows = Vec::new();
    for (place, source) in sources.into_iter().enumerate() {
        let id = TableId(place as u16);
        let table = read_table(&connection, id, source, &mut rows, rows_max)?;
        tables.push(table);
    }
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    if let Some(pair) = rows.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let key = &pair[0].0;
        let table = tables[usize::from(key.table().0)].name.clone();
        return Err(DatasetProblem::DuplicateKey { table, key: key.to_string() });
    }
    Ok(Dataset { schema: Schema::new(tables), rows })
}

fn open(path: &Path) -> Result<Connection, DatasetProblem> {
    let io = |why: std::io::Error| match why.kind() {
        std::io::ErrorKind::NotFound => DatasetProblem::NotFound,
        _ => DatasetProblem::Unreadable(why),
    };
    if std::fs::metadata(path).map_err(io)?.is_dir() {
        return Err(DatasetProblem::Directory);
    }
    let mut header = Vec::new();
    std::fs::File::open(path).map_err(io)?.take(100).read_to_end(&mut header).map_err(io)?;
    // SQLite takes an empty file for a database without tables, and finds out about others only at the first query.
    if header.is_empty() {
        return Err(DatasetProblem::NoTables);
    }
    if !header.starts_with(MAGIC) {
        return Err(DatasetProblem::NotADatabase);
    }
    // A reader of a database in WAL mode leaves `-wal` and `-shm` files behind, unless the file is declared immutable. Without a `-wal` file
    // nobody has it open, so there is nothing to miss.
    let wal_mode = header.get(18..20) == Some(&[2, 2]);
    let immutable = wal_mode && !beside(path, "-wal").exists();
    let connection = match (immutable, path.to_str()) {
        (true, Some(text)) => {
            let uri = format!("{}?immutable=1", uri(text));
            Connection::open_with_flags(uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
        }
        _ => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY),
    }?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A path as a URI, whose own signs it must not contain; an absolute one with the empty authority, lest its first name is taken for one.
fn uri(path: &str) -> String {
    let escaped = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    if path.starts_with('/') { format!("file://{escaped}") } else { format!("file:{escaped}") }
}

fn read_table(
    connection: &Connection,
    id: TableId,
    source: SourceTable,
    rows: &mut Vec<(Key, Arc<[Value]>)>,
    rows_max: usize,
) -> Result<Table, DatasetProblem> {
    let from = rows.len();
    let expressions: Vec<&str> = source.columns.iter().map(|column| column.expression.as_str()).collect();
    let width = expressions.len();
    let query = format!("SELECT {} FROM main.{}", expressions.join(", "), quoted(&source.name));
    let mut table =
        Table { noun: noun(&source.name), columns: Vec::new(), key: source.key, name: source.name };
    let mut statement = connection.prepare(&query)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        if rows.len() == rows_max {
            return Err(DatasetProblem::TooLarge { rows_max });
        }
        let values: Vec<Value> =
            (0..width).map(|column| row.get_ref(column).map(value)).collect::<Result<_, _>>()?;
        rows.push((Key::of(id, &table, &values), values.into()));
    }
    let of_table = &rows[from..];
    table.columns = source
        .columns
        .into_iter()
        .enumerate()
        .map(|(place, column)| Column {
            kind: match column.declared {
                Declared::Kind(kind) => kind,
                Declared::Anything(otherwise) => {
                    widest(of_table.iter().map(|(_, values)| &values[place])).unwrap_or(otherwise)
                }
            },
            name: column.name,
            nullable: column.nullable,
        })
        .collect();
    Ok(table)
}

/// The kind that describes all values best: numbers are reals as soon as one is, and anything with text among it is text.
fn widest<'a>(values: impl Iterator<Item = &'a Value>) -> Option<ColumnType> {
    let rank = |kind: &ColumnType| match kind {
        ColumnType::Integer => 0,
        ColumnType::Real => 1,
        ColumnType::Blob => 2,
        ColumnType::Text => 3,
    };
    values
        .filter_map(|value| match value {
            Value::Null => None,
            Value::Integer(_) => Some(ColumnType::Integer),
            Value::Real(_) => Some(ColumnType::Real),
            Value::Text(_) => Some(ColumnType::Text),
            Value::Blob(_) => Some(ColumnType::Blob),
        })
        .max_by_key(rank)
}

fn value(found: ValueRef<'_>) -> Value {
    match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(x) => Value::Real(x),
        // SQLite does not check that text is UTF-8; as bytes nothing of it is lost.
        ValueRef::Text(bytes) => {
            std::str::from_utf8(bytes).map_or_else(|_| Value::Blob(bytes.into()), Value::text)
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
    }
}
