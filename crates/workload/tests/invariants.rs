//! The rules of every domain hold in a database that is free of faults, in whatever order its transactions commit.

mod common;

use common::shape;
use driftlab_model::hash::mix;
use driftlab_model::{Ending, Invariant, Key, Row, Statement, Time, Transaction, Value, Version};
use driftlab_workload::{Operation, SHAPES, ShapeEntry};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A database that runs one transaction at a time.
struct Serial {
    rows: BTreeMap<Key, Row>,
    rules: Vec<Box<dyn Invariant>>,
}

impl Serial {
    fn of(shape: &dyn driftlab_workload::Shape) -> Self {
        let mut database = Self {
            rows: BTreeMap::new(),
            rules: shape.invariants().iter().map(|rule| rule.fresh()).collect(),
        };
        for (key, values) in shape.load() {
            database.set(&key, Some(&row(values)));
        }
        database
    }

    fn set(&mut self, key: &Key, after: Option<&Row>) {
        let before = match after {
            Some(row) => self.rows.insert(key.clone(), row.clone()),
            None => self.rows.remove(key),
        };
        for rule in &mut self.rules {
            rule.change(key, before.as_ref(), after);
        }
    }

    fn run(&mut self, transaction: &Transaction) {
        let refused = transaction.statements.iter().any(
            |statement| matches!(statement, Statement::Insert { key, .. } if self.rows.contains_key(key)),
        );
        if transaction.ending == Ending::Rollback || refused {
            return;
        }
        for statement in &transaction.statements {
            let after = statement.outcome_on(self.rows.get(statement.key()).map(Row::values)).map(row);
            self.set(statement.key(), after.as_ref());
        }
    }

    fn broken(&self) -> Option<String> {
        self.rules.iter().find_map(|rule| rule.broken())
    }
}

/// A transaction under way at the weakest isolation that a source has: every statement sees what is committed by then.
struct Open<'a> {
    transaction: &'a Transaction,
    next: usize,
    pending: BTreeMap<Key, Option<Row>>,
}

/// What became of a step.
enum Step {
    Ran,
    Waits,
    Ended,
}

impl Open<'_> {
    /// Runs the next statement, or ends. Rows that it changed are locked until then; a statement on a row that is not there, or not
    /// committed yet, locks nothing and waits for nobody.
    fn step(&mut self, database: &mut Serial, locked: &BTreeSet<Key>) -> Step {
        let Some(statement) = self.transaction.statements.get(self.next) else {
            if self.transaction.ending == Ending::Commit {
                for (key, after) in &self.pending {
                    database.set(key, after.as_ref());
                }
            }
            return Step::Ended;
        };
        let key = statement.key();
        let adds = statement.is_absolute() && !matches!(statement, Statement::Delete { .. });
        if locked.contains(key) && (adds || database.rows.contains_key(key)) {
            return Step::Waits;
        }
        let before = self.pending.get(key).cloned().unwrap_or_else(|| database.rows.get(key).cloned());
        if before.is_some() && matches!(statement, Statement::Insert { .. }) {
            return Step::Ended;
        }
        let after = statement.outcome_on(before.as_ref().map(Row::values)).map(row);
        if before.is_some() || after.is_some() {
            self.pending.insert(key.clone(), after);
        }
        self.next += 1;
        Step::Ran
    }
}

/// Runs transactions, at most `clients` at once, statement by statement in an order that `choices` gives. Returns how many committed, and the first
/// rule that a commit broke.
fn interleave(
    database: &mut Serial,
    transactions: &[Transaction],
    clients: usize,
    choices: u64,
) -> (usize, Option<String>) {
    let mut waiting = transactions.iter();
    let mut open: Vec<Open<'_>> = Vec::new();
    let (mut committed, mut stuck) = (0, 0);
    for step in 0.. {
        while open.len() < clients
            && let Some(transaction) = waiting.next()
        {
            open.push(Open { transaction, next: 0, pending: BTreeMap::new() });
        }
        if open.is_empty() {
            break;
        }
        let chosen = (mix(choices, step) % open.len() as u64) as usize;
        let mut running = open.swap_remove(chosen);
        let locked = open.iter().flat_map(|other| other.pending.keys().cloned()).collect();
        match running.step(database, &locked) {
            Step::Ran => stuck = 0,
            // Nobody got any further for long: a deadlock, of which this one is the victim.
            Step::Waits if stuck > 4 * clients => {
                stuck = 0;
                continue;
            }
            Step::Waits => stuck += 1,
            Step::Ended => {
                committed += 1;
                if let Some(why) = database.broken() {
                    return (committed, Some(format!("{} after {}", why, running.transaction.id)));
                }
                continue;
            }
        }
        open.push(running);
    }
    (committed, None)
}

