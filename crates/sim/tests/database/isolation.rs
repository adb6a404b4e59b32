//! The anomalies of Adya ("Weak Consistency", 1999) and of Berenson et al. (1995): ruled out, or possible, as the level says.

use crate::fixture::{Bank, add, delete, put};
use driftlab_model::Refusal;
use driftlab_sim::database::{Isolation, Step};

const BOTH: [Isolation; 2] = [Isolation::ReadCommitted, Isolation::Snapshot];

#[test]
fn no_dirty_write_a_second_writer_waits_for_the_first() {
    for isolation in BOTH {
        let mut bank = Bank::at(isolation);
        let (one, two) = (bank.begin(), bank.begin());
        bank.run(one, 0, &put(1, 10));
        assert_eq!(bank.try_run(two, 0, &put(1, 20)), Step::Wait);
        bank.run(one, 1, &put(2, 10));
        bank.commit(one).unwrap();
        assert_eq!(bank.granted(), [two.session]);
        let step = bank.try_run(two, 0, &put(1, 20));
        match isolation {
            Isolation::ReadCommitted => {
                assert_eq!(step, Step::Done);
                bank.run(two, 1, &put(2, 20));
                bank.commit(two).unwrap();
                assert_eq!((bank.balance(1), bank.balance(2)), (Some(20), Some(20)));
            }
            Isolation::Snapshot => {
                assert_eq!(step, Step::Refused(Refusal::SerializationFailure));
                assert_eq!(bank.commit(two), Err(Refusal::SerializationFailure));
                assert_eq!((bank.balance(1), bank.balance(2)), (Some(10), Some(10)));
            }
        }
    }
}

#[test]
fn no_aborted_read_what_is_rolled_back_was_never_seen() {
    for isolation in BOTH {
        let mut bank = Bank::at(isolation);
        let (writer, reader) = (bank.begin(), bank.begin());
        bank.run(writer, 0, &put(1, 10));
        assert_eq!(bank.balance_in(writer, 1), Some(10), "its own write");
        assert_eq!(bank.balance_in(reader, 1), Some(100));
        bank.db.rollback(writer.session);
        assert_eq!(bank.balance_in(reader, 1), Some(100));
        assert_eq!(bank.balance(1), Some(100));
    }
}

#[test]
fn no_intermediate_read_only_the_last_write_of_a_transaction_is_seen() {
    for isolation in BOTH {
        let mut bank = Bank::at(isolation);
        let (writer, reader) = (bank.begin(), bank.begin());
        bank.run(writer, 0, &put(1, 10));
        assert_eq!(bank.balance_in(reader, 1), Some(100));
        bank.run(writer, 1, &put(1, 11));
        bank.commit(writer).unwrap();
        let expected = if isolation == Isolation::ReadCommitted { 11 } else { 100 };
        assert_eq!(bank.balance_in(reader, 1), Some(expected));
    }
}

/// Two clients read 100 and both write back what they added: the classic lost update.
#[test]
fn an_absolute_write_loses_an_update_under_read_committed_and_is_refused_under_snapshot() {
    for isolation in BOTH {
        let mut bank = Bank::at(isolation);
        let (one, two) = (bank.begin(), bank.begin());
        let read_by_one = bank.balance_in(one, 1).unwrap();
        let read_by_two = bank.balance_in(two, 1).unwrap();
        bank.run(one, 0, &put(1, read_by_one + 1));
        bank.commit(one).unwrap();
        let step = bank.try_run(two, 0, &put(1, read_by_two + 1));
        match isolation {
            Isolation::ReadCommitted => {
                assert_eq!(step, Step::Done);
                bank.commit(two).unwrap();
            }
            Isolation::Snapshot => {
                assert_eq!(step, Step::Refused(Refusal::SerializationFailure));
                bank.db.rollback(two.session);
            }
        }
        assert_eq!(bank.balance(1), Some(101), "one of two additions is lost or refused");
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
fn read_skew_is_possible_under_read_committed_and_not_under_snapshot() {
    for isolation in BOTH {
        let mut bank = Bank::at(isolation);
        let (reader, mover) = (bank.begin(), bank.begin());
        let first = bank.balance_in(reader, 1).unwrap();
        bank.run(mover, 0, &add(1, -50));
        bank.run(mover, 1, &add(2, 50));
        bank.commit(mover).unwrap();
        let second = bank.balance_in(reader, 2).unwrap();
        let expected = if isolation == Isolation::ReadCommitted { 250 } else { 200 };
        assert_eq!(first + second, expected);
    }
}

#[test]
fn write_skew_is_possible_under_snapshot() {
    let mut bank = Bank::at(Isolation::Snapshot);
    let (one, two) = (bank.begin(), bank.begin());
    for client in [one, two] {
        assert_eq!(bank.balance_in(client, 1).unwrap() + bank.balance_in(client, 2).unwrap(), 200);
    }
    bank.run(one, 0, &add(1, -200));
    bank.run(two, 0, &add(2, -200));
    bank.commit(one).unwrap();
    bank.commit(two).unwrap();
    assert_eq!(bank.balance(1).unwrap() + bank.balance(2).unwrap(), -200, "each alone kept the sum at 0");
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
