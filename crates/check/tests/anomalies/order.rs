//! Order of the versions of a key, and what is lost.

use crate::history::{SEARCH, found, search, sentence};
use driftlab_check::{Anomaly, Level, Standing};
use driftlab_model::View;

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
