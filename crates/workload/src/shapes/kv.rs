//! Keys and values: the smallest domain, and the one in which a finding reads best.

use crate::draw::{Purpose, falls_in};
use crate::keyspace::Keyspace;
use crate::mix::Action;
use crate::plan::Plan;
use crate::registry::ShapeEntry;
use crate::shape::{Operation, Shape};
use driftlab_model::{
    ColumnType, Contradiction, Key, Kind, Schema, Setting, Settings, Statement, Statements, Table, TableId,
    Value,
};
use std::rc::Rc;
use std::sync::Arc;

pub(crate) const ENTRY: ShapeEntry = ShapeEntry {
    name: "kv",
    summary: "keys and values: every write replaces a row whole",
    settings: SETTINGS,
    needs_dataset: false,
    build: |settings, seed, _| Ok(Rc::new(Kv::new(settings, seed)?)),
};

const SETTINGS: &[Setting] = &[
    Setting {
        name: "rekey",
        summary: "the share of updates that give their rows new keys",
        kind: Kind::Number(0.0, 1.0),
        default: Some("0"),
    },
    Setting {
        name: "truncate",
        summary: "the share of deletions that remove all rows at once",
        kind: Kind::Number(0.0, 1.0),
        default: Some("0"),
    },
];

const KV: TableId = TableId(0);

mod purpose {
    use crate::draw::Purpose;

    pub(super) const READ: Purpose = Purpose::named("kv.read");
    pub(super) const UPDATE: Purpose = Purpose::named("kv.update");
    pub(super) const DELETE: Purpose = Purpose::named("kv.delete");
    pub(super) const REKEY: Purpose = Purpose::named("kv.rekey");
    pub(super) const TRUNCATE: Purpose = Purpose::named("kv.truncate");
}

/// One table of keys with an integer each. Inserts put a new key, updates put an existing one (or bring a deleted one back), deletions delete. Some updates may
/// move rows to new keys, and some deletions empty the table.
///
/// Values are small, and no two writes have the same: operation 12's first row gets 13 where transactions have one row.
#[derive(Clone, Copy)]
struct Kv {
    plan: Plan,
    keys: Keyspace,
    rekey: f64,
    truncate: f64,
}

impl Kv {
    fn new(settings: &Settings, seed: u64) -> Result<Self, Contradiction> {
        let plan = Plan::new(settings, seed)?;
        let keys = Keyspace::new(settings, &plan)?;
        Ok(Self { plan, keys, rekey: settings.number("rekey"), truncate: settings.number("truncate") })
    }

    /// Whether an operation is among a share of its kind.
    fn is_among(&self, share: f64, purpose: Purpose, index: u64) -> bool {
        share > 0.0 && falls_in(self.plan.draws().at(purpose, index, 0), share)
    }

    /// A row that is given a key which nobody else gives.
    fn moved(&self, key: i64, index: u64, row: u64) -> Statement {
        let to = self.keys.inserted(&self.plan, index, row);
        let values = row_of(to, self.plan.ordinal(index, row) + 1);
        Statement::Rekey { key: Key::integer(KV, key), to: Key::integer(KV, to), values }
    }

    fn put(&self, key: i64, index: u64, row: u64) -> Statement {
        let value = self.plan.ordinal(index, row) + 1;
        Statement::Put { key: Key::integer(KV, key), values: row_of(key, value) }
    }
}

fn row_of(key: i64, value: i64) -> Arc<[Value]> {
    [Value::from(key), Value::from(value)].into()
}

impl Shape for Kv {
    fn schema(&self) -> Schema {
        let columns = [("id", ColumnType::Integer), ("value", ColumnType::Integer)];
        Schema::new(vec![Table::new("kv", "key", 1, &columns)])
    }

    fn load(&self) -> Vec<(Key, Arc<[Value]>)> {
        self.keys.loaded().map(|key| (Key::integer(KV, key), row_of(key, 0))).collect()
    }

