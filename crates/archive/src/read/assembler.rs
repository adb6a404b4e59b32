//! Puts events together from rows.

use super::attribution::{Attribution, Identity};
use super::commit::{Pending, PendingCommit, What};
use super::error::{Fault, Read, one_of, quoted};
use super::names::Names;
use super::order::Order;
use super::sheet::{Cell, Sheet, whole as whole_number};
use crate::column::Column;
use crate::kind::{KINDS, Kind};
use crate::text::{Fields, plain_row, read_key, read_ledger, read_row, write_key};
use crate::words::{
    ABSENCES, Absence, FAULT_STAGES, MILESTONES, OPERATIONS, STAGES, Words, finish_of, finish_words,
    meaning_of, refusal_of, refusal_words,
};
use driftlab_model::{
    Cast, Change, Event, Finish, Key, Lookup, Observer, Operation, OperationKind, ProcessId, Refusal, Row,
    Shown, SinkId, SinkKind, TableId, Time, TransactionId, Value, Version, View, Watermark, WriteId,
};
use std::sync::Arc;

/// What the rows are read for.
pub(super) enum Pass<'a> {
    /// The load alone, of a file that says everything else where it is needed.
    Load,
    /// To learn who and what there is. Only commits become events.
    Survey(&'a mut Attribution),
    /// To tell it all. Without an attribution every value must name its write.
    Telling(&'a Cast, Option<&'a mut Attribution>),
}

/// Puts events together from rows, which it is given in order.
pub(super) struct Assembler<'a> {
    names: &'a mut Names,
    pass: Pass<'a>,
    order: Order,
    pending: Option<Pending>,
    has_begun: bool,
    loaded: Lookup<Key, u64>,
    pub(super) load: Vec<(Key, Row)>,
    pub(super) events: u64,
}

impl<'a> Assembler<'a> {
    pub(super) fn new(names: &'a mut Names, pass: Pass<'a>) -> Self {
        Self {
            names,
            pass,
            order: Order::default(),
            pending: None,
            has_begun: false,
            loaded: Lookup::default(),
            load: Vec::new(),
            events: 0,
        }
    }

    /// Takes a row. Gives whether there is any use in more of them.
    pub(super) fn row(&mut self, sheet: &mut Sheet, i: usize, out: &mut dyn Observer) -> Read<bool> {
        let expected = || one_of(KINDS.iter().map(|(name, _)| *name));
        let code = sheet.code(Column::Event, i, |word| {
            KINDS.iter().position(|(name, _)| *name == word).ok_or_else(|| {
                Fault::column(Column::Event, format!("{} is no event", quoted(word)), expected())
                    .did_you_mean(word, KINDS.iter().map(|(name, _)| *name))
            })
        })?;
        let Some(code) = code else { return Err(sheet.missing(Column::Event, i, &expected())) };
        let kind = KINDS[code].1;
        if kind == Kind::Load {
            self.loads(sheet, i)?;
            return Ok(true);
        }
        if matches!(self.pass, Pass::Load) {
            return Ok(false);
        }
        self.has_begun = true;
        let is_ours = matches!(self.pass, Pass::Telling(_, None));
        let at = self.order.at(sheet, i, is_ours)?;
        let by = self.process(sheet, i)?;
        let group = sheet.number(Column::Group, i)?;
        match kind {
            Kind::Committed => self.committed(sheet, i, at, by, group, out)?,
            Kind::Shown => self.shown(sheet, i, at, by, group, out)?,
            other => {
                self.flush(out);
                if let Some(event) = self.single(sheet, i, at, by, other)? {
                    self.tell(at, &event, out);
                }
            }
        }
        Ok(true)
    }

    /// There are no more rows.
    pub(super) fn finish(&mut self, out: &mut dyn Observer) {
        self.flush(out);
    }

    fn tell(&mut self, at: Time, event: &Event, out: &mut dyn Observer) {
        self.events += 1;
        if matches!(self.pass, Pass::Telling(..)) {
            out.observe(at, event);
        }
    }

    fn flush(&mut self, out: &mut dyn Observer) {
        let Some(pending) = self.pending.take() else { return };
        let event = match pending.what {
            What::Commit(commit) => {
                let index = commit.index.unwrap_or_default();
                let event = commit.complete(pending.by, index);
                self.learn(pending.row, &event);
                event
            }
            What::Shown { sink, keys } => {
                Event::Shown { by: pending.by, sink, keys: keys.into_iter().collect() }
            }
        };
        self.tell(pending.at, &event, out);
    }

    fn learn(&mut self, row: u64, event: &Event) {
        let (Pass::Survey(attribution), Event::Committed { commit, .. }) = (&mut self.pass, event) else {
            return;
        };
        for change in &commit.changes {
            attribution.learn_index(&change.key, change.write);
            if let Some(after) = &change.after {
                let identity =
                    Identity { write: change.write, version: change.version, updated_at: after.updated_at() };
                attribution.learn(row, &change.key, after.values(), identity);
            }
        }
    }

