//! Whom and what a row names: a process, a sink, a transaction and a write of it, a key.

use super::cell::{bad_text, unsigned};
use super::{Assembler, Pass};
use crate::column::Column;
use crate::read::error::{Fault, Read};
use crate::read::sheet::{Cell, Sheet, whole as whole_number};
use crate::text::read_key;
use driftlab_model::{Key, ProcessId, SinkId, TableId, TransactionId, Value, WriteId};

impl Assembler<'_> {
    pub(super) fn process(&mut self, sheet: &mut Sheet, i: usize) -> Read<ProcessId> {
        let place = sheet.code(Column::Process, i, |name| self.names.process(name))?;
        // The last number stands for nobody in particular.
        Ok(ProcessId(place.map_or(u16::MAX, |place| place as u16)))
    }

    pub(super) fn sink(&mut self, sheet: &mut Sheet, i: usize) -> Read<SinkId> {
        let place = match sheet.code(Column::Sink, i, |name| self.names.sink(name))? {
            Some(place) => place,
            None => self.names.only_sink().ok_or_else(|| {
                sheet.missing(Column::Sink, i, "the name of a sink").help(
                    "no sink is known before this row: name one here, or list the only one in the metadata",
                )
            })?,
        };
        Ok(SinkId(place as u8))
    }

    pub(super) fn transaction(
        &mut self,
        sheet: &Sheet,
        i: usize,
        column: Column,
    ) -> Read<Option<TransactionId>> {
        Ok(match sheet.cell(column, i) {
            Some(Cell::Text(name)) => Some(self.names.transaction(name)),
            Some(_) => unsigned(sheet.number(column, i)?).map(TransactionId),
            None => None,
        })
    }

    pub(super) fn needed_transaction(&mut self, sheet: &Sheet, i: usize) -> Read<TransactionId> {
        let transaction = self.transaction(sheet, i, Column::Transaction)?;
        transaction.ok_or_else(|| sheet.missing(Column::Transaction, i, "a transaction"))
    }

    pub(super) fn index(&self, sheet: &Sheet, i: usize, column: Column) -> Read<Option<u32>> {
        let Some(n) = sheet.number(column, i)? else { return Ok(None) };
        u32::try_from(n).map(Some).map_err(|_| {
            Fault::cell(
                sheet.row(i),
                column,
                n.to_string(),
                "the number of a write in its transaction, from 0",
            )
        })
    }

    /// The write of a transaction that changed a key.
    pub(super) fn write_of(
        &mut self,
        sheet: &Sheet,
        i: usize,
        transaction: TransactionId,
        key: &Key,
    ) -> Read<WriteId> {
        let known = match &self.pass {
            Pass::Telling(_, Some(attribution)) => attribution.index(transaction, key),
            _ => 0,
        };
        let index = self.index(sheet, i, Column::Write)?.unwrap_or(known);
        Ok(WriteId { transaction, index })
    }

    pub(super) fn key(&mut self, sheet: &mut Sheet, i: usize) -> Read<Option<Key>> {
        if sheet.is_null(Column::Key, i) {
            return Ok(None);
        }
        let table = match sheet.code(Column::Table, i, |name| self.names.table(name))? {
            Some(table) => table,
            None => self.names.only_table(sheet.has(Column::Table)).ok_or_else(|| {
                sheet
                    .missing(Column::Table, i, "the table of the key")
                    .help("the column may be left away where there is one table")
            })?,
        };
        let table = TableId(table as u16);
        Ok(match sheet.cell(Column::Key, i) {
            Some(Cell::Number(n)) => Some(Key::integer(table, n)),
            Some(Cell::Real(x)) => match whole_number(x) {
                Some(n) => n.map(|n| Key::integer(table, n)),
                None => Some(Key::new(table, &[Value::Real(x)])),
            },
            Some(Cell::Text(text)) => Some(read_key(table, text).map_err(|why| {
                let expected = "a number, a text, or a JSON list of the parts of a composite key";
                bad_text(sheet, i, Column::Key, text, &why, expected)
            })?),
            None => None,
        })
    }
}
