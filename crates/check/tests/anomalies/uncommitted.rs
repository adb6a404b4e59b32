//! What is shown before it is committed, or though it never is; and what is known of it in hindsight.

use crate::history::{SEARCH, found, row, search, sentence};
use driftlab_check::Anomaly;
use driftlab_model::{Row, TransactionId, Value, View, WriteId};

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

/// debezium-server-iceberg#196: the write arrived, and the column that it left alone did not.
#[test]
fn a_column_that_is_null_in_the_copy_is_lost_and_named() {
    let mut s = search(&[(4, 5)]);
    let t = s.commit(10, 1, &[(4, Some(9))]);
    let written = s.row_of(t, 4);
    let values = [written.values()[0].clone(), Value::Null].into();
    let emptied = Row::new(written.write(), written.version(), written.updated_at(), values);
    s.show_view(11, SEARCH, &[(4, View::Row(emptied))]);
    let judged = s.quiescent(20);
    assert_eq!(
        found(&judged),
        ["search lost_update 10..", "search not_a_prefix 11..", "search phantom 11.."]
    );
    assert_eq!(
        sentence(&judged, Anomaly::LostUpdate),
        "price of product 4 is null in search since client-1's write, committed at 10 ms; the source has price 9"
    );
    s.show(30, SEARCH, t, &[4]);
    assert_eq!(s.quiescent(40).sinks[0].tally(Anomaly::LostUpdate).total, 0);
}

/// What was guessed and came out otherwise is no column that got lost: it is what nobody committed.
#[test]
fn a_value_that_is_wrong_and_not_missing_is_a_phantom_alone() {
    let mut s = search(&[(4, 5)]);
    let t = s.commit(10, 1, &[(4, Some(9))]);
    s.show_view(11, SEARCH, &[(4, View::Row(row(s.row_of(t, 4).write(), 4, 8)))]);
    let judged = s.quiescent(20);
    assert_eq!(found(&judged), ["search not_a_prefix 11..", "search phantom 11.."]);
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
