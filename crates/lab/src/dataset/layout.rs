//! The tables of a file, as SQLite describes them.

use super::error::DatasetProblem;
use driftlab_model::{ColumnId, ColumnType};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// A table of the file, before its rows are read.
pub(super) struct SourceTable {
    pub(super) name: String,
    pub(super) columns: Vec<SourceColumn>,
    pub(super) key: Vec<ColumnId>,
}

pub(super) struct SourceColumn {
    pub(super) name: String,
    /// What to ask for; a row id may have another name in the query than in the schema.
    pub(super) expression: String,
    pub(super) declared: Declared,
    pub(super) nullable: bool,
}

/// What a declared type says of a column's values.
#[derive(Clone, Copy)]
pub(super) enum Declared {
    Kind(ColumnType),
    /// Whatever is there; this where nothing is.
    Anything(ColumnType),
}

pub(super) fn sources(connection: &Connection) -> Result<Vec<SourceTable>, DatasetProblem> {
    let mut statement = connection.prepare(
        "SELECT name, wr FROM pragma_table_list
         WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let names = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))?;
    let names: Vec<(String, bool)> = names.collect::<Result<_, _>>()?;
    names.into_iter().map(|(name, without_rowid)| source(connection, name, without_rowid)).collect()
}

pub(super) fn source(
    connection: &Connection,
    name: String,
    without_rowid: bool,
) -> Result<SourceTable, DatasetProblem> {
    let mut statement = connection
        .prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1, 'main') ORDER BY cid")?;
    let mut found = statement.query([&name])?;
    let mut columns = Vec::new();
    let mut key = BTreeMap::new();
    while let Some(row) = found.next()? {
        let (column, declared): (String, String) = (row.get(0)?, row.get(1)?);
        let (not_null, key_place): (bool, u16) = (row.get(2)?, row.get(3)?);
        if key_place > 0 {
            key.insert(key_place, ColumnId(columns.len() as u16));
        }
        columns.push(SourceColumn {
            expression: quoted(&column),
            declared: affinity(&declared),
            nullable: !not_null && key_place == 0,
            name: column,
        });
    }
    let mut key: Vec<ColumnId> = key.into_values().collect();
    if key.is_empty() {
        let taken = |alias: &&str| columns.iter().any(|column| column.name.eq_ignore_ascii_case(alias));
        let alias = ["rowid", "_rowid_", "oid"].into_iter().find(|alias| !taken(alias));
        let Some(alias) = alias.filter(|_| !without_rowid) else {
            return Err(DatasetProblem::NoKey { table: name });
        };
        let rowid = SourceColumn {
            name: alias.to_owned(),
            expression: alias.to_owned(),
            declared: Declared::Kind(ColumnType::Integer),
            nullable: false,
        };
        columns.insert(0, rowid);
        key.push(ColumnId(0));
    }
    Ok(SourceTable { name, columns, key })
}

/// The kind that a declared type stands for (<https://www.sqlite.org/datatype3.html>, section 3.1).
pub(super) fn affinity(declared: &str) -> Declared {
    let declared = declared.to_ascii_uppercase();
    let says = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if says(&["INT"]) {
        Declared::Kind(ColumnType::Integer)
    } else if says(&["CHAR", "CLOB", "TEXT"]) {
        Declared::Kind(ColumnType::Text)
    } else if says(&["BLOB"]) {
        Declared::Kind(ColumnType::Blob)
    } else if declared.is_empty() {
        Declared::Anything(ColumnType::Blob)
    } else if says(&["REAL", "FLOA", "DOUB"]) {
        Declared::Kind(ColumnType::Real)
    } else {
        Declared::Anything(ColumnType::Real)
    }
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What one row of a table is called: `InvoiceLine` and `invoice_lines` are `invoice line`.
pub(super) fn noun(table: &str) -> String {
    let mut words = String::new();
    let mut after_lower = false;
    for letter in table.chars() {
        if letter == '_' || (letter.is_uppercase() && after_lower) {
            words.push(' ');
        }
        if letter != '_' {
            words.extend(letter.to_lowercase());
        }
        after_lower = letter.is_lowercase();
    }
    if let Some(stem) = words.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let singular = ["ss", "us", "is"].iter().any(|ending| words.ends_with(ending));
    match words.strip_suffix('s') {
        Some(stem) if !singular && !stem.is_empty() => stem.to_owned(),
        _ => words,
    }
}
