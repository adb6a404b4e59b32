//! Counters that are only ever added to: what a sink that sums up must not count twice.

use crate::draw::below;
use crate::keyspace::Keyspace;
use crate::mix::Action;
use crate::plan::Plan;
use crate::registry::ShapeEntry;
use crate::shape::{Operation, Shape};
use driftlab_model::{
    Assignment, ColumnId, ColumnType, Contradiction, Key, Schema, Settings, Statement, Statements, Table,
    TableId, Value,
};
use std::rc::Rc;
use std::sync::Arc;

pub(crate) const ENTRY: ShapeEntry = ShapeEntry {
    name: "counters",
    summary: "counters that every write adds to, whatever the mix calls it; for sinks that sum up",
    settings: &[],
    needs_dataset: false,
    build: |settings, seed, _| Ok(Rc::new(Counters::new(settings, seed)?)),
};

const COUNTER: TableId = TableId(0);
const COUNT: ColumnId = ColumnId(1);

mod purpose {
    use crate::draw::Purpose;

    pub(super) const READ: Purpose = Purpose::named("counters.read");
    pub(super) const ADD: Purpose = Purpose::named("counters.add");
    pub(super) const AMOUNT: Purpose = Purpose::named("counters.amount");
}

/// A fixed set of counters. Inserts, updates and deletions of the mix all add from 1 to 10 to as many counters as the transaction has rows,
/// because a counter that comes and goes has no sum to check.
#[derive(Clone, Copy)]
struct Counters {
    plan: Plan,
    keys: Keyspace,
}

impl Counters {
    fn new(settings: &Settings, seed: u64) -> Result<Self, Contradiction> {
        let plan = Plan::new(settings, seed)?;
        Ok(Self { plan, keys: Keyspace::fixed(settings, &plan)? })
    }
}

impl Shape for Counters {
    fn schema(&self) -> Schema {
        let columns = [("id", ColumnType::Integer), ("count", ColumnType::Integer)];
        Schema::new(vec![Table::new("counter", "counter", 1, &columns)])
    }

    fn load(&self) -> Vec<(Key, Arc<[Value]>)> {
        let row = |id| (Key::integer(COUNTER, id), [Value::from(id), Value::from(0)].into());
        self.keys.loaded().map(row).collect()
    }

    fn operation(&self, index: u64) -> Operation {
        let plan = &self.plan;
        if plan.action(index) == Action::Read {
            return Operation::Read(Key::integer(COUNTER, self.keys.key(plan, purpose::READ, index)));
        }
        let statements: Statements = (0..)
            .zip(self.keys.keys(plan, purpose::ADD, index))
            .map(|(row, id)| {
                let amount = 1 + below(plan.draws().at(purpose::AMOUNT, index, row), 10) as i64;
                Statement::Update {
                    key: Key::integer(COUNTER, id),
                    assignments: vec![(COUNT, Assignment::Add(Value::from(amount)))],
                }
            })
            .collect();
        plan.write(index, statements)
    }

    fn reseeded(&self, seed: u64) -> Rc<dyn Shape> {
        Rc::new(Self { plan: self.plan.reseeded(seed), ..*self })
    }
}
