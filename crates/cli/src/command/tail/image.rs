//! Rows and values in JSON.

use base64::{Engine, engine::general_purpose::STANDARD};
use driftlab_sqlite_wal::{Change, Row, Table, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// How bytes are written, of which JSON has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bytes {
    /// As an object that nobody takes for text: `{"base64":"..."}`.
    Marked,
    /// As a string in base64, which readers who know the column's type expect.
    Plain,
}

/// A row, as an object of its columns in their order.
pub(super) struct Image<'a> {
    pub(super) table: &'a Table,
    pub(super) row: &'a Row,
    pub(super) bytes: Bytes,
}

/// A row's key, as an object of its columns in the key's order; `rowid` where the table declares none.
pub(super) struct KeyOf<'a> {
    pub(super) change: &'a Change,
    pub(super) bytes: Bytes,
}

struct Json<'a>(&'a Value, Bytes);

impl Serialize for Image<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.row.values.len()))?;
        for (column, value) in self.table.columns.iter().zip(&self.row.values) {
            map.serialize_entry(&column.name, &Json(value, self.bytes))?;
        }
        map.end()
    }
}

impl Serialize for KeyOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (table, values) = (&self.change.table, self.change.key());
        let declared = table.key.iter().map(|&column| table.columns[column].name.as_str());
        let rowid = table.key.is_empty().then_some("rowid");
        let mut map = serializer.serialize_map(Some(values.len()))?;
        for (name, value) in declared.chain(rowid).zip(&values) {
            map.serialize_entry(name, &Json(value, self.bytes))?;
        }
        map.end()
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Integer(number) => serializer.serialize_i64(*number),
            Value::Real(number) if number.is_finite() => serializer.serialize_f64(*number),
            Value::Real(number) if *number > 0.0 => serializer.serialize_str("Infinity"),
            Value::Real(_) => serializer.serialize_str("-Infinity"),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Blob(bytes) => {
                let text = STANDARD.encode(bytes);
                match self.1 {
                    Bytes::Plain => serializer.serialize_str(&text),
                    Bytes::Marked => {
                        let mut map = serializer.serialize_map(Some(1))?;
                        map.serialize_entry("base64", &text)?;
                        map.end()
                    }
                }
            }
        }
    }
}
