//! The difference between the rows of a table before and after a transaction.

use super::decode::RowDecoder;
use super::keyed;
use super::leaves::Leaves;
use super::same::States;
use crate::error::Error;
use crate::event::Change;
use crate::page::{PageSet, Pages};
use crate::value::{Row, Value};
use std::cmp::Ordering;

/// One side of a difference: a state, how its rows are decoded, and the pages to look at.
pub(crate) struct Side<'a> {
    pub(crate) pages: &'a dyn Pages,
    pub(crate) decoder: &'a RowDecoder,
    pub(crate) list: &'a [u32],
}

/// What altered columns make of rows of the state before.
pub(crate) type Origins<'a> = Option<&'a [Option<usize>]>;

/// Both sides of one table.
pub(super) struct Difference<'a> {
    pub(super) before: &'a Side<'a>,
    pub(super) after: &'a Side<'a>,
    pub(super) states: States<'a>,
    origins: Origins<'a>,
}

/// Appends to `out` what became of the rows.
///
/// Where both sides hold the same bytes, nothing did, unless `origins` say that the bytes read differently now.
pub(crate) fn diff(
    before: &Side<'_>,
    after: &Side<'_>,
    changed: &PageSet,
    origins: Origins<'_>,
    out: &mut Vec<Change>,
) -> Result<(), Error> {
    let states = States { before: before.pages, after: after.pages, changed };
    let difference = Difference { before, after, states, origins };
    if after.decoder.table.without_rowid {
        return keyed::diff(&difference, out);
    }
    let first = out.len();
    difference.by_rowid(out)?;
    if after.decoder.table.layout.rowid_column.is_none() && !after.decoder.table.key.is_empty() {
        keyed::pair(&after.decoder.table.key, out, first);
    }
    Ok(())
}

impl Difference<'_> {
    fn by_rowid(&self, out: &mut Vec<Change>) -> Result<(), Error> {
        let mut old = Leaves::new(self.before.pages, self.before.list)?;
        let mut new = Leaves::new(self.after.pages, self.after.list)?;
        loop {
            let (left, right) = (old.row()?, new.row()?);
            let order = match (&left, &right) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((_, left)), Some((_, right))) => left.rowid.cmp(&right.rowid),
            };
            match (left, right) {
                (Some((page, cell)), _) if order == Ordering::Less => {
                    let row = self.old_row(page, &cell)?;
                    self.push(Some(row), None, out);
                    old.step()?;
                }
                (_, Some((page, cell))) if order == Ordering::Greater => {
                    let row = self.after.decoder.row(self.after.pages, page, &cell)?;
                    self.push(None, Some(row), out);
                    new.step()?;
                }
                (Some((left_page, left)), Some((right_page, right))) => {
                    if self.origins.is_some() || !self.states.same_payload(&left, &right)? {
                        let old_row = self.old_row(left_page, &left)?;
                        let new_row = self.after.decoder.row(self.after.pages, right_page, &right)?;
                        self.update(old_row, new_row, out);
                    }
                    old.step()?;
                    new.step()?;
                }
                _ => return Ok(()),
            }
        }
    }

    /// Whether the same bytes may read differently.
    pub(super) fn is_altered(&self) -> bool {
        self.origins.is_some()
    }

    /// A row as it was, in the columns of the table as it is.
    pub(super) fn old_row(&self, page: u32, cell: &crate::page::Cell<'_>) -> Result<Row, Error> {
        let mut row = self.before.decoder.row(self.before.pages, page, cell)?;
        if let Some(origins) = self.origins {
            let mut values: Vec<Value> =
                self.after.decoder.table.columns.iter().map(|column| column.default.clone()).collect();
            for (value, origin) in values.iter_mut().zip(origins) {
                if let Some(origin) = origin {
                    *value = std::mem::replace(&mut row.values[*origin], Value::Null);
                }
            }
            row.values = values;
        }
        Ok(row)
    }

    /// Two images of what may be one row.
    pub(super) fn update(&self, old: Row, new: Row, out: &mut Vec<Change>) {
        if old.rowid == new.rowid && same_values(&old.values, &new.values) {
            return;
        }
        let key = &self.after.decoder.table.key;
        let same_key = key.iter().all(|column| same_value(&old.values[*column], &new.values[*column]));
        if same_key {
            self.push(Some(old), Some(new), out);
        } else {
            self.push(Some(old), None, out);
            self.push(None, Some(new), out);
        }
    }

    pub(super) fn push(&self, before: Option<Row>, after: Option<Row>, out: &mut Vec<Change>) {
        out.push(Change { table: self.after.decoder.table.clone(), before, after });
    }
}

fn same_values(left: &[Value], right: &[Value]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_value(left, right))
}

/// Equal to the bit: a zero that became negative is a change.
pub(super) fn same_value(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Real(left), Value::Real(right)) => left.to_bits() == right.to_bits(),
        _ => left == right,
    }
}
