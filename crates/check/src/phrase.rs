//! Phrases that sentences are made of: whose value, of what, when.

use crate::finding::Until;
use crate::timeline::{CommitNo, Fate, KeyNo, NO_COLUMN, Timeline, Version, VersionNo};
use driftlab_model::{ColumnId, ProcessId, Row, Table, TransactionId, WriteId};

/// Names for what is numbered in a timeline.
pub(crate) struct Phrases<'a> {
    pub(crate) timeline: &'a Timeline,
}

impl Phrases<'_> {
    /// A process: `client-2`.
    pub(crate) fn process(&self, by: ProcessId) -> &str {
        self.timeline.cast.processes.get(usize::from(by.0)).map_or("somebody unknown", String::as_str)
    }

    /// A sink: `search`.
    pub(crate) fn sink(&self, sink: usize) -> &str {
        &self.timeline.cast.sinks[sink].name
    }

    /// A key: `product 7`.
    pub(crate) fn key(&self, key: KeyNo) -> String {
        let key = &self.timeline.key(key).key;
        if usize::from(key.table().0) < self.timeline.cast.schema.len() {
            key.describe(&self.timeline.cast.schema)
        } else {
            format!("row {key}")
        }
    }

    /// Who made a commit: `client-2`, `the initial load`.
    pub(crate) fn author(&self, commit: CommitNo) -> &str {
        if commit == 0 {
            return "the initial load";
        }
        self.process(self.timeline.commits[commit as usize].by)
    }

    /// Who wrote a row, committed or not, and what it wrote: `client-2's price 12`.
    ///
    /// The value is that of the first column that the write changed, unless the row has it in common with the one that it stands against.
    pub(crate) fn value(&self, key: KeyNo, row: &Row, against: Option<&Row>) -> String {
        format!("{}'s {}", self.writer(row.write()), self.column_and_value(key, row, against))
    }

    /// What a row says: `price 12`.
    pub(crate) fn column_and_value(&self, key: KeyNo, row: &Row, against: Option<&Row>) -> String {
        match self.telling_column(key, row, against) {
            Some(column) => self.cell(key, row, column),
            None => "row".to_owned(),
        }
    }

    /// The same without the column's name, where it follows upon a value of the same column of another row: `client-1's 9`.
    pub(crate) fn value_after(&self, key: KeyNo, row: &Row, told: Option<&Row>) -> String {
        let Some(told) = told else { return self.value(key, row, None) };
        let writer = self.writer(row.write());
        match self.telling_column(key, told, Some(row)).and_then(|column| row.values().get(column)) {
            Some(value) => format!("{writer}'s {value}"),
            None => format!("{writer}'s row"),
        }
    }

    /// What a row says in one of its columns: `price 12`.
    pub(crate) fn cell(&self, key: KeyNo, row: &Row, column: usize) -> String {
        let name = self.column(key, column);
        row.values().get(column).map_or_else(|| "row".to_owned(), |value| format!("{name} {value}"))
    }

    /// A column's name.
    pub(crate) fn column(&self, key: KeyNo, column: usize) -> &str {
        let name = self.table(key).and_then(|table| table.columns.get(column));
        name.map_or("value", |column| column.name.as_str())
    }

    /// The column that tells most of what a row says; `None` where it has no column beside its key.
    pub(crate) fn telling_column(&self, key: KeyNo, row: &Row, against: Option<&Row>) -> Option<usize> {
        let differs = |column: &usize| {
            against.is_none_or(|other| other.values().get(*column) != row.values().get(*column))
        };
        let version = self.timeline.version_of(key, row).map(|version| self.version(version).column);
        let written = version.filter(|column| *column != NO_COLUMN).map(usize::from);
        let table = self.table(key);
        let is_key = |column: usize| table.map_or(column == 0, |table| table.is_key(ColumnId(column as u16)));
        let columns = || (0..row.values().len()).filter(|&column| !is_key(column));
        written.filter(differs).or_else(|| columns().find(differs)).or_else(|| columns().next())
    }

    /// The table of a key. A recorded history may say less than the world that made it.
    fn table(&self, key: KeyNo) -> Option<&Table> {
        let (id, tables) = (self.timeline.key(key).key.table(), &self.timeline.cast.schema);
        (usize::from(id.0) < tables.len()).then(|| tables.table(id))
    }

    /// Who made a write, committed or not.
    pub(crate) fn writer(&self, write: WriteId) -> &str {
        if write.transaction == WriteId::LOAD.transaction {
            return "the initial load";
        }
        self.client_of(write.transaction).map_or("somebody unknown", |by| self.process(by))
    }

    /// Whose transaction it is, where that was heard of.
    pub(crate) fn client_of(&self, transaction: TransactionId) -> Option<ProcessId> {
        self.timeline.transactions.get(transaction).map(|entry| entry.by)
    }

    /// How a transaction ended that did not commit.
    pub(crate) fn ending(&self, transaction: TransactionId) -> &'static str {
        match self.timeline.transactions.get(transaction).map(|entry| entry.fate) {
            Some(Fate::Aborted) => "was rolled back",
            Some(Fate::Open) => "never ended",
            None => "never began",
            Some(Fate::Committed(_) | Fate::CommittedEmpty) => "committed something else",
        }
    }

    /// How long it lasted, at the end of a sentence.
    pub(crate) fn lasting(&self, begin: driftlab_model::Time, until: Until) -> String {
        match until {
            Until::Healed(end) => format!("for {}", end - begin),
            Until::Permanent => "until the end of the run".to_owned(),
            Until::Unknown => "as long as the run was watched".to_owned(),
        }
    }

    /// A version.
    pub(crate) fn version(&self, version: VersionNo) -> &Version {
        self.timeline.version(version)
    }

    /// The transactions of versions, without the initial load, each once.
    pub(crate) fn transactions(&self, versions: &[VersionNo]) -> Vec<TransactionId> {
        let mut all = Vec::new();
        for &version in versions {
            let commit = self.timeline.commit_of(version);
            if self.version(version).commit != 0 && !all.contains(&commit.transaction) {
                all.push(commit.transaction);
            }
        }
        all
    }

    /// The clients of transactions, each once.
    pub(crate) fn clients(&self, transactions: &[TransactionId]) -> Vec<ProcessId> {
        let mut all = Vec::new();
        for by in transactions.iter().filter_map(|transaction| self.client_of(*transaction)) {
            if !all.contains(&by) {
                all.push(by);
            }
        }
        all
    }
}
