//! A table of the file, in the order of the file, emptied as it is read: what is left at the end nobody knows.

use crate::problem::{Place, Problem};
use crate::value::found;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table of the file.
pub(crate) struct Table<'t> {
    /// What to point at where something is missing.
    pub(crate) header: Place,
    entries: Vec<Entry<'t>>,
}

/// A key with its value.
pub(crate) struct Entry<'t> {
    pub(crate) name: &'t str,
    pub(crate) key: Range<usize>,
    pub(crate) value: &'t Spanned<DeValue<'t>>,
}

impl<'t> Table<'t> {
    pub(crate) fn new(table: &'t DeTable<'t>, header: impl Into<Place>) -> Self {
        let mut entries: Vec<Entry<'t>> =
            table.iter().map(|(key, value)| Entry { name: key.get_ref(), key: key.span(), value }).collect();
        entries.sort_by_key(|entry| entry.key.start);
        Self { header: header.into(), entries }
    }

    /// A section that the file leaves out.
    pub(crate) fn absent() -> Self {
        Self { header: Place::File, entries: Vec::new() }
    }

    /// Takes an entry out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Entry<'t>> {
        let at = self.entries.iter().position(|entry| entry.name == name)?;
        Some(self.entries.remove(at))
    }

    /// What is left.
    pub(crate) fn rest(self) -> Vec<Entry<'t>> {
        self.entries
    }

    /// Takes out a section that is written once, as `[name]`.
    pub(crate) fn section(&mut self, name: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let Entry { value, key, .. } = self.take(name)?;
        match value.get_ref() {
            DeValue::Table(table) => return Some(Table::new(table, value.span())),
            DeValue::Array(_) => problems.push(Problem::new(
                key,
                format!("`{name}` is written as a list"),
                format!("there is one of it: write `[{name}]`"),
            )),
            other => problems.push(Problem::new(
                value.span(),
                format!("`{name}` is a section"),
                format!("expected a table under `[{name}]`, found {}", found(other)),
            )),
        }
        None
    }

    /// Takes out a section that may be written many times, as `[[name]]`.
    pub(crate) fn sections(&mut self, name: &str, problems: &mut Vec<Problem>) -> Vec<Self> {
        let Some(Entry { value, .. }) = self.take(name) else { return Vec::new() };
        let expected = |found: &str| format!("expected tables under `[[{name}]]`, found {found}");
        match value.get_ref() {
            DeValue::Array(items) => items
                .iter()
                .filter_map(|item| match item.get_ref() {
                    DeValue::Table(table) => Some(Table::new(table, item.span())),
                    other => {
                        problems.push(Problem::new(
                            item.span(),
                            format!("`{name}` holds something that is no table"),
                            expected(&found(other)),
                        ));
                        None
                    }
                })
                .collect(),
            DeValue::Table(table) => {
                problems.push(Problem::new(
                    value.span(),
                    format!("`{name}` is written as a single table"),
                    format!("there may be several: write `[[{name}]]`"),
                ));
                // Read all the same, so that what is wrong inside is told in the same go.
                vec![Table::new(table, value.span())]
            }
            other => {
                problems.push(Problem::new(
                    value.span(),
                    format!("`{name}` is a section"),
                    expected(&found(other)),
                ));
                Vec::new()
            }
        }
    }
}
