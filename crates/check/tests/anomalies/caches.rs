//! What a cache does not hold, and stale fills.

use crate::history::{SEARCH, cache, found, sentence};
use driftlab_check::Anomaly;
use driftlab_model::View;

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
