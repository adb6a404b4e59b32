//! A real database: its tables, its keys, its rows.

mod fresh;
mod table;
mod vary;

use crate::dataset::Dataset;
use crate::draw::{Purpose, below};
use crate::mix::Action;
use crate::plan::Plan;
use crate::registry::ShapeEntry;
use crate::shape::{Operation, Shape};
use driftlab_model::{Assignment, Contradiction, Key, Schema, Settings, Statement, Value};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use table::SourceTable;

pub(crate) const ENTRY: ShapeEntry = ShapeEntry {
    name: "database",
    summary: "the tables, keys and rows of a real SQLite file, changed in the shapes that its rows have",
    settings: &[],
    needs_dataset: true,
    build: |settings, seed, dataset| {
        let Some(dataset) = dataset else {
            return Err(Contradiction::at(
                "database",
                "the shape \"database\" needs a SQLite file: add database = \"…\"",
            ));
        };
        Ok(Rc::new(Database::new(settings, seed, Arc::clone(dataset))?))
    },
};

mod purpose {
    use crate::draw::Purpose;

    pub(super) const READ: Purpose = Purpose::named("database.read");
    pub(super) const INSERT: Purpose = Purpose::named("database.insert");
    pub(super) const RESTORE: Purpose = Purpose::named("database.restore");
    pub(super) const UPDATE: Purpose = Purpose::named("database.update");
    pub(super) const COLUMNS: Purpose = Purpose::named("database.columns");
    pub(super) const DONOR: Purpose = Purpose::named("database.donor");
    pub(super) const VARY: Purpose = Purpose::named("database.vary");
    pub(super) const VARIATION: Purpose = Purpose::named("database.variation");
    pub(super) const DELETE: Purpose = Purpose::named("database.delete");
}

/// The rows of a real database.
///
/// Tables are chosen by how many rows they have, with something for the smallest; each row of a transaction chooses anew, so that transactions span tables.
/// Within a table, the popularity of keys is as the settings say, over the rows of the file; `keys.count` is not used.
///
/// - An insert is a copy of some row under a key that nobody has; half of the time, what an earlier deletion removed is put back instead, so that
///   the database does not run empty.
/// - An update sets one to three columns that are not part of the key to values of the shape that the column has elsewhere: another row's, or
///   a variation of it. A row of nothing but its key, as in a join table, is replaced by another.
/// - A deletion removes a row of the file, all of a table alike: by popularity, the most popular rows would soon be gone and updates find nothing.
///
/// Foreign keys are not enforced. A transaction touches fewer rows than asked for where sixteen draws find none that it does not have yet, as in a file of a few rows.
#[derive(Clone)]
struct Database {
    plan: Plan,
    dataset: Arc<Dataset>,
    tables: Rc<[SourceTable]>,
    weight: u64,
}

/// A table, by its place in `Database::tables`, and a row of the file in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    table: usize,
    row: usize,
}

/// Which of a table's rows are likely.
#[derive(Clone, Copy)]
enum Likely {
    Popular,
    Any,
}

impl Database {
    fn new(settings: &Settings, seed: u64, dataset: Arc<Dataset>) -> Result<Self, Contradiction> {
        let plan = Plan::new(settings, seed)?;
        let tables: Rc<[SourceTable]> = SourceTable::all(&dataset, settings).into();
        let weight = tables.iter().map(|table| table.weight).sum();
        if tables.is_empty() {
            return Err(Contradiction::at(
                "database",
                "no table of the database has any row, so there is nothing to work on: choose another file",
            ));
        }
        Ok(Self { plan, dataset, tables, weight })
    }

    fn target(&self, likely: Likely, draw: u64, of_row: u64) -> Target {
        let mut left = below(draw, self.weight);
        let mut chosen = 0;
        for (place, table) in self.tables.iter().enumerate() {
            chosen = place;
            if left < table.weight {
                break;
            }
            left -= table.weight;
        }
        let table = &self.tables[chosen];
        let place = match likely {
            Likely::Popular => table.popularity.place(of_row),
            Likely::Any => below(of_row, table.rows.len() as u64),
        };
        Target { table: chosen, row: table.rows[place as usize] }
    }

