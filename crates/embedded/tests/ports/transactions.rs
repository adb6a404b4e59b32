//! Transactions.

use crate::arm::{Arm, LINE, add, delete, plain, price, product, put, rekey, transaction, truncate};
use driftlab_model::call::join;
use driftlab_model::port::Capture;
use driftlab_model::{
    CommitIndex, Ending, Key, Refusal, Row, Span, Statement, Transaction, TransactionId, Value, WriteId,
};
use std::sync::Arc;

fn values(row: Option<&Row>) -> Option<&[Value]> {
    row.map(|row| &**row.values())
}

fn write(transaction: u64, index: u32) -> WriteId {
    WriteId { transaction: TransactionId(transaction), index }
}

pub(crate) fn a_commit_tells_what_each_row_was_and_is<A: Arm>() {
    A::run(plain(), async |ports| {
        let insert = Statement::Insert { key: product(7), values: price(7, 70) };
        let asked = transaction(5, vec![put(2, 21), insert, delete(3), add(1, 5)]);
        let commit = ports.source.transact(&asked, Capture::Nothing).await.unwrap();
        assert_eq!((commit.transaction, commit.index), (TransactionId(5), CommitIndex(1)));
        assert!(commit.lsn.0 > 0 && commit.watermark.is_none());
        let seen: Vec<_> = commit
            .changes
            .iter()
            .map(|change| {
                (
                    change.key.clone(),
                    values(change.before.as_ref()),
                    values(change.after.as_ref()),
                    change.write,
                )
            })
            .collect();
        let (two, three) = (price(2, 20), price(3, 30));
        let expected = [
            (product(2), Some(&*two), Some(&*price(2, 21)), write(5, 0)),
            (product(7), None, Some(&*price(7, 70)), write(5, 1)),
            (product(3), Some(&*three), None, write(5, 2)),
            (product(1), Some(&*price(1, 10)), Some(&*price(1, 15)), write(5, 3)),
        ];
        assert_eq!(seen, expected);
        for change in commit.changes.iter().filter(|change| change.after.is_some()) {
            let row = change.after.as_ref().unwrap();
            assert_eq!((row.write(), row.version()), (change.write, change.version));
            assert_eq!(ports.source.read(&change.key).await.unwrap().as_ref(), Some(row));
        }
        assert_eq!(ports.source.read(&product(3)).await.unwrap(), None);
    });
}

/// Its rows share one write, and none of another table goes.
pub(crate) fn a_truncate_is_a_deletion_of_every_row<A: Arm>() {
    A::run(plain(), async |ports| {
        let line = [1.into(), "a".into(), Value::from(1.0), "b".into(), Value::Null];
        let key = Key::new(LINE, &line[..2]);
        let insert = Statement::Insert { key: key.clone(), values: line.into() };
        ports.source.transact(&transaction(1, vec![delete(2), insert]), Capture::Nothing).await.unwrap();
        let commit =
            ports.source.transact(&transaction(2, vec![truncate()]), Capture::Nothing).await.unwrap();
        let mut gone: Vec<Key> = commit.changes.iter().map(|change| change.key.clone()).collect();
        gone.sort();
        assert_eq!(gone, [product(1), product(3)]);
        for change in &commit.changes {
            assert!(change.before.is_some() && change.after.is_none());
            assert_eq!((change.write, change.version), (write(2, 0), commit.changes[0].version));
            assert_eq!(ports.source.read(&change.key).await.unwrap(), None);
        }
        assert!(ports.source.read(&key).await.unwrap().is_some());
        let again = ports.source.transact(&transaction(3, vec![truncate()]), Capture::Nothing).await.unwrap();
        assert_eq!((again.changes.len(), again.index), (0, commit.index));
    });
}

pub(crate) fn a_row_that_is_given_another_key_goes_and_comes<A: Arm>() {
    A::run(plain(), async |ports| {
        let commit =
            ports.source.transact(&transaction(5, vec![rekey(1, 7, 70)]), Capture::Nothing).await.unwrap();
        let seen: Vec<_> = commit
            .changes
            .iter()
            .map(|change| (change.key.clone(), values(change.before.as_ref()), values(change.after.as_ref())))
            .collect();
        let expected = [(product(1), Some(&*price(1, 10)), None), (product(7), None, Some(&*price(7, 70)))];
        assert_eq!(seen, expected);
        assert!(commit.changes.iter().all(|change| change.write == write(5, 0)));
        assert_eq!(ports.source.read(&product(1)).await.unwrap(), None);
        let moved = ports.source.read(&product(7)).await.unwrap();
        assert_eq!(values(moved.as_ref()), Some(&*price(7, 70)));
        let nobody = ports.source.transact(&transaction(6, vec![rekey(1, 8, 80)]), Capture::Nothing).await;
        assert_eq!(nobody.unwrap().changes.len(), 0);
        let taken = ports.source.transact(&transaction(7, vec![rekey(7, 2, 1)]), Capture::Nothing).await;
        assert_eq!(taken, Err(Refusal::Conflict.into()));
    });
}

