//! Replication slots.

use crate::arm::{Arm, LINE, SLOT, add, delete, product, put, rekey, transaction, truncate, with_slot};
use driftlab_model::port::{Capture, Ports, Slot};
use driftlab_model::{
    Commit, Ending, Key, Lsn, Refusal, Row, Span, Statement, Transaction, Value, Watermark,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads until so many commits are there.
async fn read(slot: &dyn Slot, after: Lsn, count: usize) -> Vec<Arc<Commit>> {
    let mut commits: Vec<Arc<Commit>> = Vec::new();
    while commits.len() < count {
        let after = commits.last().map_or(after, |last| last.lsn);
        let more = slot.read(after, count - commits.len(), Span::from_secs(2)).await.unwrap();
        assert!(!more.is_empty(), "only {} of {count} commits came", commits.len());
        commits.extend(more);
    }
    commits
}

async fn write(ports: &Ports, id: u64, statements: Vec<Statement>) -> Arc<Commit> {
    ports.source.transact(&transaction(id, statements), Capture::Nothing).await.unwrap()
}

pub(crate) fn a_slot_gives_the_commits_that_clients_were_told_of<A: Arm>() {
    A::run(with_slot(), async |ports| {
        let slot = ports.source.slot(SLOT);
        let start = slot.confirmed().await.unwrap();
        let line =
            [Value::from(1), Value::from("a"), Value::from(1.0), Value::from("12"), Value::Blob([7].into())];
        let insert = Statement::Insert { key: Key::new(LINE, &line[..2]), values: line.into() };
        let mut told = vec![
            write(&ports, 1, vec![put(1, 11), delete(3), insert]).await,
            write(&ports, 2, vec![put(9, 90), add(9, 1), delete(2)]).await,
        ];
        write(&ports, 3, vec![delete(77)]).await;
        let rolled_back = Transaction { ending: Ending::Rollback, ..transaction(4, vec![put(1, 12)]) };
        let _ = ports.source.transact(&rolled_back, Capture::Nothing).await;
        for id in 5..25 {
            told.push(
                write(&ports, id, vec![add(1, 1), if id % 2 == 0 { delete(9) } else { put(9, 1) }]).await,
            );
        }
        let given = read(slot.as_ref(), start, told.len()).await;
        assert_eq!(given, told);
        assert!(slot.read(given[given.len() - 1].lsn, 10, Span::from_millis(30)).await.unwrap().is_empty());
    });
}

/// One log says which table was emptied, and the other which rows went; a copy that follows either is the same.
pub(crate) fn whoever_follows_a_slot_has_the_rows_of_the_source<A: Arm>() {
    A::run(with_slot(), async |ports| {
        let slot = ports.source.slot(SLOT);
        let start = slot.confirmed().await.unwrap();
        let mut copy: BTreeMap<Key, Row> = BTreeMap::new();
        for id in 1..=3 {
            let row = ports.source.read(&product(id)).await.unwrap().unwrap();
            copy.insert(product(id), row);
        }
        let steps = [
            vec![rekey(1, 7, 70), put(2, 21)],
            vec![rekey(7, 8, 80), rekey(8, 9, 90)],
            vec![truncate()],
            vec![put(4, 40), put(2, 22)],
            vec![put(5, 50), truncate(), put(6, 60)],
            vec![rekey(6, 1, 10), delete(1)],
            vec![put(1, 11)],
        ];
        for (id, statements) in (1..).zip(&steps) {
            write(&ports, id, statements.clone()).await;
        }
        for commit in read(slot.as_ref(), start, steps.len()).await {
            for change in commit.changes.iter().flat_map(|change| change.halves(&ports.schema)) {
                match (change.empties(), change.after) {
                    (Some(table), _) => copy.retain(|key, _| key.table() != table),
                    (None, Some(row)) => drop(copy.insert(change.key, row)),
                    (None, None) => drop(copy.remove(&change.key)),
                }
            }
        }
        assert_eq!(copy.keys().collect::<Vec<_>>(), [&product(1)]);
        assert_eq!(ports.source.read(&product(1)).await.unwrap().as_ref(), copy.get(&product(1)));
    });
}

pub(crate) fn reading_begins_again_where_it_was_acknowledged<A: Arm>() {
    A::run(with_slot(), async |ports| {
        let slot = ports.source.slot(SLOT);
        let start = slot.confirmed().await.unwrap();
        let mut told = Vec::new();
        for id in 1..=4 {
            told.push(write(&ports, id, vec![add(1, 1)]).await);
        }
        read(slot.as_ref(), start, 4).await;
        slot.acknowledge(told[1].lsn).await.unwrap();
        slot.acknowledge(told[0].lsn).await.unwrap();
        let restarted = ports.source.slot(SLOT);
        assert_eq!(restarted.confirmed().await.unwrap(), told[1].lsn);
        assert_eq!(read(restarted.as_ref(), Lsn(0), 2).await, told[2..]);
        assert_eq!(ports.source.create_slot(SLOT).await.unwrap(), told[1].lsn);
    });
}

pub(crate) fn a_read_waits_for_the_first_commit_and_no_longer_than_it_should<A: Arm>() {
    A::run(with_slot(), async |ports| {
        let slot = ports.source.slot(SLOT);
        let (began, wait) = (ports.runtime.now(), Span::from_millis(40));
        assert!(slot.read(Lsn(0), 10, wait).await.unwrap().is_empty());
        assert!(ports.runtime.now() - began >= wait);
        let writes = async {
            ports.runtime.sleep(Span::from_millis(20)).await;
            write(&ports, 1, vec![put(1, 11)]).await
        };
        let reads = slot.read(Lsn(0), 10, Span::from_secs(4));
        let (commits, told) = driftlab_model::call::join(reads, Box::pin(writes)).await;
        assert_eq!(commits.unwrap(), [told]);
        assert!(ports.runtime.now() - began < Span::from_secs(2));
    });
}

pub(crate) fn a_watermark_stands_between_the_commits_before_and_after_it<A: Arm>() {
    A::run(with_slot(), async |ports| {
        let slot = ports.source.slot(SLOT);
        let before = write(&ports, 1, vec![put(1, 11)]).await;
        let low = ports.source.mark(Watermark(7)).await.unwrap();
        let snapshot = ports.source.snapshot().await.unwrap();
        let high = ports.source.mark(Watermark(7)).await.unwrap();
        let after = write(&ports, 2, vec![put(1, 12)]).await;
        assert!(before.lsn < low && low <= snapshot.lsn() && snapshot.lsn() < high && high < after.lsn);
        let given = read(slot.as_ref(), Lsn(0), 4).await;
        let marks: Vec<_> =
            given.iter().map(|commit| (commit.lsn, commit.watermark, commit.changes.len())).collect();
        let mark = Some(Watermark(7));
        assert_eq!(marks, [(before.lsn, None, 1), (low, mark, 0), (high, mark, 0), (after.lsn, None, 1)]);
    });
}

pub(crate) fn a_slot_that_was_never_made_is_lost<A: Arm>() {
    A::run(with_slot(), async |ports| {
        let slot = ports.source.slot("another");
        assert_eq!(slot.confirmed().await, Err(Refusal::SlotLost.into()));
        assert_eq!(slot.read(Lsn(0), 1, Span::from_millis(1)).await, Err(Refusal::SlotLost.into()));
        let first = write(&ports, 1, vec![put(1, 11)]).await;
        assert_eq!(ports.source.create_slot("another").await.unwrap(), first.lsn);
        let second = write(&ports, 2, vec![put(1, 12)]).await;
        assert_eq!(read(slot.as_ref(), Lsn(0), 1).await, [second]);
    });
}