    /// The different rows of the file that a transaction works on.
    fn targets(&self, likely: Likely, purpose: Purpose, index: u64) -> Vec<Target> {
        const ATTEMPTS: u64 = 16;
        let mut seen = BTreeSet::new();
        (0..self.plan.rows(index))
            .filter_map(|row| {
                (0..ATTEMPTS)
                    .map(|attempt| {
                        let sub = 2 * (row * ATTEMPTS + attempt);
                        let draw = |sub| self.plan.draws().at(purpose, index, sub);
                        self.target(likely, draw(sub), draw(sub + 1))
                    })
                    .find(|target| seen.insert(*target))
            })
            .collect()
    }

    fn row(&self, target: Target) -> &(Key, Arc<[Value]>) {
        &self.dataset.rows[target.row]
    }

    /// A row like the target's under a key of its own.
    fn like(&self, target: Target, index: u64, row: u64) -> Statement {
        let ordinal = self.plan.ordinal(index, row);
        let (key, values) = self.tables[target.table].fresh.row(&self.row(target).1, ordinal);
        Statement::Insert { key, values }
    }

    fn insert(&self, index: u64) -> Vec<Statement> {
        let draw = |sub| self.plan.draws().at(purpose::RESTORE, index, sub);
        let restored =
            (draw(0) & 1 == 0).then(|| self.plan.earlier(Action::Delete, index, draw(1))).flatten();
        match restored {
            Some(earlier) => self
                .deleted(earlier)
                .into_iter()
                .map(|target| {
                    let (key, values) = self.row(target).clone();
                    Statement::Put { key, values }
                })
                .collect(),
            None => (0..)
                .zip(self.targets(Likely::Any, purpose::INSERT, index))
                .map(|(row, target)| self.like(target, index, row))
                .collect(),
        }
    }

    /// What the operation `index` deletes, if it is a deletion.
    fn deleted(&self, index: u64) -> Vec<Target> {
        self.targets(Likely::Any, purpose::DELETE, index)
    }

    fn update(&self, target: Target, index: u64, row: u64) -> Vec<Statement> {
        let table = &self.tables[target.table];
        let key = self.row(target).0.clone();
        if table.free.is_empty() {
            return vec![Statement::Delete { key }, self.like(target, index, row)];
        }
        let draw = |purpose, sub| self.plan.draws().at(purpose, index, row << 8 | sub);
        let many = (1 + below(draw(purpose::COLUMNS, 0), 3)).min(table.free.len() as u64);
        let first = below(draw(purpose::COLUMNS, 1), table.free.len() as u64);
        let assignments = (0..many)
            .map(|n| {
                let column = table.free[((first + n) % table.free.len() as u64) as usize];
                let donor = table.rows[below(draw(purpose::DONOR, n), table.rows.len() as u64) as usize];
                let value = &self.dataset.rows[donor].1[usize::from(column.0)];
                let value = if value == &self.row(target).1[usize::from(column.0)]
                    || draw(purpose::VARY, n) & 1 == 0
                {
                    vary::vary(value, draw(purpose::VARIATION, n))
                } else {
                    value.clone()
                };
                (column, Assignment::Set(value))
            })
            .collect();
        vec![Statement::Update { key, assignments }]
    }
}

impl Shape for Database {
    fn schema(&self) -> Schema {
        self.dataset.schema.clone()
    }

    fn load(&self) -> Vec<(Key, Arc<[Value]>)> {
        self.dataset.rows.clone()
    }

    fn operation(&self, index: u64) -> Operation {
        let statements = match self.plan.action(index) {
            Action::Read => {
                let draw = |sub| self.plan.draws().at(purpose::READ, index, sub);
                return Operation::Read(self.row(self.target(Likely::Popular, draw(0), draw(1))).0.clone());
            }
            Action::Insert => self.insert(index),
            Action::Update => (0..)
                .zip(self.targets(Likely::Popular, purpose::UPDATE, index))
                .flat_map(|(row, target)| self.update(target, index, row))
                .collect(),
            Action::Delete => self
                .deleted(index)
                .into_iter()
                .map(|target| Statement::Delete { key: self.row(target).0.clone() })
                .collect(),
        };
        self.plan.write(index, statements)
    }

    fn reseeded(&self, seed: u64) -> Rc<dyn Shape> {
        Rc::new(Self { plan: self.plan.reseeded(seed), ..self.clone() })
    }
}