    fn operation(&self, index: u64) -> Operation {
        let plan = &self.plan;
        let keys = |purpose| self.keys.keys(plan, purpose, index);
        let statements: Statements = match plan.action(index) {
            Action::Read => {
                return Operation::Read(Key::integer(KV, self.keys.key(plan, purpose::READ, index)));
            }
            Action::Insert => (0..plan.rows(index))
                .map(|row| self.put(self.keys.inserted(plan, index, row), index, row))
                .collect(),
            Action::Update if self.is_among(self.rekey, purpose::REKEY, index) => {
                (0..).zip(keys(purpose::UPDATE)).map(|(row, key)| self.moved(key, index, row)).collect()
            }
            Action::Delete if self.is_among(self.truncate, purpose::TRUNCATE, index) => {
                Statements::from_iter([Statement::Truncate { key: Key::all_of(KV) }])
            }
            Action::Update => {
                (0..).zip(keys(purpose::UPDATE)).map(|(row, key)| self.put(key, index, row)).collect()
            }
            Action::Delete => keys(purpose::DELETE)
                .into_iter()
                .map(|key| Statement::Delete { key: Key::integer(KV, key) })
                .collect(),
        };
        plan.write(index, statements)
    }

    fn reseeded(&self, seed: u64) -> Rc<dyn Shape> {
        Rc::new(Self { plan: self.plan.reseeded(seed), ..*self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::COMMON;
    use std::collections::BTreeSet;

    fn settings(rekey: &str, truncate: &str) -> Settings {
        Settings::defaults(COMMON).with(SETTINGS, "rekey", rekey).with(SETTINGS, "truncate", truncate)
    }

    fn kv(rows: &str) -> Kv {
        Kv::new(&settings("0", "0").with(COMMON, "transaction.rows", rows), 1).unwrap()
    }

    fn puts(shape: &Kv) -> Vec<(i64, i64)> {
        (0..5_000)
            .filter_map(|index| match shape.operation(index) {
                Operation::Write(transaction) => Some(transaction.statements),
                Operation::Read(_) => None,
            })
            .flatten()
            .filter_map(|statement| match statement {
                Statement::Put { key, values } => Some((key.as_integer()?, values[1].as_integer()?)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn no_two_writes_have_the_same_value() {
        for rows in ["1", "2..=5"] {
            let values: Vec<i64> = puts(&kv(rows)).iter().map(|(_, value)| *value).collect();
            assert_eq!(values.iter().collect::<BTreeSet<_>>().len(), values.len(), "{rows} rows with seed 1");
        }
    }

    /// A key that two operations could give would be refused to one of them.
    #[test]
    fn rows_move_to_keys_that_nobody_else_gives_and_some_deletions_empty_the_table() {
        let shape = Kv::new(&settings("0.5", "0.5"), 1).unwrap();
        let (mut moved, mut emptied, mut deleted) = (Vec::new(), 0, 0);
        for index in 0..5_000 {
            let Operation::Write(transaction) = shape.operation(index) else { continue };
            match &transaction.statements[0] {
                Statement::Rekey { key, to, values } => {
                    assert_eq!((Some(&values[0]), key.table()), (to.values().first(), KV));
                    moved.push(to.clone());
                }
                Statement::Truncate { key } => {
                    assert_eq!((key, transaction.statements.len()), (&Key::all_of(KV), 1));
                    emptied += 1;
                }
                Statement::Delete { .. } => deleted += 1,
                _ => {}
            }
        }
        assert!(moved.len() > 700 && emptied > 90 && deleted > 90, "{}, {emptied}, {deleted}", moved.len());
        let given: BTreeSet<&Key> = moved.iter().collect();
        assert_eq!(given.len(), moved.len());
        let inserted = puts(&kv("1"));
        let is_new = |n: i64| n > 1_000;
        assert!(moved.iter().all(|key| key.as_integer().is_some_and(is_new)));
        assert!(!inserted.iter().any(|(n, _)| is_new(*n) && given.contains(&Key::integer(KV, *n))));
    }

    #[test]
    fn no_two_inserts_have_the_same_key() {
        let new: Vec<i64> =
            puts(&kv("1..=3")).iter().map(|(key, _)| *key).filter(|key| *key > 1_000).collect();
        assert!(new.len() > 500);
        assert_eq!(new.iter().collect::<BTreeSet<_>>().len(), new.len(), "with seed 1");
    }
}
