//! Deletions: missed, undone, late.

use crate::history::{SEARCH, found, search, sentence};
use driftlab_check::Anomaly;
use driftlab_model::{TransactionId, View, WriteId};

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
