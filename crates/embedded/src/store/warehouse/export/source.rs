use super::column::ColumnBuffer;
use super::{FileJob, Job};
use crate::log::codec;
use crate::store::StoreError;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use driftlab_model::Value;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

/// A table of the database, and the types of its columns.
pub(super) struct SourceTable {
    name: String,
    columns: Vec<(String, DataType)>,
}

/// What becomes of values of another type than their column's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// The read ends there.
    Refused,
    /// They go into a column of their own.
    Kept,
}

/// A batch is sent on when its texts and blobs take so much, however few its rows are.
const BATCH_BYTES: usize = 4 << 20;

/// The tables to copy; all ordinary ones where none is named.
pub(super) fn tables_of(
    connection: &Connection,
    database: &Path,
    named: &[&str],
) -> Result<Vec<SourceTable>, StoreError> {
    let failed = |cause: rusqlite::Error| StoreError::at("read the tables of", database, cause);
    let mut statement = connection
        .prepare(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' \
             ESCAPE '\\' ORDER BY name",
        )
        .map_err(failed)?;
    let all = statement.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
    let all = all.collect::<Result<Vec<String>, _>>().map_err(failed)?;
    let mut names = Vec::new();
    for name in named {
        if !all.iter().any(|existing| existing == name) {
            let why = format!("there is no table \"{name}\"; there are: {}", all.join(", "));
            return Err(StoreError::at("export from", database, why));
        }
        names.push((*name).to_owned());
    }
    let names = if named.is_empty() { all } else { names };
    names.into_iter().map(|name| SourceTable::open(connection, name).map_err(failed)).collect()
}

impl SourceTable {
    fn open(connection: &Connection, name: String) -> Result<Self, rusqlite::Error> {
        let mut statement = connection
            .prepare("SELECT name, type FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid")?;
        let declared = statement
            .query_map([&name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        let mut columns = Vec::with_capacity(declared.len());
        for (column, declaration) in declared {
            let kind = match affinity(&declaration) {
                Some(kind) => kind,
                None => first_value(connection, &name, &column)?,
            };
            columns.push((column, kind));
        }
        Ok(Self { name, columns })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Reads all rows and sends them on. `false` where it ended early, at a value that its column cannot hold; the writer begins the file
    /// anew then. It also ends early, and says nothing of it, where the writer has gone away.
    pub(super) fn read(
        &self,
        connection: &Connection,
        database: &Path,
        others: Others,
        batch_rows: usize,
        jobs: &SyncSender<Job>,
    ) -> Result<bool, StoreError> {
        let failed =
            |cause: rusqlite::Error| StoreError::at(format!("read table {} of", self.name), database, cause);
        let schema = self.schema(others);
        let job = FileJob { table: self.name.clone(), schema: SchemaRef::clone(&schema) };
        if jobs.send(Job::Begin(job)).is_err() {
            return Ok(true);
        }
        let names: Vec<String> = self.columns.iter().map(|(name, _)| quoted(name)).collect();
        let query = format!("SELECT {} FROM {}", names.join(", "), quoted(&self.name));
        let mut statement = connection.prepare(&query).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut buffers: Vec<ColumnBuffer> =
            schema.fields().iter().map(|field| ColumnBuffer::new(field.data_type(), batch_rows)).collect();
        let mut misfits = Vec::new();
        let mut count = 0;
        loop {
            let row = rows.next().map_err(failed)?;
            if let Some(row) = row {
                let mut bytes = 0;
                for (place, buffer) in buffers[..self.columns.len()].iter_mut().enumerate() {
                    if !buffer.push(row.get_ref(place).map_err(failed)?) {
                        misfits.push(place);
                    }
                    bytes += buffer.bytes();
                }
                if !misfits.is_empty() && others == Others::Refused {
                    return Ok(false);
                }
                if others == Others::Kept {
                    self.push_other(&mut buffers, row, &misfits).map_err(failed)?;
                    misfits.clear();
                }
                count += 1;
                if count < batch_rows && bytes < BATCH_BYTES {
                    continue;
                }
            }
            if count > 0 {
                let columns = buffers.iter_mut().map(ColumnBuffer::take).collect::<Result<_, _>>();
                let batch =
                    columns.and_then(|columns| RecordBatch::try_new(SchemaRef::clone(&schema), columns));
                let batch = batch.map_err(|cause| {
                    StoreError::at(format!("read table {} of", self.name), database, cause)
                })?;
                count = 0;
                if jobs.send(Job::Rows(batch)).is_err() {
                    return Ok(true);
                }
            }
            if row.is_none() {
                let _ = jobs.send(Job::End);
                return Ok(true);
            }
        }
    }

    fn schema(&self, others: Others) -> SchemaRef {
        let mut fields: Vec<Field> =
            self.columns.iter().map(|(name, kind)| Field::new(name, kind.clone(), true)).collect();
        if others == Others::Kept {
            fields.push(Field::new("_other", DataType::Binary, true));
        }
        Arc::new(Schema::new(fields))
    }

    fn push_other(
        &self,
        buffers: &mut [ColumnBuffer],
        row: &Row<'_>,
        misfits: &[usize],
    ) -> Result<(), rusqlite::Error> {
        let other = &mut buffers[self.columns.len()];
        if misfits.is_empty() {
            other.push_null();
            return Ok(());
        }
        let mut bytes = Vec::new();
        codec::put_u64(&mut bytes, self.columns.len() as u64);
        for &place in misfits {
            codec::put_u64(&mut bytes, place as u64);
            let value = match row.get_ref(place)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(n) => Value::Integer(n),
                ValueRef::Real(x) => Value::Real(x),
                ValueRef::Text(text) => Value::text(&String::from_utf8_lossy(text)),
                ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
            };
            codec::put_value(&mut bytes, &value);
        }
        other.push(ValueRef::Blob(&bytes));
        Ok(())
    }
}

/// The type that a declared one stands for ("Datatypes In SQLite", section 3.1); `None` where the declaration leaves it open.
fn affinity(declaration: &str) -> Option<DataType> {
    let declaration = declaration.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declaration.contains(word));
    if has(&["INT"]) {
        Some(DataType::Int64)
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        Some(DataType::Utf8)
    } else if has(&["BLOB"]) {
        Some(DataType::Binary)
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        Some(DataType::Float64)
    } else {
        None
    }
}

/// The type of the first value that a column has.
fn first_value(connection: &Connection, table: &str, column: &str) -> Result<DataType, rusqlite::Error> {
    let (table, column) = (quoted(table), quoted(column));
    let query = format!("SELECT typeof({column}) FROM {table} WHERE {column} IS NOT NULL LIMIT 1");
    let mut statement = connection.prepare(&query)?;
    let mut rows = statement.query([])?;
    let kind = rows.next()?.map(|row| row.get::<_, String>(0)).transpose()?;
    Ok(match kind.as_deref() {
        Some("integer") => DataType::Int64,
        Some("real") => DataType::Float64,
        Some("blob") => DataType::Binary,
        _ => DataType::Utf8,
    })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
