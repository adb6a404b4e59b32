use super::*;
use Condition::{Always, Newer, Once};
use driftlab_model::{Failure, Refusal};

const OUTDATED: Outcome<Reply> = Err(Failure::Refused(Refusal::Outdated));

/// The stores that show the current row of each key at once.
fn showing() -> [(&'static str, Sink); 3] {
    [
        ("cache", sink("cache", &[])),
        ("search", sink("search", &[("refresh", "0")])),
        ("warehouse", sink("warehouse", &[])),
    ]
}

#[test]
fn without_a_condition_the_last_writer_wins_however_old_its_version() {
    for (name, mut sink) in showing() {
        for condition in [Always, Once] {
            sink.put(set(1, 9, Newer)).unwrap();
            assert_eq!(sink.put(set(1, 3, condition)), Ok(Reply::Done), "{name}");
            assert_eq!(sink.get(1), Some(row(1, 3)), "{name}");
        }
    }
}

/// Two writers, two orders: the newer row arrives first, the older one must not take its place.
#[test]
fn under_newer_an_older_or_equal_version_is_refused_and_nothing_changes() {
    for (name, mut sink) in showing() {
        sink.put(set(1, 5, Always)).unwrap();
        sink.shown();
        for version in [4, 5] {
            assert_eq!(sink.put(set(1, version, Newer)), OUTDATED, "{name}");
            assert_eq!(sink.put(delete(1, version, Newer)), OUTDATED, "{name}");
        }
        assert_eq!((sink.shown(), sink.get(1)), (vec![], Some(row(1, 5))), "{name}");
        assert_eq!(sink.put(set(1, 6, Newer)), Ok(Reply::Done), "{name}");
    }
}

/// A deletion that leaves no trace lets an older write that comes late bring the row back.
#[test]
fn a_conditional_deletion_keeps_its_version_until_its_tombstone_expires() {
    for kind in ["cache", "search", "warehouse"] {
        let mut sink = sink(kind, &[("tombstones", "10s")]);
        sink.put(set(1, 1, Newer)).unwrap();
        sink.put(delete(1, 5, Newer)).unwrap();
        assert_eq!(sink.at(9.9).put(set(1, 4, Newer)), OUTDATED, "{kind}");
        assert_eq!(sink.at(10.0).put(set(1, 4, Newer)), Ok(Reply::Done), "{kind}");
        assert_eq!(sink.at(12.0).tick().get(1), Some(row(1, 4)), "{kind}");
    }
}

#[test]
fn an_unconditional_deletion_leaves_no_tombstone() {
    for (name, mut sink) in showing() {
        sink.put(delete(1, 5, Newer)).unwrap();
        sink.put(delete(1, 6, Always)).unwrap();
        assert_eq!(sink.put(set(1, 4, Newer)), Ok(Reply::Done), "{name}");
    }
}

#[test]
fn an_atomic_step_skips_what_is_outdated_and_shows_the_rest_in_one_instant() {
    for (name, mut sink) in showing() {
        sink.put(set(1, 5, Newer)).unwrap();
        sink.shown();
        let step = vec![set(2, 3, Newer), set(1, 4, Newer), set(3, 3, Newer), set(2, 6, Newer)];
        assert_eq!(sink.apply(step, 42), Ok(Reply::Done), "{name}");
        assert_eq!(sink.shown(), [(2, view(2, 6)), (3, view(3, 3))], "{name}");
        assert_eq!(sink.bookmark(), Some(Bookmark(42)), "{name}");
    }
}

#[test]
fn a_bulk_request_succeeds_and_fails_delivery_by_delivery() {
    for (name, mut sink) in showing() {
        sink.put(set(1, 5, Newer)).unwrap();
        let reply = sink.call(&Request::Bulk(vec![set(1, 4, Newer), set(2, 4, Newer)]));
        assert_eq!(reply, Ok(Reply::Each(vec![Err(Refusal::Outdated.into()), Ok(())])), "{name}");
        assert_eq!((sink.get(1), sink.get(2)), (Some(row(1, 5)), Some(row(2, 4))), "{name}");
    }
}

#[test]
fn only_views_that_really_changed_are_told() {
    for (name, mut sink) in showing() {
        sink.put(set(1, 1, Always)).unwrap();
        assert_eq!(sink.shown(), [(1, view(1, 1))], "{name}");
        sink.put(set(1, 1, Always)).unwrap();
        assert_eq!(sink.shown(), [], "{name}");
        sink.apply(vec![delete(1, 2, Always), set(1, 1, Always)], 1).unwrap();
        assert_eq!(sink.shown(), [], "{name}");
    }
}

/// A checker that is not told of the deletion of a key that was never shown would call the deletion missed.
#[test]
fn a_deletion_is_shown_even_for_a_key_that_never_was_except_by_a_cache() {
    for (name, mut sink) in showing() {
        sink.put(delete(1, 2, Always)).unwrap();
        let expected = if name == "cache" { vec![] } else { vec![(1, View::Deleted(write(2)))] };
        assert_eq!(sink.shown(), expected, "{name}");
        assert_eq!(sink.get(1), None, "{name}");
    }
}

#[test]
fn keys_come_in_order_by_table_and_page() {
    for (name, mut sink) in showing() {
        let other = Key::new(TableId(1), &[Value::from("x")]);
        sink.store.preload(&[(key(5), row(5, 1)), (key(-3), row(-3, 1)), (other.clone(), row(0, 1))]);
        sink.put(set(9, 2, Always)).unwrap();
        assert_eq!(sink.keys(None, 2), [-3, 5], "{name}");
        assert_eq!(sink.keys(Some(key(5)), 2), [9], "{name}");
        sink.put(delete(5, 3, Always)).unwrap();
        sink.put(set(7, 3, Always)).unwrap();
        assert_eq!(sink.keys(Some(key(-3)), 9), [7, 9], "{name}");
        let reply = sink.call(&Request::Keys { table: TableId(1), after: Some(key(5)), limit: 9 });
        assert_eq!(reply, Ok(Reply::Keys(vec![other])), "{name}");
    }
}
