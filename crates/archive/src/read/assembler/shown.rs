//! The rows of what a sink began to show at one moment, one for each key.

use super::cell::read_word;
use super::{Assembler, Pass};
use crate::column::Column;
use crate::read::commit::{Pending, What};
use crate::read::error::{Fault, Read};
use crate::read::sheet::Sheet;
use crate::words::{ABSENCES, Absence};
use driftlab_model::{Key, Observer, ProcessId, Shown, SinkId, SinkKind, Time, View, WriteId};

impl Assembler<'_> {
    pub(super) fn shown(
        &mut self,
        sheet: &mut Sheet,
        i: usize,
        at: Time,
        by: ProcessId,
        group: Option<i64>,
        out: &mut dyn Observer,
    ) -> Read<()> {
        let row = sheet.row(i);
        let sink = self.sink(sheet, i)?;
        let joins = group.is_some()
            && matches!(&self.pending, Some(Pending { group: open, what: What::Shown { .. }, .. }) if *open == group);
        if !joins {
            self.flush(out);
            self.order.group(sheet, i, group)?;
            let what = What::Shown { sink, keys: Vec::new() };
            self.pending = Some(Pending { row, rows: 0, at, group, by, what });
        }
        if let Some(Pending { at: first_at, what: What::Shown { sink: first_sink, .. }, row: first, .. }) =
            &self.pending
            && (*first_at != at || *first_sink != sink)
        {
            let found = format!("it differs from row {first}, the first of the same group");
            let column = if *first_at == at { Column::Sink } else { Column::At };
            return Err(Fault::cell(
                row,
                column,
                found,
                "the rows of one group to be of one sink and one moment",
            ));
        }
        let Some(key) = self.key(sheet, i)? else {
            if joins || !sheet.is_null(Column::Value, i) || !sheet.is_null(Column::View, i) {
                return Err(sheet.missing(Column::Key, i, "the key that is shown"));
            }
            return Ok(());
        };
        if !sheet.has(Column::Value) {
            return Err(sheet.missing(Column::Value, i, "the row that is shown; null where there is none"));
        }
        let view = match self.image(sheet, i, &key)? {
            Some(row) => View::Row(row),
            None => self.absence(sheet, i, &key, sink)?,
        };
        if let Some(Pending { what: What::Shown { keys, .. }, .. }) = &mut self.pending {
            keys.push(Shown { key, view });
        }
        Ok(())
    }

    /// What it means that a sink shows no row.
    fn absence(&mut self, sheet: &mut Sheet, i: usize, key: &Key, sink: SinkId) -> Read<View> {
        let is_cache = match &self.pass {
            Pass::Telling(cast, _) => {
                cast.sinks.get(usize::from(sink.0)).is_some_and(|sink| sink.kind == SinkKind::Cache)
            }
            _ => false,
        };
        let absence = match read_word(sheet, i, Column::View, ABSENCES)? {
            Some(absence) => absence,
            // A cache that no longer holds a key says nothing of it; another sink says that it is gone.
            None if is_cache => Absence::NotHeld,
            None => Absence::Deleted,
        };
        Ok(match absence {
            Absence::NotHeld => View::NotHeld,
            Absence::Missing => View::Missing,
            Absence::Deleted => View::Deleted(match self.transaction(sheet, i, Column::Transaction)? {
                Some(transaction) => self.write_of(sheet, i, transaction, key)?,
                // Whoever it was: what matters is that it was taken away on purpose.
                None => WriteId::LOAD,
            }),
        })
    }
}
