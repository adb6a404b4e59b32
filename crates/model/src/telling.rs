//! How a source's log tells what a transaction did.
//!
//! A [`Commit`](crate::Commit) says what is true: its net row changes, one a key, with the rows before and after. A log is written for a replica of the same kind, and says less, or says it otherwise.
//! Three things are told in ways of their own, and whoever reads a log has to know them:
//!
//! - **A truncate** names the table and none of its rows: a change of [`Key::all_of`] the table, with no row before or after ([`Change::empties`]).
//! - **A change of the key** is one update: the row before has another key than the change ([`Change::halves`]).
//! - **A large value that an update left alone** is left out: the row after is partial ([`Row::left_out`]).

use crate::change::{Change, Changes};
use crate::key::Key;
use crate::row::{ColumnSet, Row, Version, WriteId};
use crate::schema::{Schema, TableId};
use smallvec::{SmallVec, smallvec};

/// What a log leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Telling {
    /// Values of more bytes than this that an update leaves as they were are not in the log; `None` where rows are whole.
    pub toast: Option<usize>,
}

/// Something that a transaction did and that its log tells in one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// All rows of a table went at once.
    Truncated {
        /// The table.
        table: TableId,
        /// The write that all of the deletions share.
        write: WriteId,
        /// Their version.
        version: Version,
    },
    /// A row was given another key.
    Moved {
        /// The key that it had.
        from: Key,
        /// The key that it has.
        to: Key,
    },
}

impl Telling {
    /// The changes of a commit as the log has them; `None` where it has them as they are.
    #[must_use]
    pub fn of(self, changes: &Changes, deeds: &[Deed]) -> Option<Changes> {
        if deeds.is_empty() && self.toast.is_none() {
            return None;
        }
        let net = |key: &Key| changes.iter().find(|change| change.key == *key);
        let is_gone = |key: &Key| net(key).is_some_and(|old| old.before.is_some() && old.after.is_none());
        let is_new = |key: &Key| net(key).is_some_and(|new| new.before.is_none() && new.after.is_some());
        // A row that was moved twice, or came to be in this transaction, is told by what it comes to.
        let moves = || {
            deeds.iter().filter_map(|deed| match deed {
                Deed::Moved { from, to } if is_gone(from) && is_new(to) => Some((from, to)),
                _ => None,
            })
        };
        let is_emptied = |key: &Key| {
            let table = key.table();
            deeds
                .iter()
                .any(|deed| matches!(deed, Deed::Truncated { table: emptied, .. } if *emptied == table))
        };
        let mut told: Changes = deeds
            .iter()
            .filter_map(|deed| match deed {
                Deed::Truncated { table, write, version } => Some(Change::truncate(*table, *write, *version)),
                Deed::Moved { .. } => None,
            })
            .collect();
        for change in changes {
            let key = &change.key;
            let is_told = change.after.is_none() && is_emptied(key);
            if is_told || moves().any(|(from, _)| from == key) {
                continue;
            }
            told.push(match moves().find(|(_, to)| *to == key) {
                Some((from, _)) => {
                    Change { before: net(from).and_then(|old| old.before.clone()), ..change.clone() }
                }
                None => self.left_alone(change),
            });
        }
        Some(told)
    }

    /// The change without the large values that it left as they were. Those of the key are always told.
    fn left_alone(self, change: &Change) -> Change {
        let (Some(limit), Some(before), Some(after)) = (self.toast, &change.before, &change.after) else {
            return change.clone();
        };
        let key = change.key.values();
        let mut left_out = ColumnSet::default();
        for (column, (old, new)) in (0..).zip(before.values().iter().zip(after.values().iter())) {
            if old == new && new.size() > limit && !key.contains(new) {
                left_out.insert(column);
            }
        }
        let told = |row: &Row| Some(row.without(left_out));
        Change { before: told(before), after: told(after), ..change.clone() }
    }
}

impl Change {
    /// The removal of all rows of a table, as a log tells it.
    #[must_use]
    pub fn truncate(table: TableId, write: WriteId, version: Version) -> Self {
        Self { key: Key::all_of(table), before: None, after: None, write, version }
    }

    /// The table that it empties, if that is what it does.
    #[must_use]
    pub fn empties(&self) -> Option<TableId> {
        (self.key.is_empty() && self.after.is_none()).then(|| self.key.table())
    }

    /// Whether it is an update that gave the row another key.
    #[must_use]
    pub fn moves(&self, schema: &Schema) -> bool {
        let (Some(before), Some(after)) = (&self.before, &self.after) else { return false };
        let differs = |column: usize| before.values().get(column) != after.values().get(column);
        schema.table(self.key.table()).key.iter().any(|column| differs(usize::from(column.0)))
    }

