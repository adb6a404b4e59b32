//! From the log's way of telling to events: what the connector makes of a truncate, of a change of the key, and of a row without its large values.
//!
//! A log is written for a replica of the same database. It names a table where all of its rows went, tells one update where a row got another key, and leaves out values that nobody touched. A
//! connector that knows rows alone passes over the first, files the second under one of its two keys, and takes the third for nulls.

use driftlab_model::{Change, ChangeEvent, Commit, Key, Kind, Row, Schema, Setting, Settings};

/// What becomes of a truncate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truncates {
    Apply,
    Ignore,
}

/// What becomes of a change of the primary key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyChanges {
    DeleteAndInsert,
    Update,
}

/// What becomes of values that are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartialRows {
    Merge,
    Null,
}

/// How the connector reads records of the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decoding {
    pub(crate) truncates: Truncates,
    pub(crate) key_changes: KeyChanges,
    pub(crate) partial_rows: PartialRows,
}

impl Decoding {
    /// The settings `truncates`, `key_changes` and `partial_rows`.
    pub(crate) const SETTINGS: [Setting; 3] = [
        Setting {
            name: "truncates",
            summary: "What becomes of a truncate, of which the log says that it emptied a table and not of which rows.",
            kind: Kind::Choice(&[
                ("apply", "it is an event: sinks empty their tables too"),
                ("ignore", "it is passed over: the rows stay in every copy"),
            ]),
            default: Some("apply"),
        },
        Setting {
            name: "key_changes",
            summary: "What becomes of an update that gives a row another primary key.",
            kind: Kind::Choice(&[
                ("delete_and_insert", "a deletion and an insertion, each with the other changes of its key"),
                (
                    "update",
                    "one record under the new key: with several partitions the old key's removal travels apart from its other changes",
                ),
            ]),
            default: Some("delete_and_insert"),
        },
        Setting {
            name: "partial_rows",
            summary: "What becomes of large values that an update did not touch, and that the log leaves out.",
            kind: Kind::Choice(&[
                ("merge", "sinks keep what they have in these columns"),
                ("null", "they are written as nulls"),
            ]),
            default: Some("merge"),
        },
    ];

    /// What a connector does that knows its log.
    pub(crate) const KNOWING: Self = Self {
        truncates: Truncates::Apply,
        key_changes: KeyChanges::DeleteAndInsert,
        partial_rows: PartialRows::Merge,
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        let is = |name: &str, word: &str| settings.word(name) == word;
        Self {
            truncates: if is("truncates", "ignore") { Truncates::Ignore } else { Truncates::Apply },
            key_changes: if is("key_changes", "update") {
                KeyChanges::Update
            } else {
                KeyChanges::DeleteAndInsert
            },
            partial_rows: if is("partial_rows", "null") { PartialRows::Null } else { PartialRows::Merge },
        }
    }

    /// The events of a commit, each with its way; a watermark has none.
    pub(crate) fn events(self, schema: &Schema, commit: &Commit, events: &mut Vec<Routed>) {
        let first = events.len();
        for change in &commit.changes {
            self.read(schema, change, &mut |way, change| {
                let index = (events.len() - first) as u32;
                let (position, transaction) = (commit.lsn, commit.transaction);
                let event = ChangeEvent { position, transaction, index, of: None, change };
                events.push(Routed { way, event });
            });
        }
        let of = Some((events.len() - first) as u32);
        events[first..].iter_mut().for_each(|routed| routed.event.of = of);
    }

    fn read(self, schema: &Schema, change: &Change, give: &mut dyn FnMut(Way, Change)) {
        if change.empties().is_some() {
            if self.truncates == Truncates::Apply {
                give(Way::Everywhere, change.clone());
            }
            return;
        }
        if change.moves(schema) {
            for half in change.halves(schema) {
                let way = match self.key_changes {
                    KeyChanges::DeleteAndInsert => Way::OfItsKey,
                    KeyChanges::Update => Way::Of(change.key.clone()),
                };
                give(way, half);
            }
            return;
        }
        let mut change = change.clone();
        if self.partial_rows == PartialRows::Null {
            let whole = |row: Option<Row>| row.map(|row| row.with_nulls());
            (change.before, change.after) = (whole(change.before), whole(change.after));
        }
        give(Way::OfItsKey, change);
    }
}

/// An event, and which partition of the log it takes.
pub(crate) struct Routed {
    pub(crate) way: Way,
    pub(crate) event: ChangeEvent,
}

/// Which partition an event takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// That of its own key.
    OfItsKey,
    /// That of another key.
    Of(Key),
    /// All of them.
    Everywhere,
}

