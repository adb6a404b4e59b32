//! Row locks: order, circles, and who goes on when somebody gives up.

use crate::fixture::{Bank, Client, add, delete, insert, put};
use driftlab_model::Refusal;
use driftlab_sim::database::{Isolation, Step};

fn bank() -> Bank {
    Bank::at(Isolation::ReadCommitted)
}

#[test]
fn locks_are_granted_in_the_order_they_were_asked_for() {
    let mut bank = bank();
    let holder = bank.begin();
    bank.run(holder, 0, &put(1, 0));
    let waiting: Vec<Client> = (0..5).map(|_| bank.begin()).collect();
    for client in waiting.iter().rev() {
        assert_eq!(bank.try_run(*client, 0, &add(1, 1)), Step::Wait);
        assert_eq!(bank.try_run(*client, 0, &add(1, 1)), Step::Wait, "asking again takes no second place");
    }
    bank.commit(holder).unwrap();
    for (done, client) in (1..).zip(waiting.iter().rev()) {
        assert_eq!(bank.granted(), [client.session]);
        bank.run(*client, 0, &add(1, 1));
        bank.commit(*client).unwrap();
        assert_eq!(bank.balance(1), Some(done));
    }
    assert_eq!(bank.granted(), []);
}

#[test]
fn inserts_of_one_key_wait_for_each_other() {
    for (commits, expected) in [(true, Step::Refused(Refusal::Conflict)), (false, Step::Done)] {
        let mut bank = bank();
        let (one, two) = (bank.begin(), bank.begin());
        bank.run(one, 0, &insert(9, 1));
        assert_eq!(bank.try_run(two, 0, &insert(9, 2)), Step::Wait);
        if commits {
            bank.commit(one).unwrap();
        } else {
            bank.db.rollback(one.session);
        }
        assert_eq!(bank.granted(), [two.session]);
        assert_eq!(bank.try_run(two, 0, &insert(9, 2)), expected);
    }
}

#[test]
fn a_statement_that_finds_no_row_holds_the_lock_all_the_same() {
    let mut bank = bank();
    let (one, two) = (bank.begin(), bank.begin());
    bank.run(one, 0, &delete(9));
    assert_eq!(bank.try_run(two, 0, &insert(9, 1)), Step::Wait);
    bank.commit(one).unwrap();
    assert_eq!(bank.granted(), [two.session]);
}

#[test]
fn a_deadlock_of_two_is_found_and_the_victims_rollback_lets_the_other_go_on() {
    let mut bank = bank();
    let (one, two) = (bank.begin(), bank.begin());
    bank.run(one, 0, &add(1, 1));
    bank.run(two, 0, &add(2, 1));
    assert_eq!(bank.try_run(one, 1, &add(2, 1)), Step::Wait);
    assert_eq!(bank.try_run(two, 1, &add(1, 1)), Step::Refused(Refusal::Deadlock));
    assert_eq!(
        bank.try_run(two, 1, &add(3, 1)),
        Step::Refused(Refusal::Deadlock),
        "only a rollback may follow"
    );
    assert_eq!(bank.granted(), []);
    bank.db.rollback(two.session);
    assert_eq!(bank.granted(), [one.session]);
    bank.run(one, 1, &add(2, 1));
    bank.commit(one).unwrap();
    assert_eq!((bank.balance(1), bank.balance(2)), (Some(101), Some(101)));
}

#[test]
fn a_deadlock_of_three_is_found_when_the_circle_closes_and_not_before() {
    let mut bank = bank();
    let clients = [bank.begin(), bank.begin(), bank.begin()];
    for (n, client) in (1..).zip(clients) {
        bank.run(client, 0, &add(n, 1));
    }
    assert_eq!(bank.try_run(clients[0], 1, &add(2, 1)), Step::Wait);
    assert_eq!(bank.try_run(clients[1], 1, &add(3, 1)), Step::Wait);
    assert_eq!(bank.try_run(clients[2], 1, &add(1, 1)), Step::Refused(Refusal::Deadlock));
    bank.db.rollback(clients[2].session);
    assert_eq!(bank.granted(), [clients[1].session]);
    bank.run(clients[1], 1, &add(3, 1));
    bank.commit(clients[1]).unwrap();
    assert_eq!(bank.granted(), [clients[0].session]);
    bank.run(clients[0], 1, &add(2, 1));
    bank.commit(clients[0]).unwrap();
    assert_eq!([1, 2, 3].map(|n| bank.balance(n)), [Some(101), Some(102), Some(101)]);
}

