//! The fields that a row's text may have, and their places among its values.

use crate::nearest::nearest;
use driftlab_model::Table;
use std::collections::BTreeMap;

/// The fields of one table's rows.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    names: Vec<String>,
    places: BTreeMap<String, usize>,
    /// Whether the file says nothing of the table, so that its columns are those that its rows show.
    is_discovered: bool,
}

/// What stands for a row that is no object: a number, a text, a list.
const WHOLE: &str = "value";
/// The first column of a table whose columns are discovered.
const KEY: &str = "key";

impl Fields {
    /// The columns of a table that the file describes.
    pub(crate) fn declared(table: &Table) -> Self {
        let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let mut places = BTreeMap::new();
        for (place, name) in names.iter().enumerate() {
            places.entry(name.clone()).or_insert(place);
        }
        Self { names, places, is_discovered: false }
    }

    /// A table that the schema does not have: its rows are lists.
    pub(crate) fn nameless() -> Self {
        Self { names: Vec::new(), places: BTreeMap::new(), is_discovered: false }
    }

    /// A table of which nothing is known yet: its first column holds the key.
    pub(crate) fn discovered() -> Self {
        Self { names: vec![KEY.to_owned()], places: BTreeMap::new(), is_discovered: true }
    }

    pub(crate) fn is_discovered(&self) -> bool {
        self.is_discovered
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether a row of so many values can be written as an object and read back.
    pub(crate) fn names_all(&self, values: usize) -> bool {
        values == self.names.len() && self.places.len() == self.names.len()
    }

    /// The place of a field, where `next` is the place that a row in column order would have it.
    ///
    /// # Errors
    /// The fields there are, where this is none of them.
    pub(crate) fn place(&mut self, name: &str, next: usize) -> Result<usize, String> {
        if self.places.len() == self.names.len() && self.names.get(next).is_some_and(|known| known == name) {
            return Ok(next);
        }
        if let Some(place) = self.places.get(name) {
            return Ok(*place);
        }
        if !self.is_discovered {
            let near = nearest(name, self.names.iter().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("`{name}` is no column of its table{near}"));
        }
        let place = self.names.len();
        if place > usize::from(u16::MAX) {
            return Err(format!("`{name}` is one field too many: a table has at most {} columns", u16::MAX));
        }
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        Ok(place)
    }

    /// The place of a row that is no object.
    pub(crate) fn whole(&mut self) -> Result<usize, String> {
        if self.is_discovered {
            return self.place(WHOLE, 1);
        }
        Err("its table has columns, so a row of it is an object of them".to_owned())
    }
}