impl Routed {
    /// An event on the way of its own key.
    pub(crate) fn by_key(event: ChangeEvent) -> Self {
        Self { way: Way::OfItsKey, event }
    }

    /// Whether it goes into a partition of so many.
    pub(crate) fn goes_into(&self, partition: u32, count: u32) -> bool {
        match &self.way {
            Way::OfItsKey => self.event.change.key.partition(count) == partition,
            Way::Of(key) => key.partition(count) == partition,
            Way::Everywhere => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::{
        Changes, ColumnType, CommitIndex, Deed, Lsn, Row, Table, TableId, Telling, Time, TransactionId,
        Value, Version, WriteId,
    };

    const TABLE: TableId = TableId(0);
    const WRITE: WriteId = WriteId { transaction: TransactionId(4), index: 0 };
    const PARTITIONS: u32 = 8;

    fn schema() -> Schema {
        let columns =
            [("id", ColumnType::Integer), ("price", ColumnType::Integer), ("text", ColumnType::Text)];
        Schema::new(vec![Table::new("product", "product", 1, &columns)])
    }

    fn row(id: i64, price: i64) -> Option<Row> {
        let values = [Value::from(id), Value::from(price), Value::from("a long text")].into();
        Some(Row::new(WRITE, Version(9), Time::ZERO, values))
    }

    fn change(id: i64, before: Option<Row>, after: Option<Row>) -> Change {
        Change { key: Key::integer(TABLE, id), before, after, write: WRITE, version: Version(9) }
    }

    /// A table was emptied, row 1 became row 2, and the price of row 3 changed.
    fn commit() -> Commit {
        let changes =
            [change(1, row(1, 5), None), change(2, None, row(2, 6)), change(3, row(3, 5), row(3, 6))];
        let moved = Deed::Moved { from: Key::integer(TABLE, 1), to: Key::integer(TABLE, 2) };
        let told = Telling { toast: Some(9) }.of(&changes.into_iter().collect::<Changes>(), &[moved]);
        let truncate = Change::truncate(TABLE, WRITE, Version(8));
        Commit {
            transaction: WRITE.transaction,
            index: CommitIndex(1),
            lsn: Lsn(100),
            at: Time::ZERO,
            changes: std::iter::once(truncate).chain(told.expect("a way of its own")).collect(),
            watermark: None,
        }
    }

    fn read(decoding: Decoding) -> Vec<Routed> {
        let mut events = Vec::new();
        decoding.events(&schema(), &commit(), &mut events);
        let of = Some(events.len() as u32);
        for (index, Routed { event, .. }) in (0..).zip(&events) {
            assert_eq!((event.index, event.of, event.position), (index, of, Lsn(100)));
        }
        events
    }

    /// The partitions that an event goes into.
    fn partitions(routed: &Routed) -> Vec<u32> {
        (0..PARTITIONS).filter(|&partition| routed.goes_into(partition, PARTITIONS)).collect()
    }

    fn partition(id: i64) -> Vec<u32> {
        vec![Key::integer(TABLE, id).partition(PARTITIONS)]
    }

    #[test]
    fn whoever_knows_the_log_makes_rows_of_all_that_it_tells() {
        let events = read(Decoding::KNOWING);
        assert_eq!(events[0].event.change.empties(), Some(TABLE));
        assert_eq!(partitions(&events[0]).len(), PARTITIONS as usize);
        assert_eq!(events[1].event.change, change(1, row(1, 5), None));
        assert_eq!(events[2].event.change, change(2, None, row(2, 6)));
        assert_eq!((partitions(&events[1]), partitions(&events[2])), (partition(1), partition(2)));
        assert!(events[3].event.change.after.as_ref().is_some_and(Row::is_partial));
    }

    #[test]
    fn whoever_knows_rows_alone_passes_over_the_truncate_files_the_move_under_one_key_and_sees_nulls() {
        let naive = Decoding {
            truncates: Truncates::Ignore,
            key_changes: KeyChanges::Update,
            partial_rows: PartialRows::Null,
        };
        let events = read(naive);
        assert_eq!(events.len(), 3);
        assert_ne!(partition(1), partition(2));
        assert_eq!(events[0].event.change, change(1, row(1, 5), None));
        assert_eq!((partitions(&events[0]), partitions(&events[1])), (partition(2), partition(2)));
        let emptied = events[2].event.change.after.as_ref().expect("an update");
        assert!(!emptied.is_partial() && emptied.values()[2] == Value::Null);
    }
}
