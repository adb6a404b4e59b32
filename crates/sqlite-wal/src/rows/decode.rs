//! From a cell to a row.

use crate::error::Error;
use crate::page::{Cell, Damage, Encoding, Pages, Record, payload};
use crate::schema::{Generated, Table};
use crate::value::{Row, Value};
use std::cell::OnceCell;
use std::sync::Arc;

/// Decodes the rows of one table.
pub(crate) struct RowDecoder {
    pub(crate) table: Arc<Table>,
    encoding: Encoding,
    in_order: bool,
    generated: OnceCell<Generated>,
}

impl RowDecoder {
    pub(crate) fn new(table: Arc<Table>, encoding: Encoding) -> Self {
        let fields = &table.layout.fields;
        let in_order = fields.len() == table.columns.len()
            && fields.iter().enumerate().all(|(at, slot)| at == slot.column);
        Self { table, encoding, in_order, generated: OnceCell::new() }
    }

    /// The row in `cell` of page `page`.
    pub(crate) fn row(&self, pages: &dyn Pages, page: u32, cell: &Cell<'_>) -> Result<Row, Error> {
        let whole = payload(pages, cell)?;
        let broken = || Error::damage(pages.path())(Damage::new(page, "a record does not fit its payload"));
        let mut record = Record::parse(&whole, self.encoding).ok_or_else(broken)?;
        let table = &*self.table;
        let mut values = Vec::with_capacity(table.columns.len());
        if !self.in_order {
            values.resize(table.columns.len(), Value::Null);
        }
        for slot in &table.layout.fields {
            let value = match record.next_field().map_err(|()| broken())? {
                Some(Value::Integer(number)) if slot.real => Value::Real(number as f64),
                Some(value) => value,
                None => table.columns[slot.column].default.clone(),
            };
            if self.in_order {
                values.push(value);
            } else {
                values[slot.column] = value;
            }
        }
        let rowid = (!table.without_rowid).then_some(cell.rowid);
        if let Some(column) = table.layout.rowid_column {
            values[column] = Value::Integer(cell.rowid);
        }
        let mut row = Row { rowid, values };
        if !table.layout.computed.is_empty() {
            if self.generated.get().is_none() {
                let _ = self.generated.set(Generated::new(table, self.encoding)?);
            }
            if let Some(generated) = self.generated.get() {
                generated.fill(table, &mut row)?;
            }
        }
        Ok(row)
    }
}
