//! Snapshots and scans.

use crate::arm::{Arm, LINE, PRODUCT, add, delete, plain, product, put, transaction};
use driftlab_model::port::{Capture, Scan, Scanned, Snapshot};
use driftlab_model::{CommitIndex, Key, Statement, TableId, Time, Value};

async fn scan(snapshot: &dyn Snapshot, table: TableId, updated_after: Option<Time>) -> Vec<Scanned> {
    let page = snapshot.scan(Scan { table, after: None, limit: 1_000, updated_after }).await.unwrap();
    assert_eq!(page.next, None);
    page.rows
}

pub(crate) fn a_snapshot_shows_one_state_whatever_commits_meanwhile<A: Arm>() {
    A::run(plain(), async |ports| {
        let at_first = ports.source.snapshot().await.unwrap();
        assert_eq!(at_first.index(), CommitIndex(0));
        let commit =
            ports.source.transact(&transaction(1, vec![put(1, 99), delete(2)]), Capture::Nothing).await;
        let commit = commit.unwrap();
        let after = ports.source.snapshot().await.unwrap();
        assert_eq!((after.index(), after.lsn()), (commit.index, commit.lsn));
        assert!(at_first.lsn() < after.lsn());
        ports.source.transact(&transaction(2, vec![delete(1), delete(3)]), Capture::Nothing).await.unwrap();
        for _ in 0..2 {
            let keys = |rows: Vec<Scanned>| rows.into_iter().map(|row| row.key).collect::<Vec<_>>();
            assert_eq!(keys(scan(at_first.as_ref(), PRODUCT, None).await), [1, 2, 3].map(product));
            let rows = scan(after.as_ref(), PRODUCT, None).await;
            assert_eq!(rows[0].row, commit.changes[0].after);
            assert_eq!(keys(rows), [1, 3].map(product));
        }
    });
}

pub(crate) fn pages_follow_each_other_in_key_order_and_end<A: Arm>() {
    A::run(plain(), async |ports| {
        let line = |order: i64, number: &str| Key::new(LINE, &[Value::from(order), Value::from(number)]);
        let keys = [line(-5, "b"), line(2, ""), line(2, "a"), line(2, "b"), line(10, "a"), line(11, "a")];
        let insert = |key: &Key| {
            let [order, number] = key.values().try_into().unwrap();
            let values = [order, number, Value::from(0.5), Value::from(""), Value::Null].into();
            Statement::Insert { key: key.clone(), values }
        };
        let asked = transaction(1, keys.iter().rev().map(insert).collect());
        ports.source.transact(&asked, Capture::Nothing).await.unwrap();
        let snapshot = ports.source.snapshot().await.unwrap();
        for limit in 1..=7 {
            let mut scan = Scan { table: LINE, after: None, limit, updated_after: None };
            let mut found = Vec::new();
            loop {
                let page = snapshot.scan(scan.clone()).await.unwrap();
                assert!(page.rows.len() <= limit);
                found.extend(page.rows.into_iter().map(|row| row.key));
                scan.after = page.next;
                if scan.after.is_none() {
                    break;
                }
            }
            assert_eq!(found, keys, "pages of {limit}");
        }
    });
}

pub(crate) fn stamped_scans_give_what_changed_and_what_was_softly_deleted<A: Arm>() {
    A::run(plain(), async |ports| {
        let commit =
            ports.source.transact(&transaction(1, vec![add(1, 1)]), Capture::SoftDeletes).await.unwrap();
        let first = commit.changes[0].after.as_ref().unwrap().updated_at();
        let watermark = ports.source.snapshot().await.unwrap().newest_stamp();
        assert_eq!(watermark, first);
        ports.runtime.sleep(driftlab_model::Span::from_millis(2)).await;
        ports
            .source
            .transact(&transaction(2, vec![delete(3), add(2, 1)]), Capture::SoftDeletes)
            .await
            .unwrap();
        let snapshot = ports.source.snapshot().await.unwrap();
        let rows = scan(snapshot.as_ref(), PRODUCT, Some(watermark)).await;
        let seen: Vec<_> = rows.iter().map(|row| (row.key.clone(), row.row.is_some())).collect();
        assert_eq!(seen, [(product(2), true), (product(3), false)]);
        assert!(rows.iter().all(|row| row.updated_at > watermark));
        assert_eq!(rows.iter().map(|row| row.updated_at).max(), Some(snapshot.newest_stamp()));
        assert_eq!(scan(snapshot.as_ref(), PRODUCT, None).await.len(), 2);
    });
}

pub(crate) fn a_softly_deleted_row_is_gone_and_can_come_back<A: Arm>() {
    A::run(plain(), async |ports| {
        let commit =
            ports.source.transact(&transaction(1, vec![delete(1)]), Capture::SoftDeletes).await.unwrap();
        assert!(commit.changes[0].before.is_some() && commit.changes[0].after.is_none());
        assert_eq!(ports.source.read(&product(1)).await.unwrap(), None);
        let nothing =
            ports.source.transact(&transaction(2, vec![add(1, 1), delete(1)]), Capture::SoftDeletes).await;
        assert!(nothing.unwrap().changes.is_empty());
        let insert = Statement::Insert { key: product(1), values: crate::arm::price(1, 5) };
        let back = ports.source.transact(&transaction(3, vec![insert]), Capture::SoftDeletes).await.unwrap();
        assert_eq!(back.changes[0].before, None);
        assert_eq!(ports.source.read(&product(1)).await.unwrap(), back.changes[0].after);
    });
}
