//! Values on their way into SQLite and back.

use driftlab_model::{Row, Time, TransactionId, Value, Version, WriteId};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Statement, ToSql};
use std::sync::Arc;

/// A value as a parameter.
struct Parameter<'a>(&'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(n) => ValueRef::Integer(*n),
            Value::Real(x) => ValueRef::Real(*x),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Gives a statement the parameters from a number on, and says which number comes next.
pub(super) fn bind<'a>(
    statement: &mut Statement<'_>,
    from: usize,
    values: impl IntoIterator<Item = &'a Value>,
) -> rusqlite::Result<usize> {
    let mut next = from;
    for value in values {
        statement.raw_bind_parameter(next, Parameter(value))?;
        next += 1;
    }
    Ok(next)
}

/// A value of a result.
pub(super) fn value(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Value> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(x) => Value::Real(x),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
    })
}

/// Some values of a result, from a column on.
pub(super) fn values(row: &rusqlite::Row<'_>, from: usize, count: usize) -> rusqlite::Result<Arc<[Value]>> {
    (from..from + count).map(|column| value(row, column)).collect()
}

/// Ids and positions are unsigned here and signed in SQLite: the same 64 bits.
pub(super) const fn signed(n: u64) -> i64 {
    n as i64
}

/// The number that [`signed`] was given.
pub(super) const fn unsigned(n: i64) -> u64 {
    n as u64
}

/// A column of a result that holds a [`signed`] number.
pub(super) fn number(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(unsigned)
}

/// A row that a table holds: its values, then its bookkeeping columns, from a column on. `None` where it is marked as deleted; its stamp in any case.
pub(super) fn stored(
    row: &rusqlite::Row<'_>,
    from: usize,
    count: usize,
) -> rusqlite::Result<(Option<Row>, Time)> {
    let book = from + count;
    let stamp = Time::from_nanos(number(row, book + 3)?);
    if row.get::<_, bool>(book + 4)? {
        return Ok((None, stamp));
    }
    let write = write_id(row, book, book + 1)?;
    let version = Version(number(row, book + 2)?);
    Ok((Some(Row::new(write, version, stamp, values(row, from, count)?)), stamp))
}

/// The write that two columns of a result name.
pub(super) fn write_id(
    row: &rusqlite::Row<'_>,
    transaction: usize,
    index: usize,
) -> rusqlite::Result<WriteId> {
    Ok(WriteId { transaction: TransactionId(number(row, transaction)?), index: row.get(index)? })
}
