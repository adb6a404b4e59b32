//! Names for keys and rows, as they stand beside arrows and marks.

use driftlab_model::{Cast, Change, ColumnId, Key, Row, Table};

/// A longer value is cut.
const VALUE_LENGTH: usize = 18;

/// Names out of a cast, which may know less than the world that it tells of.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) cast: &'a Cast,
}

impl Names<'_> {
    /// A key: `product 7`.
    pub(super) fn key(&self, key: &Key) -> String {
        match self.table(key) {
            Some(_) => key.describe(&self.cast.schema),
            None => format!("row {key}"),
        }
    }

    /// What a row says in the column that tells most: `2`, or `price 2` where there are several.
    pub(super) fn value(&self, key: &Key, row: &Row, before: Option<&Row>) -> String {
        let columns = self.columns(key, row);
        let changed = |column: &&usize| {
            before.is_some_and(|before| before.values().get(**column) != row.values().get(**column))
        };
        let Some(&column) = columns.iter().find(changed).or(columns.first()) else {
            return "there".to_owned();
        };
        let value = shortened(&row.values()[column].to_string());
        match self.table(key).and_then(|table| table.columns.get(column)) {
            Some(named) if columns.len() > 1 => format!("{} {value}", named.name),
            _ => value,
        }
    }

    /// The same with its key: `key 1 = 2`, `product 7 price 2`.
    pub(super) fn row(&self, key: &Key, row: &Row, before: Option<&Row>) -> String {
        let sign = if self.columns(key, row).len() > 1 { "" } else { "= " };
        format!("{} {sign}{}", self.key(key), self.value(key, row, before))
    }

    /// How a request names a row: the key and the first value that is not part of it.
    pub(super) fn in_request(&self, key: &Key, row: &Row) -> String {
        let name = self.key(key);
        let told = self.columns(key, row).first().and_then(|&column| {
            let named = self.table(key)?.columns.get(column)?;
            Some(format!("{name} {} {}", named.name, row.values()[column]))
        });
        told.unwrap_or(name)
    }

    /// The columns of a row that are not part of its key.
    fn columns(&self, key: &Key, row: &Row) -> Vec<usize> {
        let table = self.table(key);
        let is_key = |column: usize| table.map_or(column == 0, |table| table.is_key(ColumnId(column as u16)));
        (0..row.values().len()).filter(|column| !is_key(*column)).collect()
    }

    fn table(&self, key: &Key) -> Option<&Table> {
        let id = key.table();
        (usize::from(id.0) < self.cast.schema.len()).then(|| self.cast.schema.table(id))
    }

    /// What a change says: `key 1 = 2`, `key 1 deleted`.
    pub(super) fn change(&self, change: &Change) -> String {
        match &change.after {
            Some(row) => self.row(&change.key, row, change.before.as_ref()),
            None => format!("{} deleted", self.key(&change.key)),
        }
    }
}

fn shortened(value: &str) -> String {
    if value.chars().count() <= VALUE_LENGTH {
        return value.to_owned();
    }
    value.chars().take(VALUE_LENGTH - 1).chain(['…']).collect()
}
