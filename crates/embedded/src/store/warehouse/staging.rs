use super::data_file::DataFileWriter;
use super::dataset::Dataset;
use super::record::Record;
use crate::store::StoreError;
use driftlab_model::{Key, Row, TableId};
use std::collections::BTreeMap;

/// A load that nobody sees yet: a file for each table, written as its rows come, so that of the largest load no more than a row group a table is in memory.
#[derive(Default)]
pub(super) struct Staged {
    writers: BTreeMap<TableId, DataFileWriter>,
}

impl Staged {
    /// Adds rows; numbers them from `sequence` on.
    pub(super) fn add(
        &mut self,
        dataset: &mut Dataset,
        rows: &[(Key, Row)],
        sequence: u64,
    ) -> Result<(), StoreError> {
        let mut tables: BTreeMap<TableId, Vec<Record>> = BTreeMap::new();
        for ((key, row), sequence) in rows.iter().zip(sequence..) {
            tables.entry(key.table()).or_default().push(Record::loaded(key, row, sequence));
        }
        for (table, records) in tables {
            let writer = match self.writers.remove(&table) {
                Some(writer) => writer,
                None => dataset.writer(table)?,
            };
            self.writers.entry(table).or_insert(writer).write(&records)?;
        }
        Ok(())
    }

    pub(super) fn into_writers(self) -> impl Iterator<Item = DataFileWriter> {
        self.writers.into_values()
    }
}