/// A database that turns 1.0 into 1 or '12' into 12 makes every copy differ from a row that its client never saw.
pub(crate) fn values_come_back_as_they_were<A: Arm>() {
    A::run(plain(), async |ports| {
        let rows: Vec<Arc<[Value]>> = [
            vec![Value::from(i64::MIN), Value::from(""), Value::from(1.0), Value::from("12"), Value::Null],
            vec![
                Value::from(i64::MAX),
                Value::from("ü'\"\0x"),
                Value::from(5),
                Value::from(0.1),
                Value::Blob([].into()),
            ],
            vec![
                Value::from("text"),
                Value::from(2.5),
                Value::from(-1e300),
                Value::Null,
                Value::Blob([0, 255].into()),
            ],
        ]
        .map(Into::into)
        .into();
        for (id, values) in (1..).zip(&rows) {
            let key = Key::new(LINE, &values[..2]);
            let asked =
                transaction(id, vec![Statement::Insert { key: key.clone(), values: Arc::clone(values) }]);
            let commit = ports.source.transact(&asked, Capture::Nothing).await.unwrap();
            assert_eq!(*values_of(commit.changes[0].after.as_ref()), **values);
            let read = ports.source.read(&key).await.unwrap();
            assert_eq!(*values_of(read.as_ref()), **values);
        }
    });
}

fn values_of(row: Option<&Row>) -> &[Value] {
    row.expect("the row is there").values()
}

pub(crate) fn several_writes_of_a_row_are_one_change<A: Arm>() {
    A::run(plain(), async |ports| {
        let insert = Statement::Insert { key: product(9), values: price(9, 90) };
        let asked = transaction(1, vec![add(1, 1), insert, add(1, 2), delete(9)]);
        let commit = ports.source.transact(&asked, Capture::Nothing).await.unwrap();
        assert_eq!(commit.changes.len(), 1);
        let change = &commit.changes[0];
        assert_eq!(values(change.before.as_ref()), Some(&*price(1, 10)));
        assert_eq!(values(change.after.as_ref()), Some(&*price(1, 13)));
        assert_eq!(change.write, write(1, 2));
    });
}

pub(crate) fn what_is_rolled_back_leaves_no_trace<A: Arm>() {
    A::run(plain(), async |ports| {
        for hold in [Span::ZERO, Span::from_millis(5)] {
            let asked =
                Transaction { ending: Ending::Rollback, hold, ..transaction(1, vec![put(1, 99), delete(2)]) };
            let outcome = ports.source.transact(&asked, Capture::Nothing).await;
            assert_eq!(outcome, Err(Refusal::RolledBack.into()));
            assert_eq!(*values_of(ports.source.read(&product(1)).await.unwrap().as_ref()), *price(1, 10));
            assert!(ports.source.read(&product(2)).await.unwrap().is_some());
        }
        let commit =
            ports.source.transact(&transaction(2, vec![put(1, 11)]), Capture::Nothing).await.unwrap();
        assert_eq!(commit.index, CommitIndex(1));
    });
}

pub(crate) fn an_insert_over_a_row_is_refused_and_changes_nothing<A: Arm>() {
    A::run(plain(), async |ports| {
        let insert = Statement::Insert { key: product(2), values: price(2, 0) };
        let asked = transaction(1, vec![put(1, 99), insert]);
        let outcome = ports.source.transact(&asked, Capture::Nothing).await;
        assert_eq!(outcome, Err(Refusal::Conflict.into()));
        assert_eq!(*values_of(ports.source.read(&product(1)).await.unwrap().as_ref()), *price(1, 10));
    });
}

pub(crate) fn a_statement_without_a_row_changes_nothing_and_takes_no_place<A: Arm>() {
    A::run(plain(), async |ports| {
        let first = ports.source.transact(&transaction(1, vec![put(1, 11)]), Capture::Nothing).await.unwrap();
        let asked = transaction(2, vec![add(8, 1), delete(9)]);
        let empty = ports.source.transact(&asked, Capture::Nothing).await.unwrap();
        assert!(empty.changes.is_empty());
        assert_eq!((empty.index, empty.lsn), (first.index, first.lsn));
        assert_eq!(ports.source.read(&product(8)).await.unwrap(), None);
    });
}