    /// An update that gave the row another key as what it is: a deletion, and an insertion, in this order. Any other change is itself.
    #[must_use]
    pub fn halves(&self, schema: &Schema) -> SmallVec<[Self; 1]> {
        let table = self.key.table();
        match self.before.as_ref().filter(|_| self.moves(schema)) {
            Some(before) => {
                let from = Key::of(table, schema.table(table), before.values());
                smallvec![
                    Self { key: from, after: None, ..self.clone() },
                    Self { before: None, ..self.clone() }
                ]
            }
            None => smallvec![self.clone()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::TransactionId;
    use crate::schema::{ColumnType, Table};
    use crate::time::Time;
    use crate::value::Value;

    const TABLE: TableId = TableId(0);
    const WRITE: WriteId = WriteId { transaction: TransactionId(7), index: 0 };

    fn schema() -> Schema {
        let columns =
            [("id", ColumnType::Integer), ("price", ColumnType::Integer), ("text", ColumnType::Text)];
        Schema::new(vec![Table::new("product", "product", 1, &columns)])
    }

    fn row(id: i64, price: i64, text: &str) -> Option<Row> {
        let values = [Value::from(id), Value::from(price), Value::from(text)].into();
        Some(Row::new(WRITE, Version(9), Time::ZERO, values))
    }

    fn change(id: i64, before: Option<Row>, after: Option<Row>) -> Change {
        Change { key: Key::integer(TABLE, id), before, after, write: WRITE, version: Version(9) }
    }

    #[test]
    fn what_is_told_as_it_is_takes_no_second_record() {
        let changes: Changes = [change(1, None, row(1, 5, "a"))].into_iter().collect();
        assert_eq!(Telling::default().of(&changes, &[]), None);
    }

    /// supabase/etl#99: the log says "truncate product", once, and whoever waits for rows hears of none.
    #[test]
    fn a_truncate_names_the_table_and_what_came_after_it() {
        let gone = [change(1, row(1, 5, "a"), None), change(2, row(2, 5, "a"), None)];
        let changes: Changes = gone.into_iter().chain([change(3, None, row(3, 5, "a"))]).collect();
        let deed = Deed::Truncated { table: TABLE, write: WRITE, version: Version(9) };
        let told = Telling::default().of(&changes, &[deed]).expect("it is told in a way of its own");
        assert_eq!(told.len(), 2);
        assert_eq!((told[0].empties(), told[1].empties()), (Some(TABLE), None));
        assert_eq!(told[1], changes[2]);
    }

    /// risingwave#12026: one update with two keys, which a reader who goes by the key of the change takes for an insertion.
    #[test]
    fn a_change_of_the_key_is_one_update_and_two_changes_again() {
        let changes: Changes =
            [change(1, row(1, 5, "a"), None), change(8, None, row(8, 6, "a"))].into_iter().collect();
        let deed = Deed::Moved { from: Key::integer(TABLE, 1), to: Key::integer(TABLE, 8) };
        let told = Telling::default().of(&changes, &[deed]).expect("it is told in a way of its own");
        assert_eq!(told.len(), 1);
        assert_eq!((&told[0].key, &told[0].before), (&changes[1].key, &changes[0].before));
        assert_eq!(told[0].halves(&schema())[..], changes[..]);
        assert_eq!(changes[1].halves(&schema())[..], changes[1..]);
    }

    /// The row was moved on, or deleted, or made in the same transaction: then there is no one update to tell.
    #[test]
    fn a_row_that_did_not_stay_where_it_was_moved_is_told_by_what_it_comes_to() {
        let key = |n| Key::integer(TABLE, n);
        let moves = [Deed::Moved { from: key(1), to: key(2) }, Deed::Moved { from: key(2), to: key(3) }];
        let changes: Changes =
            [change(1, row(1, 5, "a"), None), change(3, None, row(3, 5, "a"))].into_iter().collect();
        assert_eq!(Telling::default().of(&changes, &moves), Some(changes));
        let made: Changes = [change(2, None, row(2, 5, "a"))].into_iter().collect();
        assert_eq!(Telling::default().of(&made, &moves[..1]), Some(made));
    }

    /// debezium-server-iceberg#196: the column that nobody touched is not in the record, and became null.
    #[test]
    fn a_large_value_that_was_left_alone_is_left_out_and_found_again_in_the_row_that_is_held() {
        let long = "a long text that nobody touches";
        let changes: Changes = [change(1, row(1, 5, long), row(1, 6, long))].into_iter().collect();
        let told = Telling { toast: Some(8) }.of(&changes, &[]).expect("it is told in a way of its own");
        let after = told[0].after.as_ref().expect("it is an update");
        assert_eq!(after.values()[..], [Value::from(1), Value::from(6), Value::Null]);
        assert!(after.is_partial() && Some(after) != changes[0].after.as_ref());
        assert!(told[0].size() < changes[0].size());
        let held = row(1, 5, long).expect("a row");
        assert_eq!(Some(after.over(&held)), changes[0].after);
        assert!(!after.with_nulls().is_partial());
        assert_eq!(Telling { toast: Some(99) }.of(&changes, &[]), Some(changes), "short enough");
    }
}