fn row(values: Arc<[Value]>) -> Row {
    Row::new(driftlab_model::WriteId::LOAD, Version(0), Time::ZERO, values)
}

fn ruled() -> Vec<&'static ShapeEntry> {
    SHAPES.iter().filter(|entry| !shape(entry, 0, &[]).invariants().is_empty()).collect()
}

/// A database as it is loaded once for all seeds, and what the clients of one seed write.
fn writes(entry: &ShapeEntry, seed: u64) -> (Serial, Vec<Transaction>) {
    let given = [
        // Four orders of the load, of several sizes: one of a single line is cancelled whole by any cancellation.
        ("keys.count", "40"),
        ("transaction.rows", "1..=4"),
        ("transaction.rollback", "0.2"),
        ("mix.delete", "3"),
        ("mix.insert", "3"),
    ];
    let first = shape(entry, 0, &given);
    let shape = first.reseeded(seed);
    let writes = (0..300)
        .filter_map(|index| match shape.operation(index) {
            Operation::Write(transaction) => Some(transaction),
            Operation::Read(_) => None,
        })
        .collect();
    (Serial::of(&*first), writes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// A rule that the source itself may break would blame copies for showing what is there.
    #[test]
    fn rules_hold_after_every_commit_in_any_order(
        entry in prop::sample::select(ruled()), seed: u64, order in Just((0..400usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let (mut database, transactions) = writes(entry, seed);
        prop_assert_eq!(database.broken(), None, "{} after the load, seed {}", entry.name, seed);
        for place in order {
            let Some(transaction) = transactions.get(place) else { continue };
            database.run(transaction);
            prop_assert_eq!(database.broken(), None, "{} after {}, seed {}", entry.name, transaction.id, seed);
        }
    }

    /// A cancellation that meets half of an order would delete what is there and leave the rest, in the source itself.
    #[test]
    fn rules_hold_when_statements_of_many_clients_alternate(
        entry in prop::sample::select(ruled()), seed: u64, choices: u64, clients in 2usize..12,
    ) {
        let (mut database, transactions) = writes(entry, seed);
        let (ended, broken) = interleave(&mut database, &transactions, clients, choices);
        prop_assert_eq!(broken, None, "{}, seed {}, choices {}", entry.name, seed, choices);
        prop_assert!(ended > transactions.len() / 20, "only {} of {} ended", ended, transactions.len());
    }

    /// A transaction that is retried after an unknown outcome may take effect twice.
    #[test]
    fn rules_hold_when_transactions_run_twice(entry in prop::sample::select(ruled()), seed: u64) {
        let (mut database, transactions) = writes(entry, seed);
        for pair in transactions.windows(2) {
            database.run(&pair[1]);
            database.run(&pair[0]);
            prop_assert_eq!(database.broken(), None, "{} after {}, seed {}", entry.name, pair[0].id, seed);
        }
    }
}

/// A canary: rules that nothing can break would let every torn transaction pass.
#[test]
fn half_a_transaction_breaks_a_rule_of_every_domain_that_has_one() {
    let names: Vec<&str> = ruled().iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["orders", "seats", "bank"]);
    for entry in ruled() {
        let (mut database, transactions) = writes(entry, 1);
        let mut broken = 0;
        for mut transaction in transactions {
            transaction.ending = Ending::Commit;
            // A shop's request comes first, then the order: what is left out must be one of its rows.
            let half = transaction.statements.len().div_ceil(2).max(2);
            transaction.statements.truncate(half.min(transaction.statements.len() - 1));
            database.run(&transaction);
            broken += u32::from(database.broken().is_some());
        }
        assert!(broken > 10, "{}: half a transaction broke a rule {broken} times with seed 1", entry.name);
    }
}

/// Orders and their cancellations meet: without that, the rules of the shop would be tested on inserts alone.
#[test]
fn orders_of_the_load_and_of_the_run_are_cancelled() {
    let (mut database, transactions) = writes(ShapeEntry::named("orders").unwrap(), 2);
    let (mut gone_from_load, mut gone_from_run) = (0, 0);
    for transaction in &transactions {
        for statement in &transaction.statements {
            let key = statement.key();
            if matches!(statement, Statement::Delete { .. })
                && key.values().len() == 1
                && database.rows.contains_key(key)
            {
                let id = key.as_integer().unwrap();
                if id <= 4 { gone_from_load += 1 } else { gone_from_run += 1 }
            }
        }
        database.run(transaction);
    }
    assert!(gone_from_load > 0 && gone_from_run > 5, "{gone_from_load} and {gone_from_run} with seed 2");
}
