//! What is true of every shape in the registry.

mod common;

use common::{settings, shape};
use driftlab_model::{Ending, Key, Kind, Schema, Settings, Statement, TransactionId, Value};
use driftlab_workload::{COMMON, Operation, SHAPES, ShapeEntry};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn fits(schema: &Schema, key: &Key, values: Option<&[Value]>) -> Result<(), String> {
    let Some((id, table)) = schema.tables().find(|(id, _)| *id == key.table()) else {
        return Err(format!("{key} is of no table of the schema"));
    };
    if key.values().len() != table.key.len() {
        return Err(format!("{} has {} parts", key.describe(schema), key.values().len()));
    }
    if let Some(values) = values {
        if values.len() != table.columns.len() {
            return Err(format!("{} has {} values", key.describe(schema), values.len()));
        }
        if Key::of(id, table, values) != *key {
            return Err(format!("{} has the values of another key: {values:?}", key.describe(schema)));
        }
    }
    Ok(())
}

fn statement_fits(schema: &Schema, statement: &Statement) -> Result<(), String> {
    match statement {
        Statement::Insert { key, values } | Statement::Put { key, values } => fits(schema, key, Some(values)),
        Statement::Delete { key } => fits(schema, key, None),
        Statement::Rekey { key, to, values } => {
            fits(schema, key, None)?;
            fits(schema, to, Some(values))
        }
        Statement::Truncate { key } if *key == Key::all_of(key.table()) => Ok(()),
        Statement::Truncate { key } => Err(format!("{} is one row, and no table", key.describe(schema))),
        Statement::Update { key, assignments } => {
            fits(schema, key, None)?;
            let table = schema.table(key.table());
            let columns: BTreeSet<_> = assignments.iter().map(|(column, _)| *column).collect();
            if columns.len() != assignments.len() || assignments.is_empty() {
                return Err(format!("{} sets a column twice, or none", key.describe(schema)));
            }
            match columns.iter().find(|c| usize::from(c.0) >= table.columns.len() || table.is_key(**c)) {
                Some(column) => Err(format!("{} cannot set column {}", key.describe(schema), column.0)),
                None => Ok(()),
            }
        }
    }
}

fn any_entry() -> impl Strategy<Value = &'static ShapeEntry> {
    (0..SHAPES.len()).prop_map(|place| &SHAPES[place])
}

fn distribution() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["uniform", "zipf", "latest", "hotspot"])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// A key of no table, or a row that is a column short, would break a store in the middle of a run and look like its fault.
    #[test]
    fn keys_belong_to_the_schema_and_rows_have_its_columns(
        entry in any_entry(), distribution in distribution(), seed: u64, high in 1u64..6, from in 0u64..1_000_000,
    ) {
        let rows = format!("1..={high}");
        let mut given = vec![("keys.count", "20"), ("transaction.rows", rows.as_str())];
        if entry.name != "ycsb_d" {
            given.push(("keys.distribution", distribution));
        }
        let shape = shape(entry, seed, &given);
        let schema = shape.schema();
        for (key, values) in shape.load() {
            prop_assert_eq!(fits(&schema, &key, Some(&values)), Ok(()));
        }
        for index in from..from + 200 {
            match shape.operation(index) {
                Operation::Read(key) => prop_assert_eq!(fits(&schema, &key, None), Ok(())),
                Operation::Write(transaction) => {
                    prop_assert_eq!(transaction.id, TransactionId(index));
                    prop_assert!(!transaction.statements.is_empty());
                    let keys: BTreeSet<_> = transaction.statements.iter().map(Statement::key).collect();
                    prop_assert_eq!(keys.len(), transaction.statements.len(), "operation {} names a key twice", index);
                    for statement in &transaction.statements {
                        prop_assert_eq!(statement_fits(&schema, statement), Ok(()));
                    }
                }
            }
        }
    }

    /// Shrinking leaves operations out: what is left must be what it was, or the failure vanishes with the first step.
    #[test]
    fn an_operation_depends_on_its_index_and_not_on_what_was_asked_before(entry in any_entry(), seed: u64) {
        let given = [("keys.count", "50"), ("transaction.rows", "1..=3")];
        let (forth, back) = (shape(entry, seed, &given), shape(entry, seed, &given));
        let forward: Vec<_> = (0..200).map(|index| forth.operation(index)).collect();
        let mut backward: Vec<_> = (0..200).rev().step_by(7).map(|index| (index, back.operation(index))).collect();
        backward.reverse();
        for (index, operation) in backward {
            prop_assert_eq!(&operation, &forward[index as usize], "{} operation {}", entry.name, index);
            prop_assert_eq!(&operation, &forth.operation(index), "{} operation {} again", entry.name, index);
        }
        prop_assert_eq!(forth.load(), back.load());
    }

    /// A world is loaded once and run for many seeds: a cancellation that expects the lines of its own seed's orders would leave others behind.
    #[test]
    fn the_load_is_the_same_for_all_seeds(entry in any_entry(), distribution in distribution(), one: u64, two: u64) {
        let mut given = vec![("keys.count", "50"), ("transaction.rows", "1..=4")];
        if entry.name != "ycsb_d" {
            given.push(("keys.distribution", distribution));
        }
        let first = shape(entry, one, &given);
        prop_assert_eq!(first.load(), shape(entry, two, &given).load(), "{}, seeds {} and {}", entry.name, one, two);
        prop_assert_eq!(first.load(), first.reseeded(two).load(), "{}, reseeded from {} to {}", entry.name, one, two);
    }

    /// A search finds a seed with reseeded shapes; whoever replays that seed alone builds the shape for it.
    #[test]
    fn a_reseeded_shape_does_what_one_built_for_the_seed_does(entry in any_entry(), between: u64, seed: u64, from in 0u64..1_000_000) {
        let given = [("keys.count", "50"), ("transaction.rows", "1..=4"), ("transaction.rollback", "0.2")];
        let built = shape(entry, seed, &given);
        let once = shape(entry, 0, &given).reseeded(seed);
        let twice = shape(entry, 0, &given).reseeded(between).reseeded(seed);
        for index in (0..50).chain(from..from + 50) {
            let expected = built.operation(index);
            prop_assert_eq!(&once.operation(index), &expected, "{} operation {}, seed {}", entry.name, index, seed);
            prop_assert_eq!(&twice.operation(index), &expected, "{} operation {}, seed {} after {}", entry.name, index, seed, between);
        }
    }
}

