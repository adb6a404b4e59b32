//! Files as somebody else would write them: columns of a few types, nulls where nothing is said.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use arrow::array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray, new_null_array,
};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Number(i64),
    Real(f64),
    Millis(i64),
    Text(String),
}

impl From<i64> for Cell {
    fn from(n: i64) -> Self {
        Self::Number(n)
    }
}
impl From<f64> for Cell {
    fn from(x: f64) -> Self {
        Self::Real(x)
    }
}
impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Rows of named cells; a column has the type of its first cell.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Vec<(String, Cell)>>,
    pub(crate) metadata: Option<String>,
    /// Columns that are there and never filled.
    pub(crate) empty: Vec<String>,
}

impl Rows {
    pub(crate) fn row(mut self, at: i64, event: &str, cells: &[(&str, Cell)]) -> Self {
        let mut row = vec![("at".to_owned(), Cell::Number(at)), ("event".to_owned(), event.into())];
        row.extend(cells.iter().map(|(name, cell)| ((*name).to_owned(), cell.clone())));
        self.rows.push(row);
        self
    }

    /// A change of the row 7, committed.
    pub(crate) fn committed(self, at: i64, transaction: i64, value: &str) -> Self {
        self.row(
            at,
            "committed",
            &[("transaction", transaction.into()), ("key", 7.into()), ("value", value.into())],
        )
    }

    /// The row 7, shown by `search`.
    pub(crate) fn shown(self, at: i64, value: &str) -> Self {
        self.row(at, "shown", &[("sink", "search".into()), ("key", 7.into()), ("value", value.into())])
    }

    pub(crate) fn quiescent(self, at: i64) -> Self {
        self.row(at, "milestone", &[("stage", "load_ended".into())]).row(
            at,
            "milestone",
            &[("stage", "quiescent".into())],
        )
    }

    pub(crate) fn with(mut self, metadata: &str) -> Self {
        self.metadata = Some(metadata.to_owned());
        self
    }

    pub(crate) fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join("history.parquet");
        let mut names: Vec<String> = Vec::new();
        for (name, _) in self.rows.iter().flatten() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for name in &names {
            let cells: Vec<Option<Cell>> = self
                .rows
                .iter()
                .map(|row| row.iter().find(|(other, _)| other == name).map(|(_, cell)| cell.clone()))
                .collect();
            let array = column(&cells);
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        for name in &self.empty {
            fields.push(Field::new(name, DataType::Null, true));
            arrays.push(new_null_array(&DataType::Null, self.rows.len()));
        }
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), schema, None).unwrap();
        if let Some(metadata) = &self.metadata {
            writer.append_key_value_metadata(KeyValue::new("driftlab.history".to_owned(), metadata.clone()));
        }
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        path
    }
}

fn column(cells: &[Option<Cell>]) -> ArrayRef {
    let number = |cell: &Option<Cell>| match cell {
        Some(Cell::Number(n) | Cell::Millis(n)) => Some(*n),
        _ => None,
    };
    match cells.iter().flatten().next() {
        Some(Cell::Text(_)) => {
            let texts = cells.iter().map(|cell| match cell {
                Some(Cell::Text(text)) => Some(text.clone()),
                _ => None,
            });
            Arc::new(texts.collect::<StringArray>())
        }
        Some(Cell::Real(_)) => {
            let reals = cells.iter().map(|cell| match cell {
                Some(Cell::Real(x)) => Some(*x),
                _ => None,
            });
            Arc::new(reals.collect::<Float64Array>())
        }
        Some(Cell::Millis(_)) => Arc::new(cells.iter().map(number).collect::<TimestampMillisecondArray>()),
        _ => Arc::new(cells.iter().map(number).collect::<Int64Array>()),
    }
}
