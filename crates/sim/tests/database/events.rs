//! The event table: sequences that are not the order of commits.

use crate::fixture::{Bank, add, balance, delete, insert, put};
use driftlab_model::port::{Capture, QueuePage};
use driftlab_model::{Lsn, Sequence, Time, WriteId, WritePath};
use driftlab_sim::database::{DatabaseConfig, Step};

fn with_triggers() -> Bank {
    Bank::new(DatabaseConfig { triggers: true, ..DatabaseConfig::default() }, 5)
}

fn all(bank: &mut Bank) -> QueuePage {
    bank.db.poll(Sequence(0), usize::MAX)
}

fn sequences(page: &QueuePage) -> Vec<u64> {
    page.entries.iter().map(|entry| entry.sequence.0).collect()
}

/// A relay that remembers the highest id it has seen passes over the entry of a transaction that commits later with a lower one.
#[test]
fn entries_become_visible_in_another_order_than_their_sequences() {
    let mut bank = with_triggers();
    let (slow, quick) = (bank.begin(), bank.begin());
    bank.run(slow, 0, &put(1, 1));
    bank.run(quick, 0, &put(2, 2));
    assert_eq!(sequences(&all(&mut bank)), [0; 0], "nothing is committed yet");
    bank.commit(quick).unwrap();
    let page = all(&mut bank);
    assert_eq!((sequences(&page), page.settled_below), (vec![2], Sequence(1)));
    bank.commit(slow).unwrap();
    let page = all(&mut bank);
    assert_eq!((sequences(&page), page.settled_below), (vec![1, 2], Sequence(3)));
    assert_eq!(sequences(&bank.db.poll(Sequence(2), 10)), [0; 0], "who stood at 2 never sees 1");
}

#[test]
fn a_rollback_leaves_a_gap_for_good() {
    let mut bank = with_triggers();
    bank.autocommit(&put(1, 1));
    let client = bank.begin();
    bank.run(client, 0, &put(2, 2));
    bank.run(client, 1, &put(3, 2));
    assert_eq!(all(&mut bank).settled_below, Sequence(2));
    bank.db.rollback(client.session);
    assert_eq!(all(&mut bank).settled_below, Sequence(4));
    bank.autocommit(&put(1, 2));
    assert_eq!(sequences(&all(&mut bank)), [1, 4]);
}

#[test]
fn triggers_write_each_change_of_each_statement() {
    let mut bank = with_triggers();
    let client = bank.begin();
    bank.run(client, 0, &put(1, 7));
    bank.run(client, 1, &add(1, 1));
    bank.run(client, 2, &add(9, 1));
    bank.run(client, 2, &delete(1));
    bank.commit(client).unwrap();
    let page = all(&mut bank);
    let told: Vec<_> = page
        .entries
        .iter()
        .map(|entry| {
            let change = &entry.event.change;
            assert_eq!(entry.event.position, Lsn(entry.sequence.0));
            assert_eq!((entry.event.of, entry.event.transaction), (None, client.transaction));
            (entry.event.index, balance(change.before.as_ref()), balance(change.after.as_ref()))
        })
        .collect();
    assert_eq!(told, [(0, Some(100), Some(7)), (1, Some(7), Some(8)), (2, Some(8), None)]);
}

/// COPY with triggers disabled, a partition exchange: what goes past the triggers is in the log and not in the change table.
#[test]
fn a_bulk_path_goes_past_the_triggers() {
    let mut bank = with_triggers();
    let client = bank.begin();
    let write = WriteId { transaction: client.transaction, index: 0 };
    let step = bank.db.execute(client.session, &put(1, 1), write, Time::ZERO, WritePath::Bulk);
    assert_eq!(step, Step::Done);
    assert_eq!(bank.commit(client).unwrap().changes.len(), 1);
    assert_eq!(all(&mut bank), QueuePage { entries: vec![], settled_below: Sequence(1) });
}

#[test]
fn an_outbox_gets_net_changes_when_the_application_writes_it() {
    let mut bank = Bank::new(DatabaseConfig::default(), 5);
    let client = bank.begin_with(Capture::Outbox);
    bank.run(client, 0, &put(1, 1));
    bank.run(client, 1, &add(1, 1));
    bank.run(client, 2, &insert(9, 1));
    bank.run(client, 3, &insert(8, 1));
    bank.run(client, 4, &delete(8));
    assert_eq!(all(&mut bank).settled_below, Sequence(1), "no sequence is taken before");
    bank.db.append_outbox(client.session);
    bank.db.append_outbox(client.session);
    let held = all(&mut bank);
    assert_eq!((held.entries.len(), held.settled_below), (0, Sequence(1)));

    let other = bank.begin_with(Capture::Outbox);
    bank.run(other, 0, &put(2, 2));
    bank.db.append_outbox(other.session);
    bank.commit(other).unwrap();
    assert_eq!(sequences(&all(&mut bank)), [3], "allocated during the hold, visible at the commit");

    let commit = bank.commit(client).unwrap();
    let page = all(&mut bank);
    assert_eq!((sequences(&page), page.settled_below), (vec![1, 2, 3], Sequence(4)));
    for (index, (entry, change)) in (0..).zip(page.entries.iter().zip(&commit.changes)) {
        assert_eq!((&entry.event.change, entry.event.of, entry.event.index), (change, Some(2), index));
    }
    assert!(page.entries[1].event.is_last());
}

#[test]
fn an_outbox_that_the_application_left_to_the_commit_is_written_by_it() {
    let mut bank = Bank::new(DatabaseConfig::default(), 5);
    let client = bank.begin_with(Capture::Outbox);
    bank.run(client, 0, &put(1, 1));
    bank.commit(client).unwrap();
    assert_eq!(sequences(&all(&mut bank)), [1]);
}

#[test]
fn removed_entries_are_gone_and_those_of_open_transactions_stay() {
    let mut bank = with_triggers();
    for n in 1..=3 {
        bank.autocommit(&put(n, 0));
    }
    let open = bank.begin();
    bank.run(open, 0, &put(4, 0));
    bank.db.remove(&[Sequence(2), Sequence(4), Sequence(77), Sequence(0)]);
    assert_eq!(sequences(&all(&mut bank)), [1, 3]);
    bank.db.remove(&[Sequence(1), Sequence(1)]);
    bank.commit(open).unwrap();
    let page = all(&mut bank);
    assert_eq!((sequences(&page), page.settled_below), (vec![3, 4], Sequence(5)));
    assert_eq!(sequences(&bank.db.poll(Sequence(0), 1)), [3]);
    assert_eq!(bank.db.costs().extra_rows_written, 6, "four entries written, two removed");
    assert_eq!(sequences(&bank.db.poll(Sequence(u64::MAX), 1)), [0; 0]);
}
