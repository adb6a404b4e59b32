//! A table of the file, as operations choose from it.

use super::fresh::Fresh;
use crate::dataset::Dataset;
use crate::popularity::Popularity;
use driftlab_model::{ColumnId, Settings, TableId};
use std::collections::BTreeMap;

/// A table that has rows.
pub(super) struct SourceTable {
    /// Its rows, by their places in the dataset.
    pub(super) rows: Vec<usize>,
    /// Its columns that are not part of the key.
    pub(super) free: Vec<ColumnId>,
    /// How often it is chosen, in relation to the others.
    pub(super) weight: u64,
    /// Which of its rows are popular.
    pub(super) popularity: Popularity,
    /// How it makes rows that nobody has.
    pub(super) fresh: Fresh,
}

impl SourceTable {
    /// All tables of a dataset that have rows. One without has nothing to copy and nothing to change.
    pub(super) fn all(dataset: &Dataset, settings: &Settings) -> Vec<Self> {
        let mut rows: BTreeMap<TableId, Vec<usize>> = BTreeMap::new();
        for (place, (key, _)) in dataset.rows.iter().enumerate() {
            rows.entry(key.table()).or_default().push(place);
        }
        // All tables share a twentieth of the operations alike, lest those of a few rows are never touched.
        let alike = (dataset.rows.len() / 20 / rows.len().max(1)).max(1) as u64;
        rows.into_iter()
            .map(|(id, rows)| {
                let table = dataset.schema.table(id);
                let columns = (0..table.columns.len() as u16).map(ColumnId);
                Self {
                    free: columns.filter(|column| !table.is_key(*column)).collect(),
                    weight: rows.len() as u64 + alike,
                    popularity: Popularity::of(settings, rows.len() as u64),
                    fresh: Fresh::of(id, table, &rows.iter().map(|&row| &dataset.rows[row].1)),
                    rows,
                }
            })
            .collect()
    }
}
