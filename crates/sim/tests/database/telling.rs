//! Truncates, changes of the key, and values that are left out: what is true, and what the log tells of it.

use crate::fixture::{ACCOUNTS, Bank, account, add, balance, delete, insert, put, values};
use driftlab_model::{Commit, Key, Lsn, Refusal, Statement, Telling, Value};
use driftlab_sim::database::{DatabaseConfig, Isolation, Step};
use std::sync::Arc;

fn truncate() -> Statement {
    Statement::Truncate { key: Key::all_of(ACCOUNTS) }
}

fn rekey(from: i64, to: i64) -> Statement {
    Statement::Rekey { key: account(from), to: account(to), values: values(to, 7) }
}

fn with_slot(config: DatabaseConfig) -> Bank {
    let mut bank = Bank::new(config, 3);
    bank.db.create_slot("cdc");
    bank
}

fn told(bank: &Bank) -> Vec<Arc<Commit>> {
    let mut commits = Vec::new();
    bank.db.read_slot("cdc", Lsn(0), 100, &mut commits).expect("the slot is there");
    commits
}

/// supabase/etl#99: every row is gone, and the log has one record that names none of them.
#[test]
fn a_truncate_is_a_deletion_of_each_row_and_one_change_in_the_log() {
    let mut bank = with_slot(DatabaseConfig { triggers: true, ..DatabaseConfig::default() });
    let commit = bank.autocommit(&truncate());
    assert_eq!(commit.changes.len(), 3);
    let first = &commit.changes[0];
    for change in &commit.changes {
        assert_eq!((balance(change.before.as_ref()), balance(change.after.as_ref())), (Some(100), None));
        assert_eq!((change.write, change.version), (first.write, first.version));
    }
    let [record] = &told(&bank)[..] else { panic!("one record") };
    assert_eq!((record.index, record.lsn, record.at), (commit.index, commit.lsn, commit.at));
    assert_eq!(record.changes.len(), 1);
    assert_eq!(record.changes[0].empties(), Some(ACCOUNTS));
    assert_eq!(record.changes[0].version, first.version);
    assert_eq!(bank.db.poll(driftlab_model::Sequence(0), 10).entries, [], "no trigger fires");
    assert_eq!((1..=3).filter_map(|n| bank.balance(n)).count(), 0);
    assert_eq!(bank.autocommit(&truncate()).changes.len(), 0, "an empty table is empty");
    bank.autocommit(&insert(2, 5));
    assert_eq!(bank.balance(2), Some(5));
}

/// The log says that all rows are gone: a row that an open transaction adds would be gone from every copy and not from the source.
#[test]
fn a_truncate_waits_for_whoever_writes_in_the_table_and_holds_up_whoever_comes_after() {
    let mut bank = with_slot(DatabaseConfig::default());
    let writer = bank.begin();
    bank.run(writer, 0, &insert(9, 90));
    let truncating = bank.begin();
    assert_eq!(bank.try_run(truncating, 0, &truncate()), Step::Wait);
    let late = bank.begin();
    assert_eq!(bank.try_run(late, 0, &insert(8, 80)), Step::Wait);
    bank.commit(writer).unwrap();
    assert_eq!(bank.granted(), [truncating.session]);
    bank.run(truncating, 0, &truncate());
    assert_eq!(bank.try_run(late, 0, &insert(8, 80)), Step::Wait, "until the truncate is committed");
    assert_eq!(bank.commit(truncating).unwrap().changes.len(), 4);
    assert_eq!(bank.granted(), [late.session]);
    bank.run(late, 0, &insert(8, 80));
    bank.commit(late).unwrap();
    let left: Vec<i64> = (1..=9).filter(|&n| bank.balance(n).is_some()).collect();
    assert_eq!(left, [8]);
}

