//! The rows of a commit, one for each change.

use super::cell::unsigned;
use super::{Assembler, Pass};
use crate::column::Column;
use crate::read::commit::{Pending, PendingCommit, What};
use crate::read::error::{Fault, Read};
use crate::read::sheet::Sheet;
use driftlab_model::{
    Change, Changes, Key, Lookup, Observer, ProcessId, Row, Time, Version, Watermark, WriteId,
};

impl Assembler<'_> {
    pub(super) fn committed(
        &mut self,
        sheet: &mut Sheet,
        i: usize,
        at: Time,
        by: ProcessId,
        group: Option<i64>,
        out: &mut dyn Observer,
    ) -> Read<()> {
        let row = sheet.row(i);
        let Some(transaction) = self.transaction(sheet, i, Column::Transaction)? else {
            return Err(sheet.missing(Column::Transaction, i, "the transaction that committed").help(
                "any number or text that no other transaction has will do, for example the commit's LSN",
            ));
        };
        let watermark = unsigned(sheet.number(Column::Watermark, i)?).map(Watermark);
        let key = self.key(sheet, i)?;
        let joins = match &self.pending {
            Some(Pending { group: open, what: What::Commit(commit), .. }) => match (open, group) {
                (Some(open), Some(group)) => *open == group,
                (None, None) => {
                    commit.transaction == transaction && commit.watermark.is_none() && watermark.is_none()
                }
                _ => false,
            },
            _ => false,
        };
        if !joins {
            self.flush(out);
            self.order.group(sheet, i, group)?;
            let index = unsigned(sheet.number(Column::Commit, i)?);
            let index = self.order.commit(row, transaction, index, watermark.is_some(), key.is_none())?;
            let commit = PendingCommit {
                transaction,
                index: Some(index),
                lsn: unsigned(sheet.number(Column::Lsn, i)?),
                at: self.order.other(sheet, Column::CommittedAt, i)?.unwrap_or(at),
                watermark,
                changes: Changes::new(),
                places: Lookup::default(),
            };
            self.pending = Some(Pending { row, rows: 0, at, group, by, what: What::Commit(commit) });
        }
        let Some(Pending { at: first_at, what: What::Commit(commit), row: first, rows, .. }) = &self.pending
        else {
            return Ok(());
        };
        if commit.transaction != transaction || *first_at != at {
            let found = format!("it differs from row {first}, the first of the same commit");
            let column = if *first_at == at { Column::Transaction } else { Column::At };
            return Err(Fault::cell(
                row,
                column,
                found,
                "the rows of one commit to be of one transaction and one moment",
            ));
        }
        let (nth, index) = (*rows, commit.index.unwrap_or_default());
        let Some(key) = key else {
            if joins || !sheet.is_null(Column::Value, i) {
                return Err(sheet.missing(Column::Key, i, "the key of the row that was changed"));
            }
            return Ok(());
        };
        if !sheet.has(Column::Value) {
            return Err(sheet.missing(Column::Value, i, "the row after the change; null for a deletion"));
        }
        let write = WriteId { transaction, index: self.index(sheet, i, Column::Write)?.unwrap_or(nth) };
        let version = Version(unsigned(sheet.number(Column::Version, i)?).unwrap_or(index));
        let after = match self.values(sheet, i, &key, Column::Value)? {
            Some(values) => {
                let updated_at = self.order.other(sheet, Column::UpdatedAt, i)?.unwrap_or(at);
                Some(Row::new(write, version, updated_at, values.into()))
            }
            None => None,
        };
        let before = self.before(sheet, i, &key)?;
        let change = Change { key, before, after, write, version };
        if let Some(Pending { what: What::Commit(commit), rows, .. }) = &mut self.pending {
            *rows += 1;
            match self.pass {
                Pass::Telling(_, Some(_)) => commit.fold(change),
                // A survey learns what was overwritten too: a sink may show it.
                _ => commit.changes.push(change),
            }
        }
        Ok(())
    }

    fn before(&mut self, sheet: &mut Sheet, i: usize, key: &Key) -> Read<Option<Row>> {
        let Some(values) = self.values(sheet, i, key, Column::Before)? else { return Ok(None) };
        let write = match self.transaction(sheet, i, Column::BeforeTransaction)? {
            Some(transaction) => {
                WriteId { transaction, index: self.index(sheet, i, Column::BeforeWrite)?.unwrap_or(0) }
            }
            None => WriteId::LOAD,
        };
        let version = Version(unsigned(sheet.number(Column::BeforeVersion, i)?).unwrap_or(0));
        let updated_at = self.order.other(sheet, Column::BeforeUpdatedAt, i)?.unwrap_or_default();
        Ok(Some(Row::new(write, version, updated_at, values.into())))
    }
}
