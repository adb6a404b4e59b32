//! The values that a row holds, and who wrote them.

use super::cell::{bad_text, unsigned};
use super::{Assembler, Pass};
use crate::column::Column;
use crate::read::error::Read;
use crate::read::sheet::{Cell, Sheet};
use crate::text::{Fields, plain_row, read_row, write_key};
use driftlab_model::{Key, Row, Value, Version, WriteId};

impl Assembler<'_> {
    /// A row and who wrote it; `None` where there is no row.
    pub(super) fn image(&mut self, sheet: &mut Sheet, i: usize, key: &Key) -> Read<Option<Row>> {
        let Some(values) = self.values(sheet, i, key, Column::Value)? else { return Ok(None) };
        let transaction = self.transaction(sheet, i, Column::Transaction)?;
        let index = self.index(sheet, i, Column::Write)?;
        let known = match (&mut self.pass, transaction) {
            (Pass::Telling(_, None), None) => {
                let expected =
                    "the transaction that wrote the value, as the metadata promise with `complete`";
                return Err(sheet.missing(Column::Transaction, i, expected));
            }
            (Pass::Telling(_, Some(attribution)), None) => Some(attribution.of(sheet.row(i), key, &values)),
            (Pass::Telling(_, Some(attribution)), Some(transaction)) if index.is_none() => {
                attribution.by(transaction, key, &values)
            }
            _ => None,
        };
        let write = match (known, transaction) {
            (Some(known), _) => known.write,
            (None, Some(transaction)) => self.write_of(sheet, i, transaction, key)?,
            (None, None) => WriteId::LOAD,
        };
        let version = unsigned(sheet.number(Column::Version, i)?).map(Version);
        let version = version.or(known.map(|known| known.version)).unwrap_or_default();
        let updated_at = self.order.other(sheet, Column::UpdatedAt, i)?;
        let updated_at = updated_at.or(known.map(|known| known.updated_at)).unwrap_or_default();
        Ok(Some(Row::new(write, version, updated_at, values.into())))
    }

    /// The values of a row; `None` where there is none.
    pub(super) fn values(
        &mut self,
        sheet: &Sheet,
        i: usize,
        key: &Key,
        column: Column,
    ) -> Read<Option<Vec<Value>>> {
        let fields = self.names.fields(usize::from(key.table().0));
        let (text, values) = match sheet.cell(column, i) {
            None => return Ok(None),
            Some(Cell::Text(text)) => (Some(text), read_row(text, fields)),
            Some(Cell::Number(n)) => (None, plain_row(Value::Integer(n), fields).map(Some)),
            Some(Cell::Real(x)) => (None, plain_row(Value::Real(x), fields).map(Some)),
        };
        let values = values.map_err(|why| {
            let expected = "the fields of the row as a JSON object";
            bad_text(sheet, i, column, text.unwrap_or("a number"), &why, expected)
        })?;
        Ok(values.map(|values| complete_row(values, key, fields)))
    }
}

/// A row of a table that nobody described: its key first, and no nulls last, so that it does not depend on the fields that other rows have.
fn complete_row(mut values: Vec<Value>, key: &Key, fields: &Fields) -> Vec<Value> {
    if !fields.is_discovered() {
        return values;
    }
    while values.len() > 1 && values.last() == Some(&Value::Null) {
        values.pop();
    }
    let parts = key.values();
    values[0] = match <[Value; 1]>::try_from(parts) {
        Ok([part]) => part,
        Err(_) => {
            let mut text = String::new();
            write_key(&mut text, key);
            Value::text(&text)
        }
    };
    values
}
