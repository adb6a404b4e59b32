//! Generated columns that are not stored.

use super::describe::in_memory;
use super::table::Table;
use crate::error::Error;
use crate::page::Encoding;
use crate::value::{Row, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

/// Computes the virtual generated columns of one table, by a table of the same declaration in memory.
pub(crate) struct Generated {
    connection: Connection,
    insert: String,
    select: String,
    stored: Vec<usize>,
    computed: Vec<usize>,
}

impl Generated {
    pub(crate) fn new(table: &Table, encoding: Encoding) -> Result<Self, Error> {
        let failed =
            |error: rusqlite::Error| Error::Schema { table: table.name.clone(), what: error.to_string() };
        let connection = in_memory(encoding).map_err(failed)?;
        connection
            .execute_batch("PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON;")
            .map_err(failed)?;
        connection.execute_batch(&table.sql).map_err(failed)?;
        let stored: Vec<usize> =
            (0..table.columns.len()).filter(|column| !table.columns[*column].generated).collect();
        let computed = table.layout.computed.clone();
        let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let names = |columns: &[usize]| {
            columns.iter().map(|column| quote(&table.columns[*column].name)).collect::<Vec<_>>().join(", ")
        };
        let marks = vec!["?"; stored.len()].join(", ");
        let name = quote(&table.name);
        Ok(Self {
            insert: format!("INSERT INTO {name}({}) VALUES ({marks})", names(&stored)),
            select: format!("SELECT {} FROM {name}", names(&computed)),
            connection,
            stored,
            computed,
        })
    }

    /// Fills in the computed columns of `row`.
    pub(crate) fn fill(&self, table: &Table, row: &mut Row) -> Result<(), Error> {
        self.try_fill(row)
            .map_err(|error| Error::Schema { table: table.name.clone(), what: error.to_string() })
    }

    fn try_fill(&self, row: &mut Row) -> Result<(), rusqlite::Error> {
        self.connection.execute_batch("SAVEPOINT row")?;
        let values = self.stored.iter().map(|column| &row.values[*column]);
        self.connection.prepare_cached(&self.insert)?.execute(params_from_iter(values))?;
        let found = self.connection.prepare_cached(&self.select)?.query_row([], |found| {
            (0..self.computed.len())
                .map(|at| Ok(Value::from(found.get_ref(at)?)))
                .collect::<Result<Vec<_>, _>>()
        });
        self.connection.execute_batch("ROLLBACK TO row; RELEASE row")?;
        for (column, value) in self.computed.iter().zip(found?) {
            row.values[*column] = value;
        }
        Ok(())
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, rusqlite::Error> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