    fn loads(&mut self, sheet: &mut Sheet, i: usize) -> Read<()> {
        let row = sheet.row(i);
        if self.has_begun {
            let found = "a row of the initial load after other events";
            return Err(Fault::cell(row, Column::Event, found, "the load in the first rows of the file")
                .help("a row that was inserted later is a `committed` event"));
        }
        if matches!(self.pass, Pass::Telling(..)) {
            return Ok(());
        }
        let Some(key) = self.key(sheet, i)? else {
            return Err(sheet.missing(Column::Key, i, "the key of the row that was loaded"));
        };
        if let Some(first) = self.loaded.insert(key.clone(), row) {
            let found = format!("this key was loaded before, in row {first}");
            return Err(Fault::cell(row, Column::Key, found, "each key to be loaded once"));
        }
        let Some(values) = self.values(sheet, i, &key, Column::Value)? else {
            return Err(sheet.missing(Column::Value, i, "the row that was loaded"));
        };
        let write = match self.transaction(sheet, i, Column::Transaction)? {
            Some(transaction) => {
                WriteId { transaction, index: self.index(sheet, i, Column::Write)?.unwrap_or(0) }
            }
            None => WriteId::LOAD,
        };
        let version = Version(unsigned(sheet.number(Column::Version, i)?).unwrap_or(0));
        let updated_at = self.order.other(sheet, Column::UpdatedAt, i)?.unwrap_or_default();
        if let Pass::Survey(attribution) = &mut self.pass {
            attribution.learn(row, &key, &values, Identity { write, version, updated_at });
        }
        self.load.push((key, Row::new(write, version, updated_at, values.into())));
        Ok(())
    }

    fn committed(
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
                changes: Vec::new(),
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

    fn shown(
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

    /// An event of one row; `None` in a survey, where it is only looked at.
    fn single(
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
                let why = match sheet.word(Column::Outcome, i) {
                    Some(word) => refusal_of(word).ok_or_else(|| {
                        sheet
                            .wrong(Column::Outcome, i, word, &one_of(refusal_words()))
                            .did_you_mean(word, refusal_words())
                    })?,
                    None => Refusal::RolledBack,
                };
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
                Event::Lifecycle { process: by, stage: needed_word(sheet, i, Column::Stage, STAGES)? }
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

    fn process(&mut self, sheet: &mut Sheet, i: usize) -> Read<ProcessId> {
        let place = sheet.code(Column::Process, i, |name| self.names.process(name))?;
        // The last number stands for nobody in particular.
        Ok(ProcessId(place.map_or(u16::MAX, |place| place as u16)))
    }

    fn sink(&mut self, sheet: &mut Sheet, i: usize) -> Read<SinkId> {
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

    fn transaction(&mut self, sheet: &Sheet, i: usize, column: Column) -> Read<Option<TransactionId>> {
        Ok(match sheet.cell(column, i) {
            Some(Cell::Text(name)) => Some(self.names.transaction(name)),
            Some(_) => unsigned(sheet.number(column, i)?).map(TransactionId),
            None => None,
        })
    }

    fn needed_transaction(&mut self, sheet: &Sheet, i: usize) -> Read<TransactionId> {
        let transaction = self.transaction(sheet, i, Column::Transaction)?;
        transaction.ok_or_else(|| sheet.missing(Column::Transaction, i, "a transaction"))
    }

    fn index(&self, sheet: &Sheet, i: usize, column: Column) -> Read<Option<u32>> {
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
    fn write_of(&mut self, sheet: &Sheet, i: usize, transaction: TransactionId, key: &Key) -> Read<WriteId> {
        let known = match &self.pass {
            Pass::Telling(_, Some(attribution)) => attribution.index(transaction, key),
            _ => 0,
        };
        let index = self.index(sheet, i, Column::Write)?.unwrap_or(known);
        Ok(WriteId { transaction, index })
    }

    fn key(&mut self, sheet: &mut Sheet, i: usize) -> Read<Option<Key>> {
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

    /// A row and who wrote it; `None` where there is no row.
    fn image(&mut self, sheet: &mut Sheet, i: usize, key: &Key) -> Read<Option<Row>> {
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
    fn values(&mut self, sheet: &Sheet, i: usize, key: &Key, column: Column) -> Read<Option<Vec<Value>>> {
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

fn unsigned(n: Option<i64>) -> Option<u64> {
    n.map(|n| n as u64)
}

fn bad_text(sheet: &Sheet, i: usize, column: Column, text: &str, why: &str, expected: &str) -> Box<Fault> {
    Fault::cell(sheet.row(i), column, format!("{}: {why}", quoted(text)), expected)
}

fn read_word<T: Copy>(sheet: &Sheet, i: usize, column: Column, words: &Words<T>) -> Read<Option<T>> {
    let Some(word) = sheet.word(column, i) else { return Ok(None) };
    let known = || words.iter().map(|(word, _)| *word);
    meaning_of(words, word)
        .map(Some)
        .ok_or_else(|| sheet.wrong(column, i, word, &one_of(known())).did_you_mean(word, known()))
}

fn needed_word<T: Copy>(sheet: &Sheet, i: usize, column: Column, words: &Words<T>) -> Read<T> {
    let known = words.iter().map(|(word, _)| *word);
    read_word(sheet, i, column, words)?.ok_or_else(|| sheet.missing(column, i, &one_of(known)))
}
