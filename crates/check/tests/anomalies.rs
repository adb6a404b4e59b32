//! Every anomaly in the shortest history that shows it, and the same history without the fault, in which nothing is to be found.

mod history;

use driftlab_check::{Anomaly, Checker, Level, Standing};
use driftlab_model::{
    Change, ColumnType, Commit, CommitIndex, Event, Invariant, Key, Lsn, Observer, ProcessId, Row, Schema,
    SinkForm, SinkKind, Table, TransactionId, Value, Version, View, WriteId,
};
use history::{OTHER, SEARCH, at, cache, found, product, row, search, sentence, sink, story};
use std::sync::Arc;

/// Two application servers update a product; the index hears of it in the other order. Reported of every shop that ever wrote to two stores.
#[test]
fn two_writers_whose_writes_reach_the_index_in_the_other_order() {
    for in_order in [false, true] {
        let mut s = search(&[(4, 5)]);
        let first = s.commit(10, 1, &[(4, Some(9))]);
        let second = s.commit(11, 2, &[(4, Some(12))]);
        let (one, two) = if in_order { (first, second) } else { (second, first) };
        s.show(12, SEARCH, one, &[4]).show(15, SEARCH, two, &[4]);
        let judged = s.quiescent(20);
        if in_order {
            assert_eq!(found(&judged), Vec::<String>::new());
            assert_eq!(judged.sinks[0].ladder.strongest(), Some(Level::Atomic));
            continue;
        }
        assert_eq!(found(&judged), ["search non_monotonic 15..", "search stale_overwrite 15.."]);
        assert_eq!(
            sentence(&judged, Anomaly::StaleOverwrite),
            "client-2's price 12 of product 4 was committed second but reached search first; client-1's 9 overwrote it 3 ms later; wrong until the end of the run"
        );
        assert_eq!(judged.sinks[0].divergent_at_end, 1);
        assert!(matches!(judged.sinks[0].ladder.standings[0], Standing::Broken(_)));
    }
}

