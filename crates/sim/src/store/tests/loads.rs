use super::*;
use Condition::{Always, Newer};

const CONFLICT: Outcome<Reply> = Err(Failure::Refused(Refusal::Conflict));

fn absent(kind: &str) -> View {
    if kind == "cache" { View::NotHeld } else { View::Missing }
}

#[test]
fn nobody_sees_a_staged_load_and_all_see_a_published_one_at_once() {
    for kind in ["cache", "search", "warehouse"] {
        let mut sink = sink(kind, &[]);
        sink.store.preload(&rows(&[(1, 1), (2, 1), (3, 1)]));
        sink.call(&Request::Stage { load: 1, rows: rows(&[(2, 5), (4, 5)]) }).unwrap();
        sink.call(&Request::Stage { load: 1, rows: rows(&[(3, 1)]) }).unwrap();
        assert!(sink.shown().is_empty() && sink.get(4).is_none() && !sink.visible.loaded, "{kind}");
        sink.call(&Request::Publish { load: 1, bookmark: Bookmark(8) }).unwrap();
        let mut shown = sink.shown();
        shown.sort_by_key(|(n, _)| *n);
        assert_eq!(shown, [(1, absent(kind)), (2, view(2, 5)), (4, view(4, 5))], "{kind}");
        assert!(sink.visible.loaded && sink.bookmark() == Some(Bookmark(8)), "{kind}");
        assert_eq!((sink.get(1), sink.get(3)), (None, Some(row(3, 1))), "{kind}");
    }
}

/// A loader that dies between two pages must not have its half load appear when the next one publishes its own.
#[test]
fn an_abandoned_load_does_not_leak_into_the_next_and_can_never_be_published() {
    let mut sink = sink("warehouse", &[]);
    sink.call(&Request::Stage { load: 1, rows: rows(&[(1, 1)]) }).unwrap();
    sink.load(2, &rows(&[(2, 2)])).unwrap();
    assert_eq!(sink.get(1), None);
    assert_eq!(sink.load(1, &rows(&[(1, 1)])), CONFLICT);
    assert_eq!(sink.call(&Request::Publish { load: 1, bookmark: Bookmark(1) }), CONFLICT);
    assert_eq!((sink.get(2), sink.bookmark()), (Some(row(2, 2)), Some(Bookmark(2))));
}

/// A lost reply makes a loader publish again: the staged rows are gone by then, and the store must not come out empty.
#[test]
fn a_repeated_publication_changes_nothing() {
    for kind in ["cache", "search", "warehouse"] {
        let mut sink = sink(kind, &[]);
        sink.load(1, &rows(&[(1, 1)])).unwrap();
        sink.put(set(2, 2, Always)).unwrap();
        let again = sink.call(&Request::Publish { load: 1, bookmark: Bookmark(1) });
        assert_eq!((again, sink.get(1)), (Ok(Reply::Done), Some(row(1, 1))), "{kind}");
        assert_eq!(sink.at(5.0).get(2), Some(row(2, 2)), "{kind}");
    }
}

#[test]
fn every_store_tells_that_its_load_was_declared_complete_and_changes_nothing() {
    for (kind, settings) in [
        ("cache", &[][..]),
        ("search", &[]),
        ("warehouse", &[]),
        ("warehouse", &[("mode", "append")]),
        ("warehouse", &[("mode", "sum")]),
    ] {
        let mut sink = sink(kind, settings);
        sink.put(set(1, 1, Always)).unwrap();
        sink.at(1.0).tick().shown();
        assert!(!sink.visible.loaded, "{kind}: only the loader knows what is complete");
        assert_eq!(sink.call(&Request::Complete), Ok(Reply::Done), "{kind}");
        assert!(sink.visible.loaded && sink.shown().is_empty(), "{kind}");
    }
}

#[test]
fn a_load_of_an_empty_source_needs_no_rows() {
    let mut sink = sink("warehouse", &[]);
    sink.store.preload(&rows(&[(1, 1)]));
    sink.call(&Request::Publish { load: 1, bookmark: Bookmark(3) }).unwrap();
    assert_eq!(sink.shown(), [(1, View::Missing)]);
}

#[test]
fn a_page_that_was_staged_twice_counts_once_with_its_last_rows() {
    let mut sink = sink("warehouse", &[]);
    sink.call(&Request::Stage { load: 1, rows: rows(&[(1, 1), (2, 1)]) }).unwrap();
    sink.call(&Request::Stage { load: 1, rows: rows(&[(1, 2)]) }).unwrap();
    sink.call(&Request::Publish { load: 1, bookmark: Bookmark(1) }).unwrap();
    assert_eq!(sink.shown(), [(1, view(1, 2)), (2, view(2, 1))]);
}

#[test]
fn a_published_row_is_guarded_by_its_own_version_and_nothing_else() {
    let mut sink = sink("warehouse", &[]);
    sink.put(delete(1, 9, Newer)).unwrap();
    sink.load(1, &rows(&[(2, 5)])).unwrap();
    assert_eq!(sink.put(set(2, 5, Newer)), Err(Refusal::Outdated.into()));
    assert_eq!(sink.put(set(1, 3, Newer)), Ok(Reply::Done), "the tombstone was in what the load replaced");
}

#[test]
fn clearing_shows_every_key_as_absent_and_keeps_the_bookmark() {
    for kind in ["cache", "search", "warehouse"] {
        let mut sink = sink(kind, &[]);
        sink.store.preload(&rows(&[(1, 1), (2, 1)]));
        sink.apply(vec![delete(1, 2, Newer), set(3, 2, Newer)], 7).unwrap();
        sink.at(2.0).tick().shown();
        sink.call(&Request::Clear).unwrap();
        let held = if kind == "cache" { vec![2, 3] } else { vec![1, 2, 3] };
        let expected: Vec<_> = held.into_iter().map(|n| (n, absent(kind))).collect();
        assert_eq!(sink.shown(), expected, "{kind}");
        assert_eq!(sink.bookmark(), Some(Bookmark(7)), "{kind}");
        assert_eq!(sink.put(set(1, 1, Newer)), Ok(Reply::Done), "{kind}: versions are forgotten too");
    }
}