#[test]
fn a_truncate_that_is_rolled_back_leaves_everything_and_its_circles_are_found() {
    let mut bank = with_slot(DatabaseConfig::default());
    let (one, other) = (bank.begin(), bank.begin());
    bank.run(one, 0, &put(1, 1));
    bank.run(other, 0, &put(2, 2));
    assert_eq!(bank.try_run(one, 1, &truncate()), Step::Wait);
    assert_eq!(bank.try_run(other, 1, &put(3, 3)), Step::Refused(Refusal::Deadlock));
    bank.db.rollback(other.session);
    assert_eq!(bank.granted(), [one.session]);
    bank.run(one, 1, &truncate());
    bank.db.rollback(one.session);
    assert_eq!((1..=3).map(|n| bank.balance(n)).collect::<Vec<_>>(), [Some(100); 3]);
    assert_eq!(told(&bank).len(), 0);
}

#[test]
fn under_snapshot_isolation_a_truncate_is_refused_over_a_newer_row() {
    let mut bank = Bank::at(Isolation::Snapshot);
    let client = bank.begin();
    bank.run(client, 0, &add(1, 1));
    bank.autocommit(&put(2, 2));
    assert_eq!(bank.try_run(client, 1, &truncate()), Step::Refused(Refusal::SerializationFailure));
}

/// risingwave#12026.
#[test]
fn a_change_of_the_key_is_two_changes_and_one_update_in_the_log() {
    let mut bank = with_slot(DatabaseConfig { triggers: true, ..DatabaseConfig::default() });
    let commit = bank.autocommit(&rekey(1, 8));
    let seen: Vec<_> = commit
        .changes
        .iter()
        .map(|change| (&change.key, balance(change.before.as_ref()), balance(change.after.as_ref())))
        .collect();
    assert_eq!(seen, [(&account(1), Some(100), None), (&account(8), None, Some(7))]);
    let [record] = &told(&bank)[..] else { panic!("one record") };
    assert_eq!(record.changes.len(), 1);
    let update = &record.changes[0];
    assert_eq!((&update.key, balance(update.before.as_ref())), (&account(8), Some(100)));
    assert_eq!(balance(update.after.as_ref()), Some(7));
    assert_eq!(bank.db.poll(driftlab_model::Sequence(0), 10).entries.len(), 2, "triggers see both keys");
    assert_eq!((bank.balance(1), bank.balance(8)), (None, Some(7)));
}

#[test]
fn a_row_that_is_not_there_is_not_moved_and_none_is_moved_over_another() {
    let mut bank = with_slot(DatabaseConfig::default());
    assert_eq!(bank.autocommit(&rekey(9, 8)).changes.len(), 0);
    let client = bank.begin();
    assert_eq!(bank.try_run(client, 0, &rekey(1, 2)), Step::Refused(Refusal::Conflict));
    bank.db.rollback(client.session);
    let client = bank.begin();
    bank.run(client, 0, &rekey(1, 8));
    bank.run(client, 1, &delete(8));
    let commit = bank.commit(client).unwrap();
    assert_eq!((commit.changes.len(), &commit.changes[0].key), (1, &account(1)));
    let record = &told(&bank)[0];
    assert_eq!((record.changes.len(), record.changes[0].after.is_none()), (1, true));
}

/// debezium-server-iceberg#196. The key has eight bytes as well, and is in every record.
#[test]
fn a_large_value_that_an_update_leaves_alone_is_not_in_the_log() {
    let mut bank =
        with_slot(DatabaseConfig { telling: Telling { toast: Some(4) }, ..DatabaseConfig::default() });
    let commit = bank.autocommit(&put(1, 100));
    assert_eq!(
        commit.changes[0].after.as_ref().map(|row| row.values().to_vec()),
        Some(values(1, 100).to_vec())
    );
    let record = &told(&bank)[0];
    let after = record.changes[0].after.as_ref().expect("an update");
    assert_eq!(after.values()[..], [Value::from(1), Value::Null]);
    assert!(after.is_partial());
    assert!(told(&bank)[0].size() < commit.size());
}
