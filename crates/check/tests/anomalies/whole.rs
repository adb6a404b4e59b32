//! A sink as a whole: torn transactions, and states that are no prefix of the source's.

use crate::history::{SEARCH, at, found, product, search, sentence};
use driftlab_check::{Anomaly, Level};
use driftlab_model::{
    Change, ColumnType, Commit, CommitIndex, Event, Lsn, ProcessId, Row, Schema, Table, TransactionId, Value,
    Version, View, WriteId,
};
use std::sync::Arc;

#[test]
fn a_transaction_that_arrives_row_by_row_is_torn_until_it_is_whole() {
    let mut s = search(&[(4, 5), (9, 1)]);
    let t = s.commit(10, 1, &[(4, Some(6)), (9, Some(2))]);
    s.show(12, SEARCH, t, &[4]).show(15, SEARCH, t, &[9]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search not_a_prefix 12..15", "search torn_transaction 12..15"]);
    assert_eq!(
        sentence(&judged, Anomaly::TornTransaction),
        "search shows client-1's price 6 of product 4 but still the initial load's price 1 of product 9, though client-1 changed both in one transaction (commit 1); torn for 3 ms"
    );

    let mut s = search(&[(4, 5), (9, 1)]);
    let t = s.commit(10, 1, &[(4, Some(6)), (9, Some(2))]);
    // Two events of one instant are one step to a reader.
    s.show(12, SEARCH, t, &[4]).show(12, SEARCH, t, &[9]);
    assert_eq!(found(&s.quiescent(20)), Vec::<String>::new());
}

/// A sale lowers two stocks; a sentence about the names of the products would say nothing.
#[test]
fn a_torn_sale_is_told_by_the_stock_that_it_lowered() {
    let mut s = search(&[]);
    let columns = [("id", ColumnType::Integer), ("name", ColumnType::Text), ("stock", ColumnType::Integer)];
    s.history.cast.schema = Schema::new(vec![Table::new("product", "product", 1, &columns)]);
    let row = |write: WriteId, n: i64, stock: i64| {
        let values = [Value::from(n), Value::from(format!("product {n}").as_str()), Value::from(stock)];
        Row::new(write, Version(0), at(0), values.into())
    };
    s.history.cast.load = [85, 90].map(|n| (product(n), row(WriteId::LOAD, n, 42))).to_vec();
    let t = s.begin(10, 1);
    let write = |index| WriteId { transaction: TransactionId(t), index };
    let change = |index, n| Change {
        key: product(n),
        before: Some(row(WriteId::LOAD, n, 42)),
        after: Some(row(write(index), n, 41)),
        write: write(index),
        version: Version(1),
    };
    let commit = Commit {
        transaction: TransactionId(t),
        index: CommitIndex(1),
        lsn: Lsn(1),
        at: at(11),
        changes: [change(0, 85), change(1, 90)].into_iter().collect(),
        watermark: None,
    };
    s.event(11, Event::Committed { by: ProcessId(0), commit: Arc::new(commit) });
    s.show_view(12, SEARCH, &[(85, View::Row(row(write(0), 85, 41)))]);
    let judged = s.quiescent(20);
    assert_eq!(
        sentence(&judged, Anomaly::TornTransaction),
        "search shows client-1's stock 41 of product 85 but still the initial load's stock 42 of product 90, though client-1 changed both in one transaction (commit 1); torn until the end of the run"
    );
    assert_eq!(
        sentence(&judged, Anomaly::LostUpdate),
        "client-1's stock 41 of product 90, committed at 11 ms, never reached search; it still shows the initial load's 42"
    );
}

#[test]
fn changes_that_arrive_in_another_order_are_no_prefix() {
    let mut s = search(&[(4, 5), (9, 1)]);
    let first = s.commit(10, 1, &[(9, Some(2))]);
    let second = s.commit(11, 2, &[(4, Some(6))]);
    s.show(12, SEARCH, second, &[4]).show(15, SEARCH, first, &[9]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search not_a_prefix 12..15"]);
    assert_eq!(
        sentence(&judged, Anomaly::NotAPrefix),
        "product 4 in search is from commit 2 (client-2), but product 9's value died at commit 1 (client-1); no prefix for 3 ms"
    );
    // Each key by itself is in order.
    assert_eq!(judged.sinks[0].ladder.strongest(), Some(Level::PerKeyTimeline));
}

/// With more than one partition each is at a prefix of its own, though the whole is not.
#[test]
fn a_partitioned_log_keeps_the_order_of_each_partition_only() {
    let (mut a, mut b) = (1, 2);
    while product(a).partition(2) != 0 {
        a += 1;
    }
    while product(b).partition(2) != 1 {
        b += 1;
    }
    for same in [false, true] {
        let c = if same { (a + 1..).find(|n| product(*n).partition(2) == 0).unwrap() } else { b };
        let mut s = search(&[(a, 5), (c, 1)]);
        s.history.cast.partitions = 2;
        let first = s.commit(10, 1, &[(a, Some(2))]);
        let second = s.commit(11, 2, &[(c, Some(6))]);
        s.show(12, SEARCH, second, &[c]).show(15, SEARCH, first, &[a]);
        let judged = s.quiescent(20);
        assert_eq!(found(&judged), ["search not_a_prefix 12..15"]);
        let expected = if same { Level::PerKeyTimeline } else { Level::PartitionVectorPrefix };
        assert_eq!(judged.sinks[0].ladder.strongest(), Some(expected));
    }
}

/// A batch that clears the copy and loads it page by page passes through states that the source has left long ago. Once it is through, the copy is as new as it was,
/// also where the source had been in that very state before.
#[test]
fn a_reload_that_ends_in_a_state_that_recurred_is_no_step_back_for_good() {
    let mut s = search(&[(4, 5)]);
    let old = s.commit(10, 1, &[(4, Some(6))]);
    let new = s.commit(20, 1, &[(4, Some(7))]);
    let more = s.commit(30, 1, &[(8, Some(1))]);
    let less = s.commit(40, 1, &[(8, None)]);
    s.show(11, SEARCH, old, &[4]).show(21, SEARCH, new, &[4]).show(31, SEARCH, more, &[8]);
    s.show(41, SEARCH, less, &[8]).show(50, SEARCH, old, &[4]).show(53, SEARCH, new, &[4]);
    let judged = s.quiescent(60);
    assert_eq!(
        found(&judged),
        ["search non_monotonic 50..53", "search stale_overwrite 50..53"],
        "the source was in this state after its second commit and is after its fourth"
    );
}
