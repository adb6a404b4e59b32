//! What the isolation levels promise beside the anomalies of the literature, which have tests of their own (`tests/isolation`).

use crate::fixture::{Bank, add, delete, put};
use driftlab_model::Refusal;
use driftlab_sim::database::{Isolation, Step};

#[test]
fn a_transaction_sees_its_own_writes_and_nobody_else_does() {
    for isolation in [Isolation::ReadCommitted, Isolation::Snapshot] {
        let mut bank = Bank::at(isolation);
        let (writer, reader) = (bank.begin(), bank.begin());
        bank.run(writer, 0, &put(1, 10));
        assert_eq!((bank.balance_in(writer, 1), bank.balance_in(reader, 1)), (Some(10), Some(100)));
        bank.run(writer, 1, &delete(1));
        assert_eq!((bank.balance_in(writer, 1), bank.balance_in(reader, 1)), (None, Some(100)));
    }
}

#[test]
fn an_addition_under_the_lock_loses_nothing_under_read_committed() {
    let mut bank = Bank::at(Isolation::ReadCommitted);
    let (one, two) = (bank.begin(), bank.begin());
    bank.run(one, 0, &add(1, 1));
    assert_eq!(bank.try_run(two, 0, &add(1, 1)), Step::Wait);
    bank.commit(one).unwrap();
    assert_eq!(bank.granted(), [two.session]);
    bank.run(two, 0, &add(1, 1));
    bank.run(two, 1, &add(1, 5));
    bank.commit(two).unwrap();
    assert_eq!(bank.balance(1), Some(107));
}

#[test]
fn the_first_updater_wins_whatever_it_did_to_the_row() {
    for first in [put(1, 1), delete(1), put(9, 1)] {
        let mut bank = Bank::at(Isolation::Snapshot);
        let late = bank.begin();
        assert_eq!(bank.balance_in(late, 2), Some(100), "its snapshot is taken by its first statement");
        bank.autocommit(&first);
        let n = first.key().as_integer().unwrap();
        assert_eq!(bank.try_run(late, 0, &put(n, 2)), Step::Refused(Refusal::SerializationFailure));
        bank.db.rollback(late.session);
        assert_eq!(bank.db.old_versions(), 0);
    }
}

#[test]
fn a_snapshot_begins_with_the_first_statement_not_with_the_transaction() {
    let mut bank = Bank::at(Isolation::Snapshot);
    let late = bank.begin();
    bank.autocommit(&put(1, 1));
    bank.run(late, 0, &put(1, 2));
    bank.commit(late).unwrap();
    assert_eq!(bank.balance(1), Some(2));
}

/// A session that is handed a lock has not run its statement yet: it must not see past its snapshot for holding the lock.
#[test]
fn a_granted_lock_does_not_widen_a_snapshot() {
    let mut bank = Bank::at(Isolation::Snapshot);
    let (one, two) = (bank.begin(), bank.begin());
    bank.run(one, 0, &put(1, 1));
    assert_eq!(bank.try_run(two, 0, &put(1, 2)), Step::Wait);
    bank.commit(one).unwrap();
    assert_eq!(bank.balance_in(two, 1), Some(100));
}
