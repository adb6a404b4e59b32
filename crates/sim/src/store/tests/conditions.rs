use super::*;
use Condition::{Always, Newer, Once};
use driftlab_model::SinkForm;

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
        sink.put(set(1, 9, Newer)).unwrap();
        assert_eq!(sink.put(set(1, 3, Always)), Ok(Reply::Done), "{name}");
        assert_eq!(sink.get(1), Some(row(1, 3)), "{name}");
    }
}

/// A row that was replaced left no trace of its write: a store of rows that went by writes alone would let a late repetition of it win.
#[test]
fn every_store_of_rows_takes_once_for_newer_and_remembers_deletions_for_it() {
    let rows = || registered().into_iter().filter(|(_, sink)| sink.store.form() == SinkForm::Rows);
    assert!(rows().count() >= 3);
    for condition in [Newer, Once] {
        for (name, mut sink) in rows() {
            let mut expect =
                |at: f64, delivery: Delivery, expected: Outcome<Reply>, shown: &[(i64, View)]| {
                    let what = format!("{name} under {condition:?}: {delivery:?}");
                    assert_eq!(sink.at(at).put(delivery), expected, "{what}");
                    assert_eq!(sink.at(at + 2.0).tick().shown(), shown, "{what}");
                };
            let gone = if name == "cache" { View::NotHeld } else { View::Deleted(write(6)) };
            expect(0.0, set(1, 5, condition), Ok(Reply::Done), &[(1, view(1, 5))]);
            expect(10.0, set(1, 5, condition), OUTDATED, &[]);
            expect(20.0, set(1, 4, condition), OUTDATED, &[]);
            expect(30.0, delete(1, 4, condition), OUTDATED, &[]);
            expect(40.0, delete(1, 6, condition), Ok(Reply::Done), &[(1, gone)]);
            expect(50.0, delete(1, 6, condition), OUTDATED, &[]);
            expect(60.0, set(1, 5, condition), OUTDATED, &[]);
            expect(70.0, set(1, 7, condition), Ok(Reply::Done), &[(1, view(1, 7))]);
        }
    }
}

/// What is not yet in a sum belongs there, however late it comes: refusing it as old would lose it for good.
#[test]
fn a_store_without_versions_applies_old_deliveries_under_newer_and_keeps_repeated_ones_out_only_under_once() {
    let without = || registered().into_iter().filter(|(_, sink)| sink.store.form() != SinkForm::Rows);
    assert!(without().count() >= 2);
    let versions = [5, 5, 4, 6, 3];
    let deliveries = |condition| {
        let delivery =
            |version| if version == 6 { delete(1, 6, condition) } else { set(1, version, condition) };
        versions.map(delivery).to_vec()
    };
    for ((name, mut always), (_, mut newer)) in without().zip(without()) {
        for delivery in deliveries(Always) {
            always.put(delivery).unwrap();
        }
        let outcomes = newer.call(&Request::Bulk(deliveries(Newer)));
        assert_eq!(outcomes, Ok(Reply::Each(vec![Ok(()); versions.len()])), "{name}");
        assert_eq!(newer.applied(), versions.map(|version| (1, version)), "{name}");
        for sink in [&mut always, &mut newer] {
            sink.put(set(1, 7, Always)).unwrap();
        }
        assert_eq!(newer.get(1), always.get(1), "{name}");
    }
    for (name, mut sink) in without() {
        for delivery in deliveries(Once) {
            assert_eq!(sink.put(delivery), Ok(Reply::Done), "{name}");
        }
        assert_eq!(sink.applied(), [(1, 5), (1, 4), (1, 6), (1, 3)], "{name}");
    }
}

/// A step that was given up for lost arrives after its successor: taken then, it would put old rows back and the bookmark with them. Or it arrives before
/// its successor, which was made without knowing of it and repeats its changes: taken then, they would count twice.
#[test]
fn a_step_that_does_not_lead_on_from_the_bookmark_held_is_refused_and_leaves_no_trace() {
    for (name, mut sink) in registered() {
        let state = |sink: &mut Sink| ([1, 2, 3].map(|n| sink.get(n)), sink.bookmark(), sink.store.due());
        assert_eq!(sink.step(vec![set(1, 5, Always), set(2, 5, Always)], 0, 10), Ok(Reply::Done), "{name}");
        sink.at(2.0).tick().shown();
        sink.applied();
        let before = state(&mut sink);
        assert_eq!(before.1, Some(Bookmark(10)), "{name}");
        let wrong = [
            ("comes twice", 0, 10),
            ("comes late", 0, 9),
            ("overlaps the last", 0, 15),
            ("overlaps part of the last", 9, 15),
            ("leaves a hole", 11, 15),
            ("does not move", 10, 10),
            ("leads back", 10, 9),
        ];
        for (what, after, bookmark) in wrong {
            for condition in [Always, Newer, Once] {
                let step = vec![set(1, 9, condition), delete(2, 9, condition), set(3, 9, condition)];
                assert_eq!(sink.step(step, after, bookmark), OUTDATED, "{name}: {what}");
                assert!(!sink.store.has_work(), "{name}: {what}");
                assert_eq!(state(sink.at(4.0).tick()), before, "{name}: {what}");
                assert_eq!((sink.shown(), sink.applied()), (vec![], vec![]), "{name}: {what}");
            }
        }
        // A version, a tombstone or an effect of the refused steps would keep these out.
        let next = vec![set(1, 8, Newer), set(2, 8, Newer), set(3, 9, Once)];
        assert_eq!(sink.step(next, 10, 11), Ok(Reply::Done), "{name}");
        sink.at(6.0).tick();
        match sink.store.form() {
            SinkForm::Rows => {
                assert_eq!(sink.shown(), [(1, view(1, 8)), (2, view(2, 8)), (3, view(3, 9))], "{name}");
            }
            SinkForm::Versions | SinkForm::Totals => {
                assert_eq!(sink.applied(), [(1, 8), (2, 8), (3, 9)], "{name}");
            }
        }
    }
}

/// A consumer that loaded its sink anew must not be overtaken by the step that it sent before.
#[test]
fn a_publication_moves_the_bookmark_and_a_step_leads_on_from_it() {
    for (name, mut sink) in registered() {
        assert_eq!(sink.step(vec![set(1, 5, Always)], 0, 10), Ok(Reply::Done), "{name}");
        sink.load(20, &rows(&[(1, 20)])).unwrap();
        for (after, bookmark) in [(0, 21), (10, 21), (20, 20)] {
            let step = vec![set(1, 21, Always)];
            assert_eq!(sink.step(step, after, bookmark), OUTDATED, "{name} from {after} to {bookmark}");
        }
        assert_eq!(sink.step(vec![set(1, 21, Always)], 20, 21), Ok(Reply::Done), "{name}");
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