#[test]
fn a_stale_overwrite_heals_when_something_as_new_is_shown_again() {
    let mut s = search(&[(4, 5)]);
    let first = s.commit(10, 1, &[(4, Some(9))]);
    let second = s.commit(11, 2, &[(4, Some(12))]);
    s.show(12, SEARCH, first, &[4]).show(13, SEARCH, second, &[4]);
    s.show(15, SEARCH, first, &[4]).show(18, SEARCH, second, &[4]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search non_monotonic 15..18", "search stale_overwrite 15..18"]);
    assert_eq!(
        sentence(&judged, Anomaly::StaleOverwrite),
        "search showed client-2's price 12 of product 4; 2 ms later the older client-1's price 9 was shown again; wrong for 3 ms"
    );
    assert_eq!(judged.sinks[0].tally(Anomaly::StaleOverwrite).longest.nanos(), 3_000_000);
}

#[test]
fn a_change_that_never_arrives_is_lost_and_one_that_is_overtaken_by_a_newer_is_not() {
    let mut s = search(&[(4, 5)]);
    s.commit(10, 1, &[(4, Some(9))]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search lost_update 10.."]);
    assert_eq!(
        sentence(&judged, Anomaly::LostUpdate),
        "client-1's price 9 of product 4, committed at 10 ms, never reached search; it still shows the initial load's 5"
    );
    assert_eq!(judged.sinks[0].never_shown, 1);
    assert_eq!(judged.sinks[0].silent.divergences, 1);
    assert_eq!(judged.sinks[0].silent.row_count.never, 1);

    let mut s = search(&[(4, 5)]);
    s.commit(10, 1, &[(4, Some(9))]);
    let second = s.commit(11, 1, &[(4, Some(10))]);
    s.show(12, SEARCH, second, &[4]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), Vec::<String>::new());
    assert_eq!(judged.sinks[0].never_shown, 0);
}

/// Without quiescence nobody knows whether the change would have arrived.
#[test]
fn a_run_that_gave_up_calls_nothing_lost() {
    let mut s = search(&[(4, 5)]);
    s.commit(10, 1, &[(4, Some(9))]);
    s.load_ended(20);
    let judged = s.judge();
    assert_eq!(found(&judged), Vec::<String>::new());
    assert_eq!(judged.sinks[0].ladder.standings[0], Standing::Unknown("the run did not come to quiescence"));
}

/// A batch that selects by `updated_at` never selects what is gone.
#[test]
fn a_deletion_that_never_arrives_is_missed() {
    let mut s = search(&[(4, 5)]);
    s.commit(1_200, 3, &[(4, None)]);
    let judged = s.quiescent(2_000);
    assert_eq!(found(&judged), ["search missed_delete 1200.."]);
    assert_eq!(
        sentence(&judged, Anomaly::MissedDelete),
        "product 4 was deleted by client-3 at 1.2 s; search still shows it"
    );
    // A ghost row is seen by counting, and not by looking for what the source has.
    assert_eq!(judged.sinks[0].silent.row_count.noticed.count(), 1);
    assert_eq!(judged.sinks[0].silent.updated_at.never, 1);

    let mut s = search(&[(4, 5)]);
    let deletion = s.commit(1_200, 3, &[(4, None)]);
    s.show(1_300, SEARCH, deletion, &[4]);
    assert_eq!(found(&s.quiescent(2_000)), Vec::<String>::new());
}

/// A pipeline that lags by a whole life of a row, and then loses the last deletion, has missed it: how late it was must not change the name.
#[test]
fn a_missed_deletion_has_its_name_however_late_the_others_came() {
    for lag in [1, 100] {
        let mut s = search(&[]);
        let commits = [(10, Some(5)), (20, None), (30, Some(6)), (40, None)];
        let mut shown = Vec::new();
        for (at, row) in commits {
            if lag == 1 {
                let commit = s.commit(at, 1, &[(4, row)]);
                if at < 40 {
                    s.show(at + lag, SEARCH, commit, &[4]);
                }
            } else {
                shown.push(s.commit(at, 1, &[(4, row)]));
            }
        }
        for (late, commit) in (100..).zip(shown.into_iter().take(3)) {
            s.show(late, SEARCH, commit, &[4]);
        }
        let judged = s.quiescent(200);
        let begin = if lag == 1 { 40 } else { 102 };
        assert_eq!(found(&judged), [format!("search missed_delete {begin}..")], "lag {lag}");
    }
}

#[test]
fn a_late_write_brings_a_deleted_row_back() {
    let mut s = search(&[(4, 5)]);
    let update = s.commit(10, 1, &[(4, Some(9))]);
    let deletion = s.commit(11, 2, &[(4, None)]);
    s.show(12, SEARCH, deletion, &[4]).show(14, SEARCH, update, &[4]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search non_monotonic 14..", "search resurrected 14.."]);
    assert_eq!(
        sentence(&judged, Anomaly::Resurrected),
        "product 4 was deleted by client-2 and search had shown that; 2 ms later client-1's price 9 was shown again; wrong until the end of the run"
    );
}

/// The opposite: a late deletion takes away what was inserted after it.
#[test]
fn a_late_deletion_takes_a_new_row_away() {
    let mut s = search(&[(4, 5)]);
    let deletion = s.commit(10, 1, &[(4, None)]);
    let insert = s.commit(11, 2, &[(4, Some(9))]);
    s.show(12, SEARCH, insert, &[4]).show(14, SEARCH, deletion, &[4]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search non_monotonic 14..", "search stale_overwrite 14.."]);
}

/// An absence is an absence: nobody can tell one deletion from another.
#[test]
fn a_deletion_that_comes_late_to_a_key_that_is_deleted_again_is_nothing() {
    let mut s = search(&[(4, 5)]);
    let deletion = s.commit(10, 1, &[(4, None)]);
    s.show(11, SEARCH, deletion, &[4]);
    let insert = s.commit(12, 2, &[(4, Some(9))]);
    let again = s.commit(13, 2, &[(4, None)]);
    s.show(15, SEARCH, insert, &[4]).show(16, SEARCH, again, &[4]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), Vec::<String>::new());

    let mut s = search(&[(4, 5)]);
    let deletion = s.commit(10, 1, &[(4, None)]);
    s.commit(12, 2, &[(4, Some(9))]);
    s.commit(13, 2, &[(4, None)]);
    s.show(15, SEARCH, deletion, &[4]);
    assert_eq!(found(&s.quiescent(20)), Vec::<String>::new());
}

#[test]
fn what_is_shown_and_rolled_back_is_a_phantom() {
    let mut s = search(&[(4, 5)]);
    s.commit(1, 2, &[(5, Some(1))]);
    let (insert, t) = (0, s.begin(10, 1));
    s.show(2, SEARCH, insert, &[5]);
    s.write(t, &[(4, Some(9))]);
    s.show(11, SEARCH, t, &[4]).abort(12, 1, t);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search not_a_prefix 11..", "search phantom 11.."]);
    assert_eq!(
        sentence(&judged, Anomaly::Phantom),
        "search showed client-1's price 9 of product 4, but its transaction was rolled back; wrong until the end of the run"
    );
}

#[test]
fn what_is_shown_and_then_committed_was_visible_early() {
    let mut s = search(&[(4, 5)]);
    let t = s.begin(10, 1);
    s.write(t, &[(4, Some(9))]);
    s.show(11, SEARCH, t, &[4]).commit_open(14, 1, t);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search early_visibility 11..14", "search not_a_prefix 11..14"]);
    assert_eq!(
        sentence(&judged, Anomaly::EarlyVisibility),
        "search showed client-1's price 9 of product 4 3 ms before it was committed"
    );
    assert_eq!(judged.sinks[0].divergent_at_end, 0);
    assert_eq!(judged.sinks[0].freshness.max().map(|lag| lag.nanos()), Some(0));
}

/// Both clients write the index first, in one order; the database commits in the other.
#[test]
fn two_early_writes_that_commit_in_the_other_order_are_a_stale_overwrite_in_hindsight() {
    for in_order in [false, true] {
        let mut s = search(&[(4, 5)]);
        let (a, b) = (s.begin(10, 1), s.begin(10, 2));
        s.write(a, &[(4, Some(9))]).write(b, &[(4, Some(12))]);
        s.show(11, SEARCH, a, &[4]).show(13, SEARCH, b, &[4]);
        if in_order {
            s.commit_open(15, 1, a).commit_open(16, 2, b);
        } else {
            s.commit_open(15, 2, b).commit_open(16, 1, a);
        }
        let judged = s.quiescent(20);
        let overwrites = judged.sinks[0].tally(Anomaly::StaleOverwrite);
        assert_eq!((overwrites.total, overwrites.permanent), if in_order { (0, 0) } else { (1, 1) });
        assert_eq!(judged.sinks[0].tally(Anomaly::LostUpdate).total, 0);
        if !in_order {
            assert_eq!(
                sentence(&judged, Anomaly::StaleOverwrite),
                "client-1's price 9 of product 4 was committed second but reached search first; client-2's 12 overwrote it 2 ms later; wrong until the end of the run"
            );
            assert!(found(&judged).contains(&"search stale_overwrite 13..".to_owned()));
        }
    }
}

#[test]
fn an_early_deletion_that_commits_last_was_undone_by_what_was_shown_after_it() {
    let mut s = search(&[(4, 5)]);
    let (a, b) = (s.begin(10, 1), s.begin(10, 2));
    s.write(a, &[(4, None)]).write(b, &[(4, Some(12))]);
    s.show(11, SEARCH, a, &[4]).show(13, SEARCH, b, &[4]);
    s.commit_open(15, 2, b).commit_open(16, 1, a).show(18, SEARCH, a, &[4]);
    let judged = s.quiescent(20);
    assert!(found(&judged).contains(&"search resurrected 13..18".to_owned()), "{:?}", found(&judged));
    assert_eq!(judged.sinks[0].tally(Anomaly::StaleOverwrite).total, 0);
}

/// The newer of the two was shown early and the older when it was committed, or the other way about.
#[test]
fn an_early_write_that_commits_last_is_overwritten_by_what_was_committed_before_it() {
    for early_first in [true, false] {
        let mut s = search(&[(4, 5)]);
        let early = s.begin(10, 1);
        s.write(early, &[(4, Some(9))]);
        let committed = s.commit(11, 2, &[(4, Some(12))]);
        let (one, two) = if early_first { (early, committed) } else { (committed, early) };
        s.show(12, SEARCH, one, &[4]).show(13, SEARCH, two, &[4]).commit_open(16, 1, early);
        let judged = s.quiescent(20);
        let seen = found(&judged).contains(&"search stale_overwrite 13..".to_owned());
        assert_eq!(seen, early_first, "{:?}", found(&judged));
    }
}

#[test]
fn a_step_back_in_hindsight_ends_when_the_newer_value_was_shown_again() {
    let mut s = search(&[(4, 5)]);
    let (a, b) = (s.begin(10, 1), s.begin(10, 2));
    s.write(a, &[(4, Some(9))]).write(b, &[(4, Some(12))]);
    s.show(11, SEARCH, a, &[4]).show(13, SEARCH, b, &[4]).show(14, SEARCH, a, &[4]);
    s.commit_open(15, 2, b).commit_open(16, 1, a);
    let judged = s.quiescent(20);
    assert!(found(&judged).contains(&"search stale_overwrite 13..14".to_owned()), "{:?}", found(&judged));
}

/// A guess that differs from what was committed is no early sight of it.
#[test]
fn a_wrong_guess_is_a_phantom_even_when_its_transaction_commits() {
    let mut s = search(&[(4, 5)]);
    let t = s.begin(10, 1);
    s.write(t, &[(4, Some(9))]);
    let guess = row(WriteId { transaction: TransactionId(t), index: 0 }, 4, 8);
    s.show_view(11, SEARCH, &[(4, View::Row(guess))]).commit_open(14, 1, t).show(16, SEARCH, t, &[4]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search not_a_prefix 11..16", "search phantom 11..16"]);
}

/// The row that a deletion was to remove had been removed by somebody else meanwhile.
#[test]
fn an_early_deletion_that_finds_nothing_to_delete_is_no_anomaly_of_its_own() {
    let mut s = search(&[]);
    let t = s.begin(10, 1);
    s.write(t, &[(4, None)]);
    s.show(11, SEARCH, t, &[4]).commit_open(14, 1, t);
    assert_eq!(found(&s.quiescent(20)), Vec::<String>::new());
}

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
        changes: vec![change(0, 85), change(1, 90)],
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

/// A client wrote into the sink and died before it turned to the database.
#[test]
fn a_phantom_whose_transaction_never_began_is_put_down_to_who_brought_it() {
    let mut s = search(&[(4, 5)]);
    let guess = row(WriteId { transaction: TransactionId(77), index: 0 }, 4, 8);
    s.show_view(11, SEARCH, &[(4, View::Row(guess))]);
    let judged = s.quiescent(20);
    assert_eq!(
        sentence(&judged, Anomaly::Phantom),
        "search showed relay's price 8 of product 4, but its transaction never began; wrong until the end of the run"
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

#[test]
fn a_state_that_comes_again_is_no_step_backwards() {
    let mut s = search(&[(4, 5)]);
    for ms in [10, 20, 30] {
        let insert = s.commit(ms, 1, &[(7, Some(1))]);
        s.show(ms + 1, SEARCH, insert, &[7]);
        let deletion = s.commit(ms + 2, 1, &[(7, None)]);
        s.show(ms + 3, SEARCH, deletion, &[7]);
    }
    assert_eq!(found(&s.quiescent(50)), Vec::<String>::new());
}

/// What a cache does not hold, it does not claim.
#[test]
fn a_cache_that_forgets_a_key_is_neither_stale_nor_divergent() {
    let mut s = cache(&[(4, 5)]);
    s.commit(10, 1, &[(4, Some(9))]);
    s.show_view(12, SEARCH, &[(4, View::NotHeld)]);
    s.commit(14, 1, &[(4, Some(10))]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), Vec::<String>::new());
    assert_eq!(judged.sinks[0].freshness.count(), 2);
    assert_eq!(judged.sinks[0].freshness.max().map(|lag| lag.nanos() / 1_000_000), Some(2));
    assert_eq!((judged.sinks[0].divergent.max, judged.sinks[0].never_shown), (1.0, 0));
}

/// The reader missed, read the source, and was slow to fill: meanwhile the row was updated and the key invalidated.
#[test]
fn a_stale_fill_after_the_invalidation_is_a_lost_update() {
    let mut s = cache(&[(4, 5)]);
    s.show_view(5, SEARCH, &[(4, View::NotHeld)]);
    s.commit(10, 1, &[(4, Some(9))]);
    let stale = s.loaded_view(4);
    s.show_view(12, SEARCH, &[(4, stale)]);
    assert_eq!(found(&s.quiescent(20)), ["cache lost_update 12.."]);
}

#[test]
fn a_stale_fill_of_what_the_cache_had_shown_newer_is_a_stale_overwrite() {
    let mut s = cache(&[(4, 5)]);
    let t = s.commit(10, 1, &[(4, Some(9))]);
    s.show(11, SEARCH, t, &[4]).show_view(12, SEARCH, &[(4, View::NotHeld)]);
    let stale = s.loaded_view(4);
    s.show_view(13, SEARCH, &[(4, stale)]).show_view(16, SEARCH, &[(4, View::NotHeld)]);
    assert_eq!(found(&s.quiescent(20)), ["cache non_monotonic 13..16", "cache stale_overwrite 13..16"]);
}

#[test]
fn a_stale_fill_of_a_deleted_row_resurrects_it_where_it_had_been_let_go() {
    for held in [true, false] {
        let mut s = cache(&[(4, 5)]);
        if !held {
            s.show_view(5, SEARCH, &[(4, View::NotHeld)]);
        }
        s.commit(10, 1, &[(4, None)]);
        s.show_view(12, SEARCH, &[(4, View::NotHeld)]);
        let stale = s.loaded_view(4);
        s.show_view(13, SEARCH, &[(4, stale)]);
        // Where the cache never held the key since, it has let go of nothing: the deletion never reached it.
        let name = if held { "cache resurrected 13.." } else { "cache missed_delete 13.." };
        assert_eq!(found(&s.quiescent(20)), [name]);
    }
}

#[test]
fn a_cache_whose_rows_are_from_different_times_is_no_prefix() {
    let mut s = cache(&[(4, 5), (9, 1)]);
    let t = s.commit(10, 1, &[(9, Some(2))]);
    let u = s.commit(11, 2, &[(4, Some(6))]);
    s.show(12, SEARCH, u, &[4]).show_view(15, SEARCH, &[(9, View::NotHeld)]);
    s.show(16, SEARCH, t, &[9]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["cache not_a_prefix 12..15"]);
    assert_eq!(
        sentence(&judged, Anomaly::NotAPrefix),
        "product 4 in cache is from commit 2 (client-2), but product 9's value died at commit 1 (client-1); no prefix for 3 ms"
    );
}

/// A store that was cleared says nothing of why a row is gone.
#[test]
fn a_row_that_vanishes_is_lost_and_never_a_stale_overwrite() {
    let mut s = search(&[(4, 5)]);
    let t = s.commit(10, 1, &[(4, Some(9))]);
    s.show(11, SEARCH, t, &[4]).show_view(12, SEARCH, &[(4, View::Missing)]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search lost_update 12..", "search not_a_prefix 12.."]);
    assert_eq!(judged.sinks[0].silent.row_count.noticed.count(), 1);
    assert_eq!(judged.sinks[0].silent.updated_at.noticed.count(), 1);
}

#[test]
fn a_deletion_by_nobody_in_particular_is_the_deletion() {
    let nobody = View::Deleted(WriteId { transaction: TransactionId(u64::MAX), index: 3 });
    let mut s = search(&[(4, 5)]);
    let update = s.commit(9, 1, &[(4, Some(9))]);
    s.show(9, SEARCH, update, &[4]);
    s.commit(10, 1, &[(4, None)]);
    s.show_view(12, SEARCH, &[(4, nobody)]);
    assert_eq!(found(&s.clone().quiescent(20)), Vec::<String>::new());
    s.show(14, SEARCH, update, &[4]);
    assert_eq!(found(&s.quiescent(20)), ["search non_monotonic 14..", "search resurrected 14.."]);
}

/// Until its first complete load a sink claims nothing as a whole.
#[test]
fn a_sink_that_starts_empty_is_not_judged_as_a_whole_before_it_is_loaded() {
    let mut empty = sink("search", SinkKind::Search);
    empty.preloaded = false;
    for loaded in [30, 11] {
        let mut s = story(&[(4, 5), (9, 1)], &[empty.clone()]);
        let t = s.commit(10, 1, &[(4, Some(6)), (9, Some(2))]);
        if loaded == 11 {
            s.event(11, driftlab_model::Event::Loaded { sink: SEARCH });
        }
        s.show(12, SEARCH, t, &[4]).show(15, SEARCH, t, &[9]);
        if loaded == 30 {
            s.event(30, driftlab_model::Event::Loaded { sink: SEARCH });
        }
        let judged = s.quiescent(40);
        let expected: &[&str] = if loaded == 30 {
            &[]
        } else {
            &["search not_a_prefix 11..15", "search torn_transaction 12..15"]
        };
        assert_eq!(found(&judged), expected);
        assert_eq!(judged.sinks[0].freshness.count(), 2);
    }
}

#[test]
fn two_sinks_that_end_with_different_versions_disagree() {
    let sinks = [sink("search", SinkKind::Search), sink("warehouse", SinkKind::Warehouse)];
    let mut s = story(&[(4, 5)], &sinks);
    let t = s.commit(10, 1, &[(4, Some(9))]);
    s.show(11, OTHER, t, &[4]);
    let judged = s.clone().quiescent(20);
    assert_eq!(found(&judged), ["search lost_update 10..", "search sink_disagreement 10.."]);
    assert_eq!(
        sentence(&judged, Anomaly::SinkDisagreement),
        "of product 4, search shows the initial load's price 5 and warehouse shows client-1's price 9"
    );
    s.show(12, SEARCH, t, &[4]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), Vec::<String>::new());
    // For a millisecond a reader of both could see that one is behind.
    assert_eq!(judged.sinks[0].ladder.strongest(), Some(Level::MonotonicPrefix));
}

#[test]
fn a_sink_that_is_not_served_is_not_judged() {
    let mut other = sink("search", SinkKind::Search);
    other.served = false;
    let mut s = story(&[(4, 5)], &[other]);
    s.commit(10, 1, &[(4, Some(9))]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), Vec::<String>::new());
    assert!(!judged.sinks[0].served);
}

#[test]
fn a_sink_that_keeps_versions_misses_one_or_applies_one_twice() {
    let mut history = sink("history", SinkKind::Warehouse);
    history.form = SinkForm::Versions;
    let mut s = story(&[(4, 5)], &[history]);
    let first = s.commit(10, 1, &[(4, Some(9))]);
    let second = s.commit(11, 2, &[(4, Some(12))]);
    let mut bad = s.clone();
    bad.apply(12, SEARCH, second, 4).apply(15, SEARCH, second, 4);
    let judged = bad.quiescent(20);
    assert_eq!(found(&judged), ["history duplicate_effect 15..", "history missed_change 10.."]);
    assert_eq!(
        sentence(&judged, Anomaly::DuplicateEffect),
        "client-2's change of product 4 (commit 2) was applied to history again by relay at 15 ms"
    );
    s.apply(12, SEARCH, first, 4).apply(15, SEARCH, second, 4);
    assert_eq!(found(&s.quiescent(20)), Vec::<String>::new());
}

/// Prices sum to 10.
struct Sum(i64);

impl Invariant for Sum {
    fn name(&self) -> &'static str {
        "prices sum to 10"
    }
    fn fresh(&self) -> Box<dyn Invariant> {
        Box::new(Self(0))
    }
    fn change(&mut self, _: &Key, before: Option<&Row>, after: Option<&Row>) {
        let price = |row: &Row| row.values()[1].as_integer().unwrap();
        self.0 += after.map_or(0, price) - before.map_or(0, price);
    }
    fn broken(&self) -> Option<String> {
        (self.0 != 10).then(|| format!("they sum to {}", self.0))
    }
}

#[test]
fn a_rule_that_holds_at_the_source_breaks_in_a_sink_that_shows_half_a_transfer() {
    let mut s = search(&[(1, 4), (2, 6)]);
    let t = s.commit(10, 1, &[(1, Some(3)), (2, Some(7))]);
    s.show(12, SEARCH, t, &[1]).show(15, SEARCH, t, &[2]);
    let mut checker = Checker::new(&s.history.cast).with_invariants(vec![Box::new(Sum(0))]);
    for _ in 0..2 {
        s.history.replay(&mut checker);
        checker.observe(at(16), &driftlab_model::Event::Milestone(driftlab_model::Milestone::Quiescent));
        let judged = checker.finish();
        assert_eq!(
            found(&judged),
            [
                "search broken_invariant 12..15",
                "search not_a_prefix 12..15",
                "search torn_transaction 12..15"
            ]
        );
        assert_eq!(
            sentence(&judged, Anomaly::BrokenInvariant),
            "\"prices sum to 10\" does not hold in search: they sum to 9; for 3 ms"
        );
        checker.restart();
    }
    let u = s.commit(20, 1, &[(1, Some(5))]);
    s.show(20, SEARCH, u, &[1]);
    s.history.replay(&mut checker);
    let judged = checker.finish();
    assert!(found(&judged).contains(&"source broken_invariant 20..?".to_owned()), "{:?}", found(&judged));
}

#[test]
fn a_client_that_does_not_see_its_own_write() {
    let mut s = search(&[(4, 5)]);
    let t = s.commit(10, 1, &[(4, Some(9))]);
    s.done(11, 1, t);
    let before = s.history.cast.load[0].1.clone();
    // A read that began before the answer may have missed it, and another client knows nothing of it.
    s.read(12, 10, 1, SEARCH, 4, Some(before.clone())).read(13, 12, 2, SEARCH, 4, Some(before.clone()));
    s.show(15, SEARCH, t, &[4]);
    let mut bad = s.clone();
    let judged = s.read(17, 16, 1, SEARCH, 4, Some(s.row_of(t, 4))).quiescent(20);
    assert_eq!(judged.sinks[0].ladder.strongest(), Some(Level::ReadYourWrites));
    // Both early reads were one version behind, for 2 and 3 ms.
    assert_eq!(judged.sinks[0].read_versions_behind, [2, 1]);
    let judged = bad.read(17, 14, 1, SEARCH, 4, Some(before)).quiescent(20);
    assert_eq!(
        judged.sinks[0].ladder.standings[Level::ReadYourWrites as usize],
        Standing::Broken(
            "client-1 wrote price 9 of product 4, was told so, and at 17 ms read the initial load's 5 from search".into()
        )
    );
}

#[test]
fn without_a_commit_everything_is_unknown() {
    let judged = search(&[(4, 5)]).quiescent(20);
    assert!(
        judged.sinks[0].ladder.standings.iter().all(|s| *s == Standing::Unknown("no transaction committed"))
    );
}

#[test]
fn an_audit_by_count_is_blind_while_a_missing_row_hides_behind_a_ghost() {
    let mut s = search(&[(1, 1), (2, 1)]);
    s.commit(10, 1, &[(1, None)]);
    let judged_early = s.clone().quiescent(20);
    assert_eq!(judged_early.sinks[0].silent.row_count.noticed.max().map(|s| s.nanos()), Some(0));
    s.commit(10, 1, &[(3, Some(1))]);
    let judged = s.clone().quiescent(20);
    assert_eq!(judged.sinks[0].silent.row_count.never, 2);
    s.commit(30, 1, &[(4, Some(1))]);
    let judged = s.quiescent(40);
    assert_eq!(judged.sinks[0].silent.row_count.never, 0);
    let ms = |span: driftlab_model::Span| span.nanos() / 1_000_000;
    assert_eq!(judged.sinks[0].silent.row_count.noticed.max().map(ms), Some(20));
}

#[test]
fn a_fault_is_recovered_from_when_the_sink_is_as_fresh_as_before() {
    let mut s = search(&[(4, 5)]);
    for n in 0..100u64 {
        let t = s.commit(10 * n, 1, &[(4, Some(n as i64))]);
        s.show(10 * n + 2, SEARCH, t, &[4]);
    }
    s.fault(1_000, true);
    let lost: Vec<u64> = (0..5u64).map(|n| s.commit(1_001 + n, 1, &[(4, Some(n as i64))])).collect();
    s.fault(1_050, false);
    s.show(1_060, SEARCH, lost[3], &[4]).show(1_070, SEARCH, lost[4], &[4]);
    let judged = s.quiescent(1_200);
    let [recovery] = judged.sinks[0].recoveries.as_slice() else { panic!("one window") };
    let ms = |span: driftlab_model::Span| span.nanos() / 1_000_000;
    assert_eq!((recovery.began, recovery.ended), (at(1_000), at(1_050)));
    assert_eq!(recovery.took.map(ms), Some(20));
    assert_eq!((ms(recovery.staleness_max), recovery.backlog_max), (65, 5));
    assert_eq!(judged.sinks[0].fresh_within.map(ms), Some(2));
}

#[test]
fn an_overloaded_pipeline_lags_without_bound_and_one_lost_change_does_not() {
    let run = |lag: &dyn Fn(u64) -> u64, lose: bool| {
        let mut s = search(&[(4, 5), (5, 5)]);
        if lose {
            s.commit(1, 1, &[(5, Some(6))]);
        }
        let mut shows = Vec::new();
        for n in 0..1_000u64 {
            let t = s.commit(10 + 10 * n, 1, &[(4, Some(n as i64))]);
            shows.push((10 + 10 * n + lag(10 * n), t));
        }
        for &(ms, t) in &shows {
            s.show(ms, SEARCH, t, &[4]);
        }
        s.history.events.sort_by_key(|(at, _)| *at);
        s.load_ended(10_010);
        s.history.events.sort_by_key(|(at, _)| *at);
        let judged = s.quiescent(20_000);
        judged.sinks[0].tally(Anomaly::UnboundedLag).total
    };
    assert_eq!(run(&|ms| 3 + ms / 5, false), 1);
    assert_eq!(run(&|_| 3, false), 0);
    assert_eq!(run(&|_| 3, true), 0);
}
