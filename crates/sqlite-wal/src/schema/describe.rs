//! From `CREATE TABLE` statements to tables, by letting SQLite read them.

use super::table::{Column, Layout, Slot, Table};
use crate::error::Error;
use crate::page::Encoding;
use crate::value::Value;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

/// What the table that `sql` declares under `name` looks like.
///
/// The statement is not executed but put in the catalogue of an empty database in memory, which SQLite then reads as it reads any
/// database's: names that are reserved and functions and collations that this process does not have are no error there.
pub(crate) fn describe(name: &str, sql: &str, encoding: Encoding) -> Result<Table, Error> {
    ask(name, sql, encoding)
        .map_err(|error| Error::Schema { table: name.to_owned(), what: error.to_string() })
}

pub(super) fn in_memory(encoding: Encoding) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_in_memory()?;
    let encoding = match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16Le => "UTF-16le",
        Encoding::Utf16Be => "UTF-16be",
    };
    connection.pragma_update(None, "encoding", encoding)?;
    Ok(connection)
}

fn ask(name: &str, sql: &str, encoding: Encoding) -> Result<Table, rusqlite::Error> {
    let connection = in_memory(encoding)?;
    connection.execute_batch("CREATE TABLE x(a); PRAGMA writable_schema=ON;")?;
    connection.execute("UPDATE sqlite_schema SET name = ?1, tbl_name = ?1, sql = ?2", params![name, sql])?;
    connection.execute_batch("PRAGMA writable_schema=RESET;")?;
    let without_rowid: bool = connection.query_row(
        "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1",
        [name],
        |row| row.get(0),
    )?;
    let strict: bool = connection.query_row(
        "SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1",
        [name],
        |row| row.get(0),
    )?;
    let mut statement = connection
        .prepare("SELECT name, type, dflt_value, pk, hidden FROM pragma_table_xinfo(?1) ORDER BY cid")?;
    let mut rows = statement.query([name])?;
    let (mut columns, mut key, mut fields, mut computed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let declared: String = row.get(1)?;
        let affinity = Affinity::of(&declared, strict);
        let default = match row.get::<_, Option<String>>(2)? {
            Some(expression) => default(&expression, affinity, encoding),
            None => Value::Null,
        };
        let (place, hidden): (u32, u8) = (row.get(3)?, row.get(4)?);
        let column = columns.len();
        if place > 0 {
            key.push((place, column));
        }
        if hidden == 2 {
            computed.push(column);
        } else {
            fields.push(Slot { column, real: affinity == Affinity::Real });
        }
        columns.push(Column { name: row.get(0)?, declared, default, generated: hidden == 2 || hidden == 3 });
    }
    key.sort_unstable();
    let key: Vec<usize> = key.into_iter().map(|(_, column)| column).collect();
    let index: Option<String> = connection
        .prepare("SELECT name FROM pragma_index_list(?1) WHERE origin = 'pk'")?
        .query_map([name], |row| row.get(0))?
        .next()
        .transpose()?;
    let mut rowid_column = None;
    if without_rowid {
        // The rows of such a table stand in its primary key's index: its columns first, in key order, then the others.
        let order = connection
            .prepare("SELECT cid FROM pragma_index_xinfo(?1) ORDER BY seqno")?
            .query_map([index.unwrap_or_default()], |row| row.get::<_, u32>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        fields = order
            .iter()
            .filter_map(|column| fields.iter().find(|slot| slot.column == *column as usize).copied())
            .collect();
    } else if index.is_none() && key.len() == 1 {
        rowid_column = Some(key[0]);
    }
    let layout = Layout { fields, rowid_column, computed };
    Ok(Table { name: name.to_owned(), columns, key, without_rowid, sql: sql.to_owned(), layout })
}

/// The value that SQLite reads in rows without the column; what is not constant cannot have been added to a table with rows.
fn default(expression: &str, affinity: Affinity, encoding: Encoding) -> Value {
    let stored = |expression: String| -> Result<Value, rusqlite::Error> {
        let connection = in_memory(encoding)?;
        connection.execute_batch(&format!(
            "CREATE TABLE x(a, b {} DEFAULT {expression}); INSERT INTO x(a) VALUES (0);",
            affinity.name()
        ))?;
        connection.query_row("SELECT b FROM x", [], |row| Ok(Value::from(row.get_ref(0)?)))
    };
    stored(expression.to_owned()).or_else(|_| stored(format!("({expression})"))).unwrap_or(Value::Null)
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

/// What a declared type makes of values: <https://www.sqlite.org/datatype3.html#determination_of_column_affinity>.
#[derive(Clone, Copy, PartialEq)]
enum Affinity {
    Integer,
    Text,
    Blob,
    Real,
    Numeric,
}

impl Affinity {
    fn of(declared: &str, strict: bool) -> Self {
        let declared = declared.to_ascii_uppercase();
        let has = |word: &str| declared.contains(word);
        if has("INT") {
            Self::Integer
        } else if has("CHAR") || has("CLOB") || has("TEXT") {
            Self::Text
        } else if declared.is_empty() || has("BLOB") || (strict && declared == "ANY") {
            Self::Blob
        } else if has("REAL") || has("FLOA") || has("DOUB") {
            Self::Real
        } else {
            Self::Numeric
        }
    }
    fn name(self) -> &'static str {
        match self {
            Self::Integer => "INTEGER",
            Self::Text => "TEXT",
            Self::Blob => "BLOB",
            Self::Real => "REAL",
            Self::Numeric => "NUMERIC",
        }
    }
}
