use super::*;
use Condition::{Always, Newer, Once};
use driftlab_model::SinkForm;

fn append() -> Sink {
    let mut sink = sink("warehouse", &[("mode", "append")]);
    assert_eq!(sink.store.form(), SinkForm::Versions);
    sink.store.preload(&rows(&[(1, 1)]));
    sink
}

#[test]
fn every_delivery_appends_and_a_repeated_one_appends_again() {
    let mut sink = append();
    for version in [2, 3, 3] {
        sink.put(set(1, version, Always)).unwrap();
    }
    assert_eq!(sink.applied(), [(1, 2), (1, 3), (1, 3)]);
    assert!(sink.shown().is_empty());
}

#[test]
fn under_once_a_repeated_delivery_is_done_without_effect() {
    let mut sink = append();
    for delivery in
        [set(1, 1, Once), set(1, 2, Always), set(1, 2, Once), delete(1, 3, Once), delete(1, 3, Once)]
    {
        assert_eq!(sink.put(delivery), Ok(Reply::Done));
    }
    assert_eq!(sink.applied(), [(1, 2), (1, 3)]);
}

/// All rows of the initial load carry one write, so a write alone does not name an effect.
#[test]
fn one_write_on_two_keys_is_two_effects() {
    let mut sink = append();
    sink.apply(vec![set(2, 7, Once), set(3, 7, Once), set(2, 7, Once)], 1).unwrap();
    assert_eq!(sink.applied(), [(2, 7), (3, 7)]);
}

#[test]
fn a_reader_sees_the_highest_version_whatever_came_last() {
    let mut sink = append();
    sink.put(set(1, 5, Always)).unwrap();
    sink.put(set(1, 4, Always)).unwrap();
    assert_eq!(sink.get(1), Some(row(1, 5)));
    sink.put(delete(1, 6, Always)).unwrap();
    assert_eq!((sink.get(1), sink.keys(None, 9)), (None, vec![]));
    sink.put(set(1, 5, Always)).unwrap();
    assert_eq!(sink.get(1), None);
    sink.applied();
    assert_eq!(sink.at(1e6).put(set(1, 5, Newer)), Ok(Reply::Done));
    assert_eq!(
        (sink.applied(), sink.get(1)),
        (vec![(1, 5)], None),
        "appended below a deletion that does not expire"
    );
}

#[test]
fn a_load_appends_only_rows_that_are_not_the_latest() {
    let mut sink = append();
    sink.put(set(2, 2, Always)).unwrap();
    sink.applied();
    sink.load(1, &rows(&[(1, 1), (2, 3), (4, 3)])).unwrap();
    assert_eq!(sink.applied(), [(2, 3), (4, 3)]);
    assert!(sink.visible.loaded);
    sink.load(2, &rows(&[(2, 3)])).unwrap();
    assert_eq!((sink.applied(), sink.get(1)), (vec![], Some(row(1, 1))));
}
