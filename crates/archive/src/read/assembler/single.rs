//! Events of one row.

use super::Assembler;
use super::cell::{bad_text, needed_word, read_word};
use crate::column::Column;
use crate::kind::Kind;
use crate::read::error::{Fault, Read, one_of};
use crate::read::order::Order;
use crate::read::sheet::{Cell, Sheet};
use crate::text::read_ledger;
use crate::words::{
    FAULT_STAGES, HALTED, MILESTONES, OPERATIONS, STAGES, finish_of, finish_words, refusal_of, refusal_words,
};
use driftlab_model::{Event, Finish, Operation, OperationKind, ProcessId, Refusal, Stage, Time};
use std::sync::Arc;

impl Assembler<'_> {
    /// An event of one row; `None` in a survey, where it is only looked at.
    pub(super) fn single(
        &mut self,
        sheet: &mut Sheet,
        i: usize,
        at: Time,
        by: ProcessId,
        kind: Kind,
    ) -> Read<Option<Event>> {
        let started = |order: &Order| order.other(sheet, Column::Started, i);
        Ok(Some(match kind {
            Kind::Began => Event::Began { by, transaction: self.needed_transaction(sheet, i)? },
            Kind::Aborted => {
                let transaction = self.needed_transaction(sheet, i)?;
                let why = refusal(sheet, i)?.unwrap_or(Refusal::RolledBack);
                Event::Aborted { by, transaction, why }
            }
            Kind::Applied => {
                let sink = self.sink(sheet, i)?;
                let Some(key) = self.key(sheet, i)? else {
                    return Err(sheet.missing(Column::Key, i, "the key whose change was applied"));
                };
                let transaction = self.needed_transaction(sheet, i)?;
                let write = self.write_of(sheet, i, transaction, &key)?;
                Event::Applied { by, sink, key, write }
            }
            Kind::Loaded => {
                let sink = self.sink(sheet, i)?;
                self.names.loads(usize::from(sink.0));
                Event::Loaded { sink }
            }
            Kind::Read => {
                let started = started(&self.order)?.unwrap_or(at);
                let sink = self.sink(sheet, i)?;
                let Some(key) = self.key(sheet, i)? else {
                    return Err(sheet.missing(Column::Key, i, "the key that was read"));
                };
                let row = self.image(sheet, i, &key)?;
                Event::Read(driftlab_model::Read { by, sink, key, row, started })
            }
            Kind::Finished => {
                let started = started(&self.order)?.unwrap_or(at);
                let intended = self.order.other(sheet, Column::Intended, i)?.unwrap_or(started);
                let kind =
                    read_word(sheet, i, Column::Operation, OPERATIONS)?.unwrap_or(OperationKind::Write);
                let ending = match sheet.word(Column::Outcome, i) {
                    Some(word) => finish_of(word).ok_or_else(|| {
                        sheet
                            .wrong(Column::Outcome, i, word, &one_of(finish_words()))
                            .did_you_mean(word, finish_words())
                    })?,
                    None => Finish::Done,
                };
                let transaction = self.transaction(sheet, i, Column::Transaction)?.unwrap_or_default();
                Event::Finished(Operation { by, kind, transaction, intended, started, ending })
            }
            Kind::Lifecycle => {
                let stage = match sheet.word(Column::Stage, i) {
                    Some(HALTED) => Stage::Halted(
                        refusal(sheet, i)?
                            .ok_or_else(|| sheet.missing(Column::Outcome, i, &one_of(refusal_words())))?,
                    ),
                    _ => needed_word(sheet, i, Column::Stage, STAGES)?,
                };
                Event::Lifecycle { process: by, stage }
            }
            Kind::Fault => {
                let fault = sheet.number(Column::Fault, i)?.unwrap_or(0);
                let fault = u16::try_from(fault).map_err(|_| {
                    Fault::cell(sheet.row(i), Column::Fault, fault.to_string(), "a number from 0 to 65535")
                })?;
                Event::Fault {
                    fault,
                    target: by,
                    active: needed_word(sheet, i, Column::Stage, FAULT_STAGES)?,
                }
            }
            Kind::Milestone => Event::Milestone(needed_word(sheet, i, Column::Stage, MILESTONES)?),
            Kind::Cost => {
                let expected = "a JSON object of counts";
                let Some(Cell::Text(text)) = sheet.cell(Column::Value, i) else {
                    return Err(sheet.missing(Column::Value, i, expected));
                };
                let ledger = read_ledger(text)
                    .map_err(|why| bad_text(sheet, i, Column::Value, text, &why, expected))?;
                Event::Cost(Arc::new(ledger))
            }
            Kind::Load | Kind::Committed | Kind::Shown => return Ok(None),
        }))
    }
}

/// Why something was refused, where the row says so.
fn refusal(sheet: &mut Sheet, i: usize) -> Read<Option<Refusal>> {
    let Some(word) = sheet.word(Column::Outcome, i) else { return Ok(None) };
    let refused = refusal_of(word).ok_or_else(|| {
        sheet.wrong(Column::Outcome, i, word, &one_of(refusal_words())).did_you_mean(word, refusal_words())
    });
    refused.map(Some)
}
