use super::*;
use Condition::{Always, Newer};

const NO_SUCH_LOAD: Failure = Failure::Refused(Refusal::NoSuchLoad);

/// Every store, in every mode.
const KINDS: [(&str, &[(&str, &str)]); 5] = [
    ("cache", &[]),
    ("search", &[]),
    ("warehouse", &[]),
    ("warehouse", &[("mode", "append")]),
    ("warehouse", &[("mode", "sum")]),
];

fn absent(kind: &str) -> View {
    if kind == "cache" { View::NotHeld } else { View::Missing }
}

#[test]
fn nobody_sees_a_staged_load_and_all_see_a_published_one_at_once() {
    for kind in ["cache", "search", "warehouse"] {
        let mut sink = sink(kind, &[]);
        sink.store.preload(&rows(&[(1, 1), (2, 1), (3, 1)]));
        let load = sink.stage(None, rows(&[(2, 5), (4, 5)])).unwrap();
        assert_eq!(sink.stage(Some(load), rows(&[(3, 1)])), Ok(load), "{kind}");
        assert!(sink.shown().is_empty() && sink.get(4).is_none() && !sink.visible.loaded, "{kind}");
        sink.publish(load, 8).unwrap();
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
    let abandoned = sink.stage(None, rows(&[(1, 1)])).unwrap();
    sink.load(2, &rows(&[(2, 2)])).unwrap();
    assert_eq!(sink.get(1), None);
    assert_eq!(sink.stage(Some(abandoned), rows(&[(1, 1)])), Err(NO_SUCH_LOAD));
    assert_eq!(sink.publish(abandoned, 1), Err(NO_SUCH_LOAD));
    assert_eq!((sink.get(2), sink.bookmark()), (Some(row(2, 2)), Some(Bookmark(2))));
}

/// A lost reply makes a loader publish again: the staged rows are gone by then, and the store must not come out empty.
#[test]
fn a_repeated_publication_changes_nothing() {
    for kind in ["cache", "search", "warehouse"] {
        let mut sink = sink(kind, &[]);
        let load = sink.load(1, &rows(&[(1, 1)])).unwrap();
        sink.put(set(2, 2, Always)).unwrap();
        let again = sink.publish(load, 1);
        assert_eq!((again, sink.get(1)), (Ok(Reply::Done), Some(row(1, 1))), "{kind}");
        assert_eq!(sink.at(5.0).get(2), Some(row(2, 2)), "{kind}");
    }
}

/// A loader does not hear that the store was lost under its hands. The store took the pages that followed for a load of their own, and published half a table.
#[test]
fn a_store_that_was_lost_in_the_middle_of_a_load_refuses_the_rest_of_it() {
    for (kind, settings) in KINDS {
        let mut sink = sink(kind, settings);
        let load = sink.stage(None, rows(&[(1, 1), (2, 1)])).unwrap();
        sink.at(1.0).store.reset();
        assert_eq!(sink.stage(Some(load), rows(&[(3, 1)])), Err(NO_SUCH_LOAD), "{kind}");
        assert_eq!(sink.publish(load, 5), Err(NO_SUCH_LOAD), "{kind}");
        assert_eq!((sink.get(3), sink.bookmark()), (None, None), "{kind}");
        let again = sink.load(5, &rows(&[(1, 1), (2, 1), (3, 1)])).unwrap();
        assert!(again > load, "{kind}: no name is given twice");
        assert!((1..=3).all(|n| sink.get(n).is_some()), "{kind}");
        assert_eq!(
            sink.publish(load, 6),
            Err(NO_SUCH_LOAD),
            "{kind}: nor is it published when it comes late"
        );
    }
}

#[test]
fn every_store_tells_that_its_load_was_declared_complete_and_changes_nothing() {
    for (kind, settings) in KINDS {
        let mut sink = sink(kind, settings);
        sink.put(set(1, 1, Always)).unwrap();
        sink.at(1.0).tick().shown();
        assert!(!sink.visible.loaded, "{kind}: only the loader knows what is complete");
        assert_eq!(sink.call(&Request::Complete), Ok(Reply::Done), "{kind}");
        assert!(sink.visible.loaded && sink.shown().is_empty(), "{kind}");
    }
}

#[test]
fn a_load_of_an_empty_source_has_no_rows() {
    let mut sink = sink("warehouse", &[]);
    sink.store.preload(&rows(&[(1, 1)]));
    sink.load(3, &[]).unwrap();
    assert_eq!(sink.shown(), [(1, View::Missing)]);
}

#[test]
fn a_page_that_was_staged_twice_counts_once_with_its_last_rows() {
    let mut sink = sink("warehouse", &[]);
    let load = sink.stage(None, rows(&[(1, 1), (2, 1)])).unwrap();
    sink.stage(Some(load), rows(&[(1, 2)])).unwrap();
    sink.publish(load, 1).unwrap();
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