#[test]
fn seeds_matter_and_loads_have_no_key_twice() {
    for entry in SHAPES {
        let (one, two) = (shape(entry, 1, &[]), shape(entry, 2, &[]));
        assert!((0..100).any(|index| one.operation(index) != two.operation(index)), "{}", entry.name);
        let load = one.load();
        let keys: BTreeSet<&Key> = load.iter().map(|(key, _)| key).collect();
        assert_eq!(keys.len(), load.len(), "{}", entry.name);
    }
}

/// An insert under a key that exists is refused: a workload that does so by accident measures refusals.
#[test]
fn inserts_never_collide_with_each_other_or_with_the_load() {
    let mut inserts = 0;
    // Of two customers who want one seat, the second is to be refused.
    for entry in SHAPES.iter().filter(|entry| entry.name != "seats") {
        let shape = shape(entry, 3, &[("keys.count", "50"), ("transaction.rows", "1..=4")]);
        let mut keys: BTreeSet<Key> = shape.load().into_iter().map(|(key, _)| key).collect();
        for index in 0..3_000 {
            let Operation::Write(transaction) = shape.operation(index) else { continue };
            for statement in transaction.statements {
                if let Statement::Insert { key, .. } = statement {
                    inserts += 1;
                    assert!(
                        keys.insert(key.clone()),
                        "{}: operation {index} inserts {key} again, seed 3",
                        entry.name
                    );
                }
            }
        }
    }
    assert!(inserts > 1_000, "only {inserts} inserts to collide, seed 3");
}

#[test]
fn every_default_fits_its_kind_and_no_name_is_declared_twice() {
    for entry in SHAPES {
        let mut names = BTreeSet::new();
        for setting in COMMON.iter().chain(entry.settings) {
            assert!(names.insert(setting.name), "{}: {} twice", entry.name, setting.name);
            assert!(!setting.summary.is_empty() && !setting.summary.ends_with('.'), "{}", setting.name);
            if let Some(text) = setting.default {
                assert!(setting.kind.read(text).is_ok(), "{} = {text}", setting.name);
            }
            if let Kind::Choice(words) = setting.kind {
                assert!(words.iter().all(|(_, meaning)| !meaning.is_empty()), "{}", setting.name);
            }
        }
        assert_eq!(ShapeEntry::named(entry.name).map(|found| found.summary), Some(entry.summary));
        assert_eq!(entry.check(&settings(entry, &[])), Ok(()), "{}", entry.name);
    }
    assert!(ShapeEntry::named("seats at the opera").is_none());
}

#[test]
fn contradictions_are_found_for_every_shape() {
    for entry in SHAPES {
        let refused =
            |given: &[(&str, &str)]| entry.check(&settings(entry, given)).err().map(|why| why.setting);
        assert_eq!(refused(&[("rate", "5/s"), ("think", "1ms")]), Some("think"), "{}", entry.name);
        assert_eq!(refused(&[("transaction.rows", "0")]), Some("transaction.rows"), "{}", entry.name);
        if !entry.needs_dataset {
            let given = [("keys.count", "3"), ("transaction.rows", "4")];
            assert_eq!(refused(&given), Some("transaction.rows"), "{}", entry.name);
        }
    }
}

#[test]
fn a_database_needs_a_file_with_rows() {
    let entry = ShapeEntry::named("database").unwrap();
    let settings: Settings = settings(entry, &[]);
    let refused = |dataset| (entry.build)(&settings, 1, dataset).err().map(|why| why.setting);
    assert_eq!(refused(None), Some("database"));
    let mut dataset = common::dataset();
    dataset.rows.clear();
    assert_eq!(refused(Some(&dataset.into())), Some("database"));
}

#[test]
fn transactions_of_a_database_span_its_tables_and_touch_each() {
    let shape = shape(ShapeEntry::named("database").unwrap(), 5, &[("transaction.rows", "4")]);
    let (mut touched, mut spanning) = ([0; 4], 0);
    for index in 0..2_000 {
        let Operation::Write(transaction) = shape.operation(index) else { continue };
        let tables: BTreeSet<_> = transaction.statements.iter().map(|s| s.key().table()).collect();
        spanning += usize::from(tables.len() > 1);
        for table in tables {
            touched[usize::from(table.0)] += 1;
        }
    }
    assert!(
        touched[..3].iter().all(|&count| count > 20) && spanning > 500,
        "{touched:?}, {spanning} with seed 5"
    );
    assert_eq!(touched[3], 0, "a table without rows has nothing to copy");
}

#[test]
fn rollbacks_are_drawn_for_every_shape() {
    for entry in SHAPES {
        let shape = shape(entry, 7, &[("transaction.rollback", "1")]);
        let mut writes = 0;
        for index in 0..200 {
            if let Operation::Write(transaction) = shape.operation(index) {
                writes += 1;
                assert_eq!(transaction.ending, Ending::Rollback, "{}", entry.name);
            }
        }
        // YCSB's workload C only reads.
        assert_eq!(writes > 0, entry.name != "ycsb_c", "{}: {writes} of 200 write", entry.name);
    }
}