/// A circle may run through a session that got its lock only while others stood behind it in the queue.
#[test]
fn a_deadlock_through_a_queue_is_found() {
    let mut bank = bank();
    let (first, second, third) = (bank.begin(), bank.begin(), bank.begin());
    bank.run(third, 0, &put(2, 0));
    bank.run(first, 0, &put(1, 0));
    assert_eq!(bank.try_run(second, 0, &put(1, 0)), Step::Wait);
    assert_eq!(bank.try_run(third, 1, &put(1, 0)), Step::Wait);
    bank.commit(first).unwrap();
    assert_eq!(bank.granted(), [second.session]);
    bank.run(second, 0, &put(1, 0));
    assert_eq!(bank.try_run(second, 1, &put(2, 0)), Step::Refused(Refusal::Deadlock));
}

/// Sessions of crashed clients are rolled back wherever they stand; a queue that lost its middle must not lose its end.
#[test]
fn whoever_leaves_a_queue_leaves_the_others_in_order() {
    for leaver in 0..4 {
        let mut bank = bank();
        let holder = bank.begin();
        bank.run(holder, 0, &put(1, 0));
        let mut waiting: Vec<Client> = (0..4).map(|_| bank.begin()).collect();
        for client in &waiting {
            assert_eq!(bank.try_run(*client, 0, &put(1, 0)), Step::Wait);
        }
        let gone = waiting.remove(leaver);
        bank.db.rollback(gone.session);
        let last = bank.begin();
        assert_eq!(bank.try_run(last, 0, &put(1, 0)), Step::Wait);
        waiting.push(last);
        bank.commit(holder).unwrap();
        for client in waiting {
            assert_eq!(bank.granted(), [client.session], "after the leave of {leaver}");
            bank.run(client, 0, &put(1, 0));
            bank.commit(client).unwrap();
        }
    }
}

#[test]
fn a_session_that_dies_after_its_grant_passes_the_lock_on() {
    let mut bank = bank();
    let (one, two, three) = (bank.begin(), bank.begin(), bank.begin());
    bank.run(one, 0, &put(1, 1));
    assert_eq!(bank.try_run(two, 0, &put(1, 2)), Step::Wait);
    assert_eq!(bank.try_run(three, 0, &put(1, 3)), Step::Wait);
    bank.commit(one).unwrap();
    bank.db.rollback(two.session);
    assert_eq!(bank.granted(), [three.session], "the dead one is not named");
    bank.run(three, 0, &put(1, 3));
    bank.commit(three).unwrap();
    assert_eq!(bank.balance(1), Some(3));
}

/// A late request of a client that is long gone must not touch the session that came after it.
#[test]
fn an_ended_session_is_refused_even_where_its_place_was_reused() {
    let mut bank = bank();
    let old = bank.begin();
    bank.db.rollback(old.session);
    let new = bank.begin();
    bank.run(new, 0, &put(1, 1));
    assert_eq!(bank.try_run(old, 0, &put(1, 2)), Step::Refused(Refusal::RolledBack));
    assert_eq!(bank.commit(old), Err(Refusal::RolledBack));
    bank.db.rollback(old.session);
    bank.commit(new).unwrap();
    assert_eq!(bank.balance(1), Some(1));
}

#[test]
fn a_commit_while_waiting_rolls_back() {
    let mut bank = bank();
    let (one, two) = (bank.begin(), bank.begin());
    bank.run(one, 0, &put(1, 1));
    bank.run(two, 0, &put(2, 2));
    assert_eq!(bank.try_run(two, 1, &put(1, 2)), Step::Wait);
    assert_eq!(bank.commit(two), Err(Refusal::RolledBack));
    bank.commit(one).unwrap();
    assert_eq!(bank.granted(), []);
    assert_eq!((bank.balance(1), bank.balance(2)), (Some(1), Some(100)));
}
