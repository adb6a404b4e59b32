//! Rows under keys that nobody has.

use driftlab_model::{ColumnId, Key, Table, TableId, Value};
use std::sync::Arc;

/// How a table makes keys that no row of the file has, one for each ordinal.
pub(super) struct Fresh {
    id: TableId,
    table: Table,
    column: ColumnId,
    free: FreeIntegers,
}

/// Integers beyond those of a column.
#[derive(Clone, Copy)]
enum FreeIntegers {
    Above(i64),
    Below(i64),
}

/// How far from the end of the integers the keys of a run must stay.
const ROOM: i64 = i64::MAX / 2;

impl Fresh {
    /// For a table with these rows.
    pub(super) fn of<'a>(
        id: TableId,
        table: &Table,
        rows: &(impl Iterator<Item = &'a Arc<[Value]>> + Clone),
    ) -> Self {
        let integers =
            |column: ColumnId| rows.clone().map(move |values| values[usize::from(column.0)].as_integer());
        // The first part that is an integer everywhere; counting on from the largest keeps keys as small as they were.
        let column = table
            .key
            .iter()
            .copied()
            .find(|column| integers(*column).all(|n| n.is_some()))
            .unwrap_or(table.key[0]);
        let highest = integers(column).flatten().max().unwrap_or(0);
        let lowest = integers(column).flatten().min().unwrap_or(0);
        let free = if highest < ROOM { FreeIntegers::Above(highest) } else { FreeIntegers::Below(lowest) };
        Self { id, table: table.clone(), column, free }
    }

    /// A row like `template`, with its key.
    pub(super) fn row(&self, template: &[Value], ordinal: i64) -> (Key, Arc<[Value]>) {
        let mut values = template.to_vec();
        let part = &mut values[usize::from(self.column.0)];
        *part = match part {
            Value::Integer(_) => Value::Integer(match self.free {
                FreeIntegers::Above(highest) => highest.wrapping_add(1).wrapping_add(ordinal),
                FreeIntegers::Below(lowest) => lowest.wrapping_sub(1).wrapping_sub(ordinal),
            }),
            Value::Text(text) => Value::text(&format!("{text}-{ordinal}")),
            Value::Blob(bytes) => {
                let suffix = ordinal.to_be_bytes();
                Value::Blob(bytes.iter().chain(&suffix).copied().collect())
            }
            // A key of a float or of null has no next one; as text it is at least its own.
            Value::Real(_) | Value::Null => Value::text(&format!("{part}-{ordinal}")),
        };
        (Key::of(self.id, &self.table, &values), values.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::ColumnType::{Blob, Integer, Text};

    fn fresh(table: &Table, rows: &[Arc<[Value]>], ordinal: i64) -> Key {
        Fresh::of(TableId(0), table, &rows.iter()).row(&rows[0], ordinal).0
    }

    #[test]
    fn integer_keys_go_on_after_the_largest() {
        let table = Table::new("t", "t", 1, &[("id", Integer)]);
        let rows: Vec<Arc<[Value]>> = vec![[Value::from(7)].into(), [Value::from(9)].into()];
        assert_eq!(fresh(&table, &rows, 0), Key::integer(TableId(0), 10));
        assert_eq!(fresh(&table, &rows, 5), Key::integer(TableId(0), 15));
    }

    /// The largest key may be the largest integer: one more would wrap around into the keys that are there.
    #[test]
    fn integer_keys_at_the_end_of_the_range_go_on_below_the_smallest() {
        let table = Table::new("t", "t", 1, &[("id", Integer)]);
        let rows: Vec<Arc<[Value]>> = vec![[Value::from(i64::MAX)].into(), [Value::from(-3)].into()];
        assert_eq!(fresh(&table, &rows, 2), Key::integer(TableId(0), -6));
    }

    #[test]
    fn composite_keys_change_their_first_integer_part() {
        let table = Table::new("t", "t", 2, &[("code", Text), ("n", Integer)]);
        let rows: Vec<Arc<[Value]>> = vec![[Value::from("a"), Value::from(4)].into()];
        assert_eq!(fresh(&table, &rows, 1).values(), [Value::from("a"), Value::from(6)]);
    }

    #[test]
    fn keys_of_text_blobs_and_nothing_get_a_suffix() {
        let table = Table::new("t", "t", 1, &[("code", Text)]);
        assert_eq!(fresh(&table, &[[Value::from("a")].into()], 3).values(), [Value::from("a-3")]);
        assert_eq!(fresh(&table, &[[Value::Null].into()], 3).values(), [Value::from("null-3")]);
        let table = Table::new("t", "t", 1, &[("hash", Blob)]);
        let hash = Value::Blob([1u8].as_slice().into());
        let longer = Value::Blob([1u8, 0, 0, 0, 0, 0, 0, 0, 3].as_slice().into());
        assert_eq!(fresh(&table, &[[hash].into()], 3).values(), [longer]);
    }
}
