//! The event table: outbox and triggers.

use crate::arm::{Arm, add, delete, plain, price, product, put, rekey, transaction, truncate, with_triggers};
use driftlab_model::call::join;
use driftlab_model::port::{Capture, Ports, QueueEntry};
use driftlab_model::{Change, Ending, Refusal, Sequence, Span, Transaction, TransactionId, WritePath};

async fn all(ports: &Ports) -> Vec<QueueEntry> {
    ports.source.poll(Sequence(0), 1_000).await.unwrap().entries
}

/// What an entry says, without its place.
fn told(entry: &QueueEntry) -> (TransactionId, u32, Option<u32>, Change) {
    let event = &entry.event;
    assert_eq!(event.position.0, entry.sequence.0);
    (event.transaction, event.index, event.of, event.change.clone())
}

pub(crate) fn the_outbox_holds_the_events_of_a_transaction_in_order<A: Arm>() {
    A::run(plain(), async |ports| {
        let asked = transaction(4, vec![put(2, 21), delete(3), put(9, 90), add(2, 1)]);
        let commit = ports.source.transact(&asked, Capture::Outbox).await.unwrap();
        let quiet = transaction(5, vec![put(1, 11)]);
        ports.source.transact(&quiet, Capture::Nothing).await.unwrap();
        let entries = all(&ports).await;
        let expected = commit
            .changes
            .iter()
            .zip(0..)
            .map(|(change, index)| (TransactionId(4), index, Some(3), change.clone()));
        assert_eq!(entries.iter().map(told).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        assert!(entries.is_sorted_by_key(|entry| entry.sequence));
        let rest = ports.source.poll(entries[0].sequence, 1).await.unwrap();
        assert_eq!(rest.entries, entries[1..2]);
    });
}

/// Triggers fire for rows: for both keys of one that moves, and for none of those that a truncate removes.
pub(crate) fn triggers_tell_of_both_keys_and_of_no_truncate<A: Arm>() {
    A::run(with_triggers(), async |ports| {
        let moved = transaction(1, vec![rekey(1, 7, 70)]);
        let commit = ports.source.transact(&moved, Capture::Nothing).await.unwrap();
        let emptied = transaction(2, vec![truncate()]);
        let changes = ports.source.transact(&emptied, Capture::Nothing).await.unwrap().changes.len();
        assert_eq!(changes, 3);
        let entries = all(&ports).await;
        let told: Vec<Change> = entries.into_iter().map(|entry| entry.event.change).collect();
        assert_eq!(told, commit.changes.to_vec());
    });
}

pub(crate) fn the_outbox_is_rolled_back_with_its_transaction<A: Arm>() {
    A::run(plain(), async |ports| {
        let asked = Transaction { ending: Ending::Rollback, ..transaction(1, vec![put(1, 11)]) };
        assert_eq!(ports.source.transact(&asked, Capture::Outbox).await, Err(Refusal::RolledBack.into()));
        assert!(all(&ports).await.is_empty());
    });
}

/// A relay that deletes what it has sent, on a table that numbers from its highest row, met a number that it had sent already and left the event out.
pub(crate) fn removed_events_are_gone_and_their_numbers_are_not_given_again<A: Arm>() {
    A::run(plain(), async |ports| {
        for id in 1..=3 {
            ports.source.transact(&transaction(id, vec![put(1, id as i64)]), Capture::Outbox).await.unwrap();
        }
        let entries = all(&ports).await;
        let (first, last) = (entries[0].sequence, entries[2].sequence);
        ports.source.remove(vec![first, last, Sequence(77)]).await.unwrap();
        ports.source.remove(vec![first]).await.unwrap();
        assert_eq!(all(&ports).await, entries[1..2]);
        ports.source.transact(&transaction(4, vec![put(1, 4)]), Capture::Outbox).await.unwrap();
        let left = all(&ports).await;
        assert!(left.len() == 2 && left[1].sequence > last, "{left:?}");
    });
}

pub(crate) fn triggers_tell_of_every_row_change<A: Arm>() {
    A::run(with_triggers(), async |ports| {
        let mut expected = Vec::new();
        for (id, statement) in (1..).zip([put(1, 11), put(9, 90), add(9, 1), delete(9), delete(2)]) {
            let commit =
                ports.source.transact(&transaction(id, vec![statement]), Capture::Nothing).await.unwrap();
            expected.push((TransactionId(id), 0, None, commit.changes[0].clone()));
        }
        let rolled_back = Transaction { ending: Ending::Rollback, ..transaction(8, vec![put(1, 12)]) };
        let _ = ports.source.transact(&rolled_back, Capture::Nothing).await;
        assert_eq!(all(&ports).await.iter().map(told).collect::<Vec<_>>(), expected);
    });
}

pub(crate) fn the_bulk_path_goes_past_the_triggers<A: Arm>() {
    A::run(with_triggers(), async |ports| {
        for (id, path) in [(1, WritePath::Bulk), (2, WritePath::Statements), (3, WritePath::Bulk)] {
            let asked = Transaction { path, ..transaction(id, vec![put(1, id as i64), delete(id as i64)]) };
            ports.source.transact(&asked, Capture::Nothing).await.unwrap();
        }
        let entries = all(&ports).await;
        assert!(
            !entries.is_empty() && entries.iter().all(|entry| entry.event.transaction == TransactionId(2))
        );
        let row = ports.source.read(&product(1)).await.unwrap();
        assert_eq!(row.map(|row| row.values().to_vec()), Some(price(1, 3).to_vec()));
    });
}

/// A relay read past the number that an open transaction held, and never came back to it.
pub(crate) fn nothing_that_commits_later_lies_below_the_settled_number<A: Arm>() {
    A::run(plain(), async |ports| {
        let slow = Transaction { hold: Span::from_millis(40), ..transaction(1, vec![put(1, 11)]) };
        let others = async {
            for id in 2..6 {
                ports.runtime.sleep(Span::from_millis(3)).await;
                let _ =
                    ports.source.transact(&transaction(id, vec![put(2, id as i64)]), Capture::Outbox).await;
            }
        };
        let polls = async {
            let (mut settled, mut seen) = (Sequence(0), Vec::new());
            for _ in 0..30 {
                let page = ports.source.poll(Sequence(0), 1_000).await.unwrap();
                for entry in &page.entries {
                    assert!(
                        seen.contains(&entry.sequence) || entry.sequence >= settled,
                        "{entry:?}, {settled}"
                    );
                }
                seen = page.entries.iter().map(|entry| entry.sequence).collect();
                settled = page.settled_below;
                ports.runtime.sleep(Span::from_millis(3)).await;
            }
            assert_eq!(seen.len(), 5);
            assert!(seen.iter().all(|sequence| *sequence < settled));
        };
        let writes = join(ports.source.transact(&slow, Capture::Outbox), Box::pin(others));
        let ((slow, ()), ()) = join(Box::pin(writes), Box::pin(polls)).await;
        assert!(slow.is_ok());
    });
}
