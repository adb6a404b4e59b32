//! Snapshots: what they show stays as it was, and is not kept a moment longer than needed.

use crate::fixture::{ACCOUNTS, Bank, account, add, balance, delete, insert, put, whole_table};
use driftlab_model::port::{Page, Scan};
use driftlab_model::{CommitIndex, Key, Refusal, TableId, Time, Value};
use driftlab_sim::database::{DatabaseConfig, Isolation, SnapshotView};

fn bank(accounts: i64) -> Bank {
    Bank::new(DatabaseConfig::default(), accounts)
}

fn shown(page: &Page) -> Vec<(i64, i64)> {
    let pair = |n: &Key, balance: Option<i64>| (n.as_integer().unwrap(), balance.unwrap());
    page.rows.iter().map(|scanned| pair(&scanned.key, balance(scanned.row.as_ref()))).collect()
}

fn all(bank: &mut Bank, view: &SnapshotView) -> Vec<(i64, i64)> {
    shown(&bank.db.scan(view.id, &whole_table(1_000)).unwrap())
}

/// A backup that reads page by page while clients write must not mix two states.
#[test]
fn a_snapshot_stays_as_it_was_while_the_table_moves() {
    let mut bank = bank(3);
    bank.autocommit(&put(2, 20));
    let old = bank.db.open_snapshot();
    assert_eq!((old.index, old.lsn), (CommitIndex(1), bank.db.log_end()));
    bank.autocommit(&delete(1));
    bank.autocommit(&put(2, 21));
    bank.autocommit(&insert(4, 40));
    let middle = bank.db.open_snapshot();
    bank.autocommit(&put(2, 22));
    bank.autocommit(&insert(1, 11));
    bank.autocommit(&delete(4));
    let open = bank.begin();
    bank.run(open, 0, &put(3, 0));
    let new = bank.db.open_snapshot();
    assert_eq!(all(&mut bank, &old), [(1, 100), (2, 20), (3, 100)]);
    assert_eq!(all(&mut bank, &middle), [(2, 21), (3, 100), (4, 40)]);
    assert_eq!(all(&mut bank, &new), [(1, 11), (2, 22), (3, 100)]);
    bank.db.close_snapshot(old.id);
    assert_eq!(all(&mut bank, &middle), [(2, 21), (3, 100), (4, 40)]);
    bank.db.close_snapshot(middle.id);
    bank.db.close_snapshot(new.id);
    assert_eq!(bank.db.old_versions(), 0);
}

#[test]
fn versions_are_kept_for_views_only_and_dropped_with_them() {
    let mut bank = Bank::at(Isolation::Snapshot);
    bank.autocommit(&put(1, 1));
    assert_eq!(bank.db.old_versions(), 0, "nobody looks");
    let view = bank.db.open_snapshot();
    for n in 0..10 {
        bank.autocommit(&put(1, n));
        bank.autocommit(&put(2, n));
    }
    assert_eq!(bank.db.old_versions(), 2, "what no view saw between is not kept");
    let reader = bank.begin();
    assert_eq!(bank.balance_in(reader, 1), Some(9));
    bank.autocommit(&put(1, 77));
    bank.db.close_snapshot(view.id);
    assert_eq!(bank.db.old_versions(), 1, "the reader's own");
    assert_eq!(bank.balance_in(reader, 1), Some(9));
    bank.commit(reader).unwrap();
    assert_eq!(bank.db.old_versions(), 0);
}

#[test]
fn pages_cover_a_table_in_key_order_and_only_it() {
    let mut bank = bank(7);
    let other = TableId(1);
    let named = Key::new(ACCOUNTS, &[Value::from("last")]);
    bank.db.preload(vec![
        (Key::integer(other, 0), [Value::from(0)].into()),
        (named.clone(), [Value::from("last"), Value::from(0)].into()),
    ]);
    let view = bank.db.open_snapshot();
    for limit in 0..10 {
        let mut keys = Vec::new();
        let mut scan = whole_table(limit);
        loop {
            let page = bank.db.scan(view.id, &scan).unwrap();
            assert!(page.rows.len() <= limit.max(1));
            keys.extend(page.rows.into_iter().map(|scanned| scanned.key));
            let Some(next) = page.next else { break };
            scan.after = Some(next);
        }
        let expected: Vec<Key> = (1..=7).map(account).chain([named.clone()]).collect();
        assert_eq!(keys, expected, "pages of {limit}");
    }
    let scan = Scan { table: other, after: Some(account(3)), limit: 5, updated_after: None };
    let page = bank.db.scan(view.id, &scan).unwrap();
    assert_eq!((page.rows.len(), page.next), (1, None));
}

#[test]
fn a_scan_by_stamp_gives_rows_above_it() {
    let mut bank = bank(5);
    for (n, stamp) in [(1, 30), (2, 10), (3, 20), (4, 20)] {
        let client = bank.begin();
        assert_eq!(
            bank.run_at(client, 0, &add(n, 1), Time::from_nanos(stamp)),
            driftlab_sim::database::Step::Done
        );
        bank.commit(client).unwrap();
    }
    let view = bank.db.open_snapshot();
    let scan = Scan { updated_after: Some(Time::from_nanos(10)), ..whole_table(2) };
    let page = bank.db.scan(view.id, &scan).unwrap();
    assert_eq!((shown(&page), page.next.clone()), (vec![(1, 101), (3, 101)], Some(account(3))));
    let page = bank.db.scan(view.id, &Scan { after: page.next, ..scan }).unwrap();
    assert_eq!((shown(&page), page.next), (vec![(4, 101)], None));
}

/// The bookmark of an incremental batch is the highest stamp of what it read; one too high loses rows for good.
#[test]
fn the_newest_stamp_is_that_of_the_view_even_where_the_newest_row_is_gone() {
    let mut bank = bank(5);
    let write = |bank: &mut Bank, statement, stamp| {
        let client = bank.begin();
        let _ = bank.run_at(client, 0, &statement, Time::from_nanos(stamp));
        bank.commit(client).unwrap();
        let view = bank.db.open_snapshot();
        bank.db.close_snapshot(view.id);
        view.newest_stamp.nanos()
    };
    assert_eq!(write(&mut bank, put(1, 1), 10), 10);
    assert_eq!(write(&mut bank, put(2, 1), 30), 30);
    assert_eq!(write(&mut bank, put(3, 1), 20), 30);
    assert_eq!(write(&mut bank, delete(2), 40), 20, "the row with 30 is gone");
    assert_eq!(write(&mut bank, put(3, 2), 5), 10, "a slower clock took 20 away");
    assert_eq!(write(&mut bank, put(1, 2), 10), 10);
    assert_eq!(write(&mut bank, delete(1), 50), 5);
    assert_eq!(write(&mut bank, delete(3), 50), 0, "only the initial load is left");
}

#[test]
fn a_closed_snapshot_is_refused_even_where_its_place_was_reused() {
    let mut bank = bank(2);
    let old = bank.db.open_snapshot();
    bank.db.close_snapshot(old.id);
    let new = bank.db.open_snapshot();
    bank.db.close_snapshot(old.id);
    assert_eq!(bank.db.scan(old.id, &whole_table(9)), Err(Refusal::Unavailable));
    bank.autocommit(&put(1, 1));
    assert_eq!(all(&mut bank, &new), [(1, 100), (2, 100)]);
}
