//! What a commit says it changed.

use crate::fixture::{ACCOUNTS, Bank, account, add, balance, delete, insert, put, whole_table};
use driftlab_model::port::{Capture, Scan};
use driftlab_model::{CommitIndex, Time, Version, WriteId};
use driftlab_sim::database::{DatabaseConfig, Isolation, Step};

fn bank() -> Bank {
    Bank::at(Isolation::ReadCommitted)
}

#[test]
fn a_commit_holds_net_changes_in_the_order_of_first_writes() {
    let mut bank = bank();
    let client = bank.begin();
    bank.run(client, 0, &delete(9));
    bank.run(client, 1, &put(2, 20));
    bank.run(client, 2, &insert(9, 90));
    bank.run(client, 3, &add(1, 1));
    bank.run(client, 4, &add(2, 2));
    bank.run(client, 5, &insert(8, 80));
    bank.run(client, 6, &delete(8));
    bank.run(client, 7, &delete(3));
    let commit = bank.commit(client).unwrap();
    let told: Vec<_> = commit
        .changes
        .iter()
        .map(|change| {
            let key = change.key.as_integer().unwrap();
            (key, balance(change.before.as_ref()), balance(change.after.as_ref()), change.write.index)
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, Some(100), Some(22), 4),
            (9, None, Some(90), 2),
            (1, Some(100), Some(101), 3),
            (3, Some(100), None, 7)
        ]
    );
    assert_eq!(commit.index, CommitIndex(1));
    for change in &commit.changes {
        let after = change.after.as_ref();
        assert!(after.is_none_or(|row| row.write() == change.write && row.version() == change.version));
    }
}

#[test]
fn a_row_deleted_and_added_again_in_one_transaction_was_changed() {
    let mut bank = bank();
    let client = bank.begin();
    bank.run(client, 0, &delete(1));
    assert_eq!(bank.balance_in(client, 1), None);
    bank.run(client, 1, &insert(1, 7));
    let commit = bank.commit(client).unwrap();
    assert_eq!(commit.changes.len(), 1);
    assert_eq!(balance(commit.changes[0].before.as_ref()), Some(100));
    assert_eq!(balance(commit.changes[0].after.as_ref()), Some(7));
}

#[test]
fn a_transaction_without_changes_takes_no_place_in_the_commit_order() {
    let mut bank = bank();
    bank.db.create_slot("cdc");
    let last = bank.autocommit(&put(1, 1));
    let (idle, fruitless) = (bank.begin(), bank.begin());
    bank.run(fruitless, 0, &insert(9, 1));
    bank.run(fruitless, 1, &delete(9));
    bank.run(fruitless, 2, &add(9, 1));
    for client in [idle, fruitless] {
        let commit = bank.commit(client).unwrap();
        assert_eq!((commit.index, commit.lsn, commit.changes.len()), (last.index, last.lsn, 0));
        assert_eq!(commit.transaction, client.transaction);
    }
    assert_eq!(bank.autocommit(&put(1, 2)).index, last.index.next());
    let mut records = Vec::new();
    bank.db.read_slot("cdc", driftlab_model::Lsn(0), 10, &mut records).unwrap();
    assert_eq!(records.len(), 2);
}

/// A conditional write compares versions: one that the order of commits contradicts would let an old row win.
#[test]
fn versions_of_a_key_grow_with_its_commits_deletions_included() {
    let mut bank = bank();
    let mut last = Version(0);
    for statement in [put(1, 1), delete(1), insert(1, 2), add(1, 1), delete(1), put(1, 3)] {
        let commit = bank.autocommit(&statement);
        assert!(commit.changes[0].version > last, "{statement:?}");
        last = commit.changes[0].version;
    }
}

#[test]
fn rows_of_the_initial_load_share_its_write_and_the_beginning_of_time() {
    let mut bank = bank();
    let row = bank.db.read(&account(1)).unwrap();
    assert_eq!((row.write(), row.version(), row.updated_at()), (WriteId::LOAD, Version(0), Time::ZERO));
    assert_eq!(bank.db.last_index(), CommitIndex(0));
}

#[test]
fn a_soft_deletion_is_gone_for_readers_and_there_for_scans_by_stamp() {
    let mut bank = bank();
    let client = bank.begin_with(Capture::SoftDeletes);
    assert_eq!(bank.run_at(client, 0, &delete(2), Time::from_nanos(50)), Step::Done);
    let commit = bank.commit(client).unwrap();
    assert!(commit.changes[0].before.is_some() && commit.changes[0].after.is_none());
    assert_eq!(bank.db.read(&account(2)), None);

    let view = bank.db.open_snapshot();
    assert_eq!(view.newest_stamp, Time::from_nanos(50));
    let page = bank.db.scan(view.id, &whole_table(10)).unwrap();
    assert_eq!(page.rows.len(), 4, "a scan without a stamp gives live rows");
    let since = |nanos| Scan {
        table: ACCOUNTS,
        after: None,
        limit: 10,
        updated_after: Some(Time::from_nanos(nanos)),
    };
    let page = bank.db.scan(view.id, &since(49)).unwrap();
    assert_eq!(page.rows.len(), 1);
    assert_eq!((&page.rows[0].key, &page.rows[0].row), (&account(2), &None));
    assert_eq!(page.rows[0].updated_at, Time::from_nanos(50));
    assert!(bank.db.scan(view.id, &since(50)).unwrap().rows.is_empty(), "above the stamp, not at it");
    bank.db.close_snapshot(view.id);

    let again = bank.begin_with(Capture::SoftDeletes);
    bank.run(again, 0, &delete(2));
    assert!(bank.commit(again).unwrap().changes.is_empty(), "what is marked is not there to delete");
    let commit = bank.autocommit(&insert(2, 7));
    assert_eq!(commit.changes[0].before, None);
    assert_eq!(bank.balance(2), Some(7));
}

#[test]
fn a_row_added_and_softly_deleted_in_one_transaction_leaves_no_mark() {
    let mut bank = bank();
    let client = bank.begin_with(Capture::SoftDeletes);
    bank.run(client, 0, &insert(9, 1));
    bank.run(client, 1, &delete(9));
    assert!(bank.commit(client).unwrap().changes.is_empty());
    let view = bank.db.open_snapshot();
    let scan = Scan { updated_after: Some(Time::ZERO), ..whole_table(10) };
    assert!(bank.db.scan(view.id, &scan).unwrap().rows.is_empty());
}

#[test]
fn costs_count_what_was_done() {
    let mut bank = Bank::new(DatabaseConfig { triggers: true, ..DatabaseConfig::default() }, 3);
    let commit = bank.autocommit(&put(1, 1));
    let rolled_back = bank.begin();
    bank.run(rolled_back, 0, &put(1, 2));
    bank.run(rolled_back, 1, &add(9, 2));
    bank.db.rollback(rolled_back.session);
    assert_eq!((bank.balance(1), bank.balance(9)), (Some(1), None));
    let page = bank.db.poll(driftlab_model::Sequence(0), 10);
    let before = bank.db.costs();
    assert_eq!((before.rows_written, before.extra_rows_written, before.rows_read), (2, 2, 2));
    assert_eq!(before.log_bytes_written, commit.lsn.0);
    assert_eq!(commit.lsn.0, (commit.size() + page.entries[0].event.size()) as u64);
    bank.db.remove(&[page.entries[0].sequence]);
    let after = bank.db.costs();
    assert_eq!(after.extra_rows_written, 3);
    assert!(after.log_bytes_written > before.log_bytes_written);
    assert_eq!(bank.db.log_end(), commit.lsn, "positions are ends of records");
}
