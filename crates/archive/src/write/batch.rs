//! Rows under construction, and what each event puts into them.

use super::column::{Numbers, Texts, Words};
use super::error::Why;
use crate::column::{COLUMNS, Column, Content, schema};
use crate::header::{MOST_PROCESSES, MOST_SINKS, MOST_TABLES};
use crate::kind::{KINDS, Kind};
use crate::roster::Roster;
use crate::text::{Fields, write_key, write_ledger, write_row};
use crate::words::{
    ABSENCES, Absence, FAULT_STAGES, HALTED, MILESTONES, OPERATIONS, STAGES, finish_text, refusal_text,
    word_for,
};
use arrow::array::{ArrayRef, RecordBatch};
use driftlab_model::{
    Cast, Commit, Event, Key, Operation, ProcessId, Read, Row, Shown, SinkId, Stage, Time, TransactionId,
    View, WriteId,
};

enum Cells {
    Numbers(Numbers),
    Words(Words),
    Texts(Texts),
}

/// Rows that are not written yet.
pub(super) struct Batch {
    columns: Vec<Cells>,
    rows: usize,
    groups: i64,
    processes: Roster,
    sinks: Roster,
    tables: Roster,
    fields: Vec<Fields>,
}

impl Batch {
    pub(super) fn new(cast: &Cast) -> Self {
        let tables: Vec<String> = cast.schema.tables().map(|(_, table)| table.name.clone()).collect();
        let processes = Roster::closed(cast.processes.clone(), MOST_PROCESSES);
        let sinks = Roster::closed(cast.sinks.iter().map(|sink| sink.name.clone()).collect(), MOST_SINKS);
        let tables = Roster::closed(tables, MOST_TABLES);
        let texts =
            |roster: &Roster| (0..roster.names().len()).map(|n| roster.text(n).into_owned()).collect();
        let cells = |&(column, _, content): &(Column, &str, Content)| match (column, content) {
            (Column::Event, _) => {
                Cells::Words(Words::new(KINDS.iter().map(|(name, _)| (*name).to_owned()).collect()))
            }
            (Column::Process, _) => Cells::Words(Words::new(texts(&processes))),
            (Column::Sink, _) => Cells::Words(Words::new(texts(&sinks))),
            (Column::Table, _) => Cells::Words(Words::new(texts(&tables))),
            (_, Content::Word) => Cells::Words(Words::new(Vec::new())),
            (_, Content::Text) => Cells::Texts(Texts::new()),
            (_, Content::Moment | Content::Number | Content::Id) => Cells::Numbers(Numbers::new()),
        };
        let columns = COLUMNS.iter().map(cells).collect();
        let fields = cast.schema.tables().map(|(_, table)| Fields::declared(table)).collect();
        Self { columns, rows: 0, groups: 0, processes, sinks, tables, fields }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The bytes of its texts.
    pub(super) fn bytes(&self) -> usize {
        let bytes = |cells: &Cells| if let Cells::Texts(texts) = cells { texts.bytes() } else { 0 };
        self.columns.iter().map(bytes).sum()
    }

    /// The rows, which are then gone from here.
    pub(super) fn take(&mut self) -> RecordBatch {
        let rows = std::mem::take(&mut self.rows);
        let arrays: Vec<ArrayRef> = self
            .columns
            .iter_mut()
            .map(|cells| match cells {
                Cells::Numbers(numbers) => numbers.finish(rows),
                Cells::Words(words) => words.finish(rows),
                Cells::Texts(texts) => texts.finish(rows),
            })
            .collect();
        RecordBatch::try_new(schema(), arrays).expect("the columns are those of the schema, of one length")
    }

    /// A row of the initial load.
    pub(super) fn load(&mut self, key: &Key, row: &Row) -> Result<(), Why> {
        self.begin(Time::ZERO, Kind::Load)?;
        self.key(key);
        self.image(key, row)?;
        self.end();
        Ok(())
    }

    pub(super) fn event(&mut self, at: Time, event: &Event) -> Result<(), Why> {
        match event {
            Event::Committed { by, commit } => return self.committed(at, *by, commit),
            Event::Shown { by, sink, keys } => return self.shown(at, *by, *sink, keys),
            Event::Began { by, transaction } => {
                self.begin(at, Kind::Began)?;
                self.process(*by);
                self.transaction(*transaction);
            }
            Event::Aborted { by, transaction, why } => {
                self.begin(at, Kind::Aborted)?;
                self.process(*by);
                self.transaction(*transaction);
                self.word(Column::Outcome, &refusal_text(*why));
            }
            Event::Applied { by, sink, key, write } => {
                self.begin(at, Kind::Applied)?;
                self.process(*by);
                self.sink(*sink);
                self.key(key);
                self.write(*write);
            }
            Event::Loaded { sink } => {
                self.begin(at, Kind::Loaded)?;
                self.sink(*sink);
            }
            Event::Read(read) => self.read(at, read)?,
            Event::Finished(operation) => self.finished(at, operation)?,
            Event::Lifecycle { process, stage } => {
                self.begin(at, Kind::Lifecycle)?;
                self.process(*process);
                match stage {
                    Stage::Halted(why) => {
                        self.word(Column::Stage, HALTED);
                        self.word(Column::Outcome, &refusal_text(*why));
                    }
                    stage => self.word(Column::Stage, word_for(STAGES, stage)),
                }
            }
            Event::Fault { fault, target, active } => {
                self.begin(at, Kind::Fault)?;
                self.process(*target);
                self.number(Column::Fault, u64::from(*fault));
                self.word(Column::Stage, word_for(FAULT_STAGES, active));
            }
            Event::Milestone(milestone) => {
                self.begin(at, Kind::Milestone)?;
                self.word(Column::Stage, word_for(MILESTONES, milestone));
            }
            Event::Cost(ledger) => {
                self.begin(at, Kind::Cost)?;
                let text = write_ledger(ledger);
                self.text(Column::Value, |out| out.push_str(&text));
            }
        }
        self.end();
        Ok(())
    }

    fn committed(&mut self, at: Time, by: ProcessId, commit: &Commit) -> Result<(), Why> {
        let group = self.group(commit.changes.len());
        // A commit that changed nothing is a row without a key.
        let changes = commit.changes.iter().map(Some).chain(commit.changes.is_empty().then_some(None));
        for change in changes {
            self.begin(at, Kind::Committed)?;
            self.process(by);
            self.transaction(commit.transaction);
            self.number(Column::Commit, commit.index.0);
            self.number(Column::Lsn, commit.lsn.0);
            if commit.at != at {
                self.moment(Column::CommittedAt, commit.at)?;
            }
            if let Some(group) = group {
                self.signed(Column::Group, group);
            }
            if let Some(watermark) = commit.watermark {
                self.number(Column::Watermark, watermark.0);
            }
            if let Some(change) = change {
                let wrong = |what: &'static str| Err(Why::Contradiction { commit: commit.index.0, what });
                if change.write.transaction != commit.transaction {
                    return wrong("has a change by another transaction");
                }
                if change.after.as_ref().is_some_and(|row| row.write() != change.write) {
                    return wrong("has a row that another write made");
                }
                if change.after.as_ref().is_some_and(|row| row.version() != change.version) {
                    return wrong("has a row of another version than its change");
                }
                self.key(&change.key);
                self.number(Column::Write, u64::from(change.write.index));
                self.number(Column::Version, change.version.0);
                if let Some(row) = &change.after {
                    self.values(Column::Value, &change.key, row);
                    self.moment(Column::UpdatedAt, row.updated_at())?;
                }
                if let Some(row) = &change.before {
                    self.values(Column::Before, &change.key, row);
                    self.number(Column::BeforeTransaction, row.write().transaction.0);
                    self.number(Column::BeforeWrite, u64::from(row.write().index));
                    self.number(Column::BeforeVersion, row.version().0);
                    self.moment(Column::BeforeUpdatedAt, row.updated_at())?;
                }
            }
            self.end();
        }
        Ok(())
    }

    fn shown(&mut self, at: Time, by: ProcessId, sink: SinkId, keys: &[Shown]) -> Result<(), Why> {
        let group = self.group(keys.len());
        let keys = keys.iter().map(Some).chain(keys.is_empty().then_some(None));
        for shown in keys {
            self.begin(at, Kind::Shown)?;
            self.process(by);
            self.sink(sink);
            if let Some(group) = group {
                self.signed(Column::Group, group);
            }
            if let Some(Shown { key, view }) = shown {
                self.key(key);
                match view {
                    View::Row(row) => self.image(key, row)?,
                    View::Deleted(write) => {
                        self.word(Column::View, word_for(ABSENCES, &Absence::Deleted));
                        self.write(*write);
                    }
                    View::Missing => self.word(Column::View, word_for(ABSENCES, &Absence::Missing)),
                    View::NotHeld => self.word(Column::View, word_for(ABSENCES, &Absence::NotHeld)),
                }
            }
            self.end();
        }
        Ok(())
    }

    fn read(&mut self, at: Time, read: &Read) -> Result<(), Why> {
        self.begin(at, Kind::Read)?;
        self.process(read.by);
        self.sink(read.sink);
        self.key(&read.key);
        self.moment(Column::Started, read.started)?;
        if let Some(row) = &read.row {
            self.image(&read.key, row)?;
        }
        Ok(())
    }

    fn finished(&mut self, at: Time, operation: &Operation) -> Result<(), Why> {
        self.begin(at, Kind::Finished)?;
        self.process(operation.by);
        self.transaction(operation.transaction);
        self.moment(Column::Intended, operation.intended)?;
        self.moment(Column::Started, operation.started)?;
        self.word(Column::Operation, word_for(OPERATIONS, &operation.kind));
        self.word(Column::Outcome, &finish_text(operation.ending));
        Ok(())
    }

    /// The number of a group of so many rows; a row alone needs none.
    fn group(&mut self, rows: usize) -> Option<i64> {
        (rows > 1).then(|| {
            self.groups += 1;
            self.groups
        })
    }

    fn begin(&mut self, at: Time, kind: Kind) -> Result<(), Why> {
        self.moment(Column::At, at)?;
        self.code(Column::Event, kind as usize);
        Ok(())
    }

    fn end(&mut self) {
        self.rows += 1;
    }

    fn process(&mut self, by: ProcessId) {
        // The last number stands for nobody in particular.
        if by.0 == u16::MAX {
            return;
        }
        let place = usize::from(by.0);
        if place < self.processes.names().len() {
            self.code(Column::Process, place);
        } else {
            let text = self.processes.text(place).into_owned();
            self.word(Column::Process, &text);
        }
    }

    fn sink(&mut self, sink: SinkId) {
        let place = usize::from(sink.0);
        if place < self.sinks.names().len() {
            self.code(Column::Sink, place);
        } else {
            let text = self.sinks.text(place).into_owned();
            self.word(Column::Sink, &text);
        }
    }

    fn key(&mut self, key: &Key) {
        let place = usize::from(key.table().0);
        if place < self.tables.names().len() {
            self.code(Column::Table, place);
        } else {
            let text = self.tables.text(place).into_owned();
            self.word(Column::Table, &text);
        }
        self.text(Column::Key, |out| write_key(out, key));
    }

    fn transaction(&mut self, transaction: TransactionId) {
        self.number(Column::Transaction, transaction.0);
    }

    fn write(&mut self, write: WriteId) {
        self.transaction(write.transaction);
        self.number(Column::Write, u64::from(write.index));
    }

    /// A row, and who wrote it.
    fn image(&mut self, key: &Key, row: &Row) -> Result<(), Why> {
        self.write(row.write());
        self.number(Column::Version, row.version().0);
        self.moment(Column::UpdatedAt, row.updated_at())?;
        self.values(Column::Value, key, row);
        Ok(())
    }

    fn values(&mut self, column: Column, key: &Key, row: &Row) {
        let Self { columns, fields, rows, .. } = self;
        let fields = fields.get(usize::from(key.table().0));
        if let Cells::Texts(texts) = &mut columns[column as usize] {
            texts.set(*rows, |out| write_row(out, fields, row.values()));
        }
    }

    fn moment(&mut self, column: Column, at: Time) -> Result<(), Why> {
        let nanos = i64::try_from(at.nanos()).map_err(|_| Why::Late(at))?;
        self.signed(column, nanos);
        Ok(())
    }

    /// A number of 64 bits, as the signed one with the same bits.
    fn number(&mut self, column: Column, n: u64) {
        self.signed(column, n as i64);
    }

    fn signed(&mut self, column: Column, n: i64) {
        if let Cells::Numbers(numbers) = &mut self.columns[column as usize] {
            numbers.set(self.rows, n);
        }
    }

    fn code(&mut self, column: Column, code: usize) {
        if let Cells::Words(words) = &mut self.columns[column as usize] {
            words.set_code(self.rows, code);
        }
    }

    fn word(&mut self, column: Column, word: &str) {
        if let Cells::Words(words) = &mut self.columns[column as usize] {
            words.set(self.rows, word);
        }
    }

    fn text(&mut self, column: Column, append: impl FnOnce(&mut String)) {
        if let Cells::Texts(texts) = &mut self.columns[column as usize] {
            texts.set(self.rows, append);
        }
    }
}