/// Two clients read 10 and each wrote 11: a database that does not read under the lock loses one of them.
pub(crate) fn increments_of_two_clients_both_count<A: Arm>() {
    A::run(plain(), async |ports| {
        for round in 0..20 {
            let [one, two] = [1, 2].map(|client| transaction(round * 2 + client, vec![add(1, 1)]));
            let (one, two) = join(
                ports.source.transact(&one, Capture::Nothing),
                ports.source.transact(&two, Capture::Nothing),
            )
            .await;
            assert!(one.is_ok() && two.is_ok());
        }
        assert_eq!(*values_of(ports.source.read(&product(1)).await.unwrap().as_ref()), *price(1, 50));
    });
}

pub(crate) fn positions_and_versions_grow_with_every_commit<A: Arm>() {
    A::run(plain(), async |ports| {
        let mut last = (CommitIndex(0), driftlab_model::Lsn(0), driftlab_model::Version(0));
        for id in 1..20 {
            let asked = transaction(id, vec![if id % 3 == 0 { delete(1) } else { put(1, id as i64) }]);
            let commit = ports.source.transact(&asked, Capture::Nothing).await.unwrap();
            let next = (commit.index, commit.lsn, commit.changes[0].version);
            assert!(next.0 == last.0.next() && next.1 > last.1 && next.2 > last.2, "{last:?} then {next:?}");
            last = next;
        }
    });
}

pub(crate) fn an_open_transaction_is_seen_by_nobody<A: Arm>() {
    A::run(plain(), async |ports| {
        let asked = Transaction { hold: Span::from_millis(60), ..transaction(1, vec![put(1, 99)]) };
        let looks = async {
            ports.runtime.sleep(Span::from_millis(20)).await;
            let row = ports.source.read(&product(1)).await.unwrap();
            assert_eq!(*values_of(row.as_ref()), *price(1, 10));
        };
        let (outcome, ()) = join(ports.source.transact(&asked, Capture::Nothing), Box::pin(looks)).await;
        assert!(outcome.is_ok());
        assert_eq!(*values_of(ports.source.read(&product(1)).await.unwrap().as_ref()), *price(1, 99));
    });
}

/// A pool gave a connection to the next client with the last one's transaction still open, and the next one committed it.
pub(crate) fn a_client_that_goes_away_before_the_commit_leaves_nothing<A: Arm>() {
    A::run(plain(), async |ports| {
        for _ in 0..5 {
            let asked = Transaction { hold: Span::from_secs(3), ..transaction(1, vec![put(1, 99)]) };
            let mut call = ports.source.transact(&asked, Capture::Nothing);
            let mut patience = ports.runtime.sleep(Span::from_millis(20));
            std::future::poll_fn(|context| {
                assert!(call.as_mut().poll(context).is_pending());
                patience.as_mut().poll(context)
            })
            .await;
            drop(call);
            let next =
                ports.source.transact(&transaction(2, vec![add(2, 1)]), Capture::Nothing).await.unwrap();
            assert_eq!(next.changes.len(), 1);
            assert_eq!(*values_of(ports.source.read(&product(1)).await.unwrap().as_ref()), *price(1, 10));
        }
    });
}

/// Two customers found the seat free: a stream whose key is (stream, version) takes one of the two events at a place, whatever the isolation level.
pub(crate) fn of_two_appends_at_one_version_one_is_refused_and_finds_the_stream_grown<A: Arm>() {
    A::run(plain(), async |ports| {
        let event = |stream: i64, version: &str| {
            let values = [stream.into(), version.into(), 1.0.into(), "reserved".into(), Value::Null];
            Statement::Insert { key: Key::new(LINE, &values[..2]), values: values.into() }
        };
        for stream in 0..10 {
            let ids = [10 * stream as u64 + 1, 10 * stream as u64 + 2];
            let [one, two] = ids.map(|id| transaction(id, vec![event(stream, "1")]));
            let (one, two) = join(
                ports.source.transact(&one, Capture::Nothing),
                ports.source.transact(&two, Capture::Nothing),
            )
            .await;
            let refused = Err(Refusal::Conflict.into());
            let (first, second) = if one.is_ok() { (one, two) } else { (two, one) };
            assert_eq!(second, refused, "stream {stream}");
            let first = first.expect("one of the two is the first");
            let late = ids.into_iter().find(|id| *id != first.transaction.0).expect("the other");
            let seen = ports.source.read(&event(stream, "1").key().clone()).await.unwrap();
            assert_eq!(seen.as_ref(), first.changes[0].after.as_ref());
            // Decided anew, it goes to the next place.
            let again = transaction(late, vec![event(stream, "2")]);
            let second = ports.source.transact(&again, Capture::Nothing).await.unwrap();
            assert!(second.lsn > first.lsn && second.changes[0].before.is_none());
        }
    });
}
