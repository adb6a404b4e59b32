//! Phrases that sentences are made of: whose value, of what, when.

use crate::finding::Until;
use crate::timeline::{CommitNo, Fate, KeyNo, Timeline, Version, VersionNo};
use driftlab_model::{ColumnId, ProcessId, Row, TransactionId, WriteId};

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
    /// The value is that of the first column in which the row differs from the one that it stands against.
    pub(crate) fn value(&self, key: KeyNo, row: &Row, against: Option<&Row>) -> String {
        format!("{}'s {}", self.writer(row.write()), self.column_and_value(key, row, against))
    }

    /// What a row says: `price 12`.
    pub(crate) fn column_and_value(&self, key: KeyNo, row: &Row, against: Option<&Row>) -> String {
        let Some((name, value)) = self.telling_column(key, row, against) else {
            return "row".to_owned();
        };
        format!("{name} {value}")
    }

    /// The same without the column's name, where it follows upon a value of the same column: `client-1's 9`.
    pub(crate) fn value_alone(&self, key: KeyNo, row: &Row, against: Option<&Row>) -> String {
        let writer = self.writer(row.write());
        match self.telling_column(key, row, against) {
            Some((_, value)) => format!("{writer}'s {value}"),
            None => format!("{writer}'s row"),
        }
    }

    fn telling_column(&self, key: KeyNo, row: &Row, against: Option<&Row>) -> Option<(String, String)> {
        let values = row.values();
        let id = self.timeline.key(key).key.table();
        // A recorded history may say less than the world that made it.
        let tables = &self.timeline.cast.schema;
        let table = (usize::from(id.0) < tables.len()).then(|| tables.table(id));
        let is_key = |column: usize| table.map_or(column == 0, |table| table.is_key(ColumnId(column as u16)));
        let differs =
            |column: usize| against.is_none_or(|other| other.values().get(column) != values.get(column));
        let columns = || (0..values.len()).filter(|&column| !is_key(column));
        let column = columns().find(|&column| differs(column)).or_else(|| columns().next())?;
        let name =
            table.and_then(|table| table.columns.get(column)).map_or("value", |column| column.name.as_str());
        Some((name.to_owned(), values[column].to_string()))
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
