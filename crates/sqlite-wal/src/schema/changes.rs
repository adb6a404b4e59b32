//! From one catalogue to the next.

use super::catalog::{Catalog, Entry, TableId};
use super::table::Table;
use crate::event::SchemaChangeKind;
use std::collections::HashMap;
use std::sync::Arc;

/// What became of the tables.
#[derive(Default)]
pub(crate) struct Changes {
    /// In the order in which a copy has to follow them: dropped, altered, created.
    pub(crate) events: Vec<SchemaChangeKind>,
    /// For tables that were altered, where each column comes from.
    pub(crate) origins: HashMap<TableId, Vec<Option<usize>>>,
    /// Altered tables of which rows may read differently although their bytes are the same.
    pub(crate) rescan: Vec<TableId>,
}

/// Gives the tables of `after` the ids that they have in `before`, and says what changed.
///
/// A table is the same if it has the same name, or else the same line in the catalogue while both names are without counterpart.
pub(crate) fn compare(before: &Catalog, after: Catalog) -> (Catalog, Changes) {
    let mut changes = Changes::default();
    let (mut dropped, mut altered, mut created) = (Vec::new(), Vec::new(), Vec::new());
    let names = |catalog: &Catalog| -> HashMap<String, usize> {
        catalog.entries.iter().enumerate().map(|(at, entry)| (entry.table.name.clone(), at)).collect()
    };
    let (old_names, new_names) = (names(before), names(&after));
    let counterpart = |entry: &Entry| match old_names.get(&entry.table.name) {
        Some(at) => Some(&before.entries[*at]),
        None => before
            .entries
            .iter()
            .find(|old| old.line == entry.line && !new_names.contains_key(&old.table.name)),
    };
    let mut stay: HashMap<TableId, ()> = HashMap::new();
    let mut entries = after.entries;
    for entry in &mut entries {
        let Some(old) = counterpart(entry) else {
            created.push(SchemaChangeKind::Created(Arc::clone(&entry.table)));
            continue;
        };
        if old.table == entry.table {
            stay.insert(old.id, ());
            entry.id = old.id;
            continue;
        }
        let origins = origins(&old.table, &entry.table);
        if !same_identity(&old.table, &entry.table, &origins) {
            created.push(SchemaChangeKind::Created(Arc::clone(&entry.table)));
            continue;
        }
        stay.insert(old.id, ());
        entry.id = old.id;
        if !same_layout(&old.table, &entry.table, &origins) {
            changes.rescan.push(old.id);
        }
        altered.push(SchemaChangeKind::Altered {
            before: Arc::clone(&old.table),
            after: Arc::clone(&entry.table),
            origins: origins.clone(),
        });
        changes.origins.insert(old.id, origins);
    }
    for old in &before.entries {
        if !stay.contains_key(&old.id) {
            dropped.push(SchemaChangeKind::Dropped(Arc::clone(&old.table)));
        }
    }
    changes.events = dropped.into_iter().chain(altered).chain(created).collect();
    (Catalog::new(entries), changes)
}

/// For each column of `after`, the column of `before` that it is: the one of its name, or the one that stood in its place and whose name
/// is gone, if none was added or dropped.
fn origins(before: &Table, after: &Table) -> Vec<Option<usize>> {
    let renamed = |place: usize| {
        (before.columns.len() == after.columns.len() && after.column(&before.columns[place].name).is_none())
            .then_some(place)
    };
    let place =
        |(place, column): (usize, &super::Column)| before.column(&column.name).or_else(|| renamed(place));
    after.columns.iter().enumerate().map(place).collect()
}

/// Whether rows of both have the same kind of key, so that one can be followed into the other.
fn same_identity(before: &Table, after: &Table, origins: &[Option<usize>]) -> bool {
    let key: Vec<Option<usize>> = after.key.iter().map(|column| origins[*column]).collect();
    before.without_rowid == after.without_rowid
        && before.layout.rowid_column == after.layout.rowid_column.and_then(|column| origins[column])
        && key == before.key.iter().map(|column| Some(*column)).collect::<Vec<_>>()
}

/// Whether a record that is not rewritten reads the same: each field still holds the column that it held, new columns are new fields,
/// and nothing is computed that was not computed before.
fn same_layout(before: &Table, after: &Table, origins: &[Option<usize>]) -> bool {
    let (old, new) = (&before.layout, &after.layout);
    let fields = new.fields.iter().enumerate().all(|(field, slot)| match origins[slot.column] {
        Some(origin) => {
            old.fields.get(field).is_some_and(|was| was.column == origin && was.real == slot.real)
                && before.columns[origin].default == after.columns[slot.column].default
        }
        None => field >= old.fields.len(),
    });
    fields && new.fields.len() >= old.fields.len() && new.computed.is_empty() && old.computed.is_empty()
}
