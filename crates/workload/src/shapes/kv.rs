//! Keys and values: the smallest domain, and the one in which a finding reads best.

use crate::keyspace::Keyspace;
use crate::mix::Action;
use crate::plan::Plan;
use crate::registry::ShapeEntry;
use crate::shape::{Operation, Shape};
use driftlab_model::{
    ColumnType, Contradiction, Key, Schema, Settings, Statement, Statements, Table, TableId, Value,
};
use std::rc::Rc;
use std::sync::Arc;

pub(crate) const ENTRY: ShapeEntry = ShapeEntry {
    name: "kv",
    summary: "keys and values: every write replaces a row whole",
    settings: &[],
    needs_dataset: false,
    build: |settings, seed, _| Ok(Rc::new(Kv::new(settings, seed)?)),
};

const KV: TableId = TableId(0);

mod purpose {
    use crate::draw::Purpose;

    pub(super) const READ: Purpose = Purpose::named("kv.read");
    pub(super) const UPDATE: Purpose = Purpose::named("kv.update");
    pub(super) const DELETE: Purpose = Purpose::named("kv.delete");
}

/// One table of keys with an integer each. Inserts put a new key, updates put an existing one (or bring a deleted one back), deletions delete.
///
/// Values are small, and no two writes have the same: operation 12's first row gets 13 where transactions have one row.
#[derive(Clone, Copy)]
struct Kv {
    plan: Plan,
    keys: Keyspace,
}

impl Kv {
    fn new(settings: &Settings, seed: u64) -> Result<Self, Contradiction> {
        let plan = Plan::new(settings, seed)?;
        Ok(Self { plan, keys: Keyspace::new(settings, &plan)? })
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

    fn kv(rows: &str) -> Kv {
        Kv::new(&Settings::defaults(COMMON).with(COMMON, "transaction.rows", rows), 1).unwrap()
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

    #[test]
    fn no_two_inserts_have_the_same_key() {
        let new: Vec<i64> =
            puts(&kv("1..=3")).iter().map(|(key, _)| *key).filter(|key| *key > 1_000).collect();
        assert!(new.len() > 500);
        assert_eq!(new.iter().collect::<BTreeSet<_>>().len(), new.len(), "with seed 1");
    }
}
