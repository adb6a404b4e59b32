//! Sinks that start empty, several sinks, and sinks that nobody serves.

use crate::history::{OTHER, SEARCH, found, sentence, sink, story};
use driftlab_check::{Anomaly, Level};
use driftlab_model::SinkKind;

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
