use super::*;
use Condition::{Always, Newer};

#[test]
fn writes_become_visible_together_at_the_next_multiple_of_the_refresh() {
    let mut search = sink("search", &[("refresh", "2s")]);
    search.store.preload(&rows(&[(1, 1)]));
    assert!(search.store.due().is_none() && !search.store.has_work());
    search.at(2.5).put(set(1, 2, Always)).unwrap();
    search.at(3.0).put(set(2, 2, Always)).unwrap();
    search.at(3.5).put(set(1, 3, Always)).unwrap();
    assert_eq!((search.get(1), search.get(2)), (Some(row(1, 1)), None));
    assert_eq!(search.keys(None, 9), [1]);
    assert!(search.shown().is_empty() && search.store.has_work());
    assert_eq!(search.store.due(), Some(Time::from_nanos(4_000_000_000)));
    assert_eq!(search.at(4.0).tick().shown(), [(1, view(1, 3)), (2, view(2, 2))]);
    assert_eq!((search.get(1), search.keys(None, 9)), (Some(row(1, 3)), vec![1, 2]));
    assert!(search.store.due().is_none() && !search.store.has_work());
}

#[test]
fn a_write_at_the_moment_of_a_refresh_waits_for_the_next() {
    let mut search = sink("search", &[]);
    search.at(0.5).put(set(1, 1, Always)).unwrap();
    search.at(1.0).put(set(2, 1, Always)).unwrap();
    assert_eq!(search.shown(), [(1, view(1, 1))]);
    assert_eq!(search.store.due(), Some(Time::from_nanos(2_000_000_000)));
}

/// External versions are checked when the write arrives, whatever readers see.
#[test]
fn version_checks_meet_what_was_written_not_what_is_shown() {
    let mut search = sink("search", &[]);
    search.put(set(1, 5, Newer)).unwrap();
    assert_eq!(search.get(1), None);
    assert_eq!(search.put(set(1, 4, Newer)), Err(Refusal::Outdated.into()));
}

#[test]
fn a_row_that_came_and_went_between_two_refreshes_is_shown_as_deleted() {
    let mut search = sink("search", &[]);
    search.put(set(1, 1, Always)).unwrap();
    search.put(delete(1, 2, Always)).unwrap();
    assert_eq!(search.at(1.0).tick().shown(), [(1, View::Deleted(write(2)))]);
}

#[test]
fn a_publication_is_visible_at_once_and_takes_unrefreshed_writes_along() {
    let mut search = sink("search", &[]);
    search.put(set(1, 9, Always)).unwrap();
    search.load(1, &rows(&[(2, 3)])).unwrap();
    assert_eq!(search.shown(), [(2, view(2, 3))]);
    assert!(search.store.due().is_none() && !search.store.has_work());
}

#[test]
fn parts_of_a_bulk_request_fail_alone_and_a_retry_draws_anew() {
    let mut search = sink("search", &[("bulk_failures", "0.3"), ("refresh", "0")]);
    let bulk = Request::Bulk((0..1_000).map(|n| set(n, 1, Always)).collect());
    let serve =
        |search: &mut Sink, draw| match search.store.serve(search.now, &bulk, draw, &mut search.visible) {
            Ok(Reply::Each(outcomes)) => outcomes,
            other => panic!("a bulk request was answered with {other:?}"),
        };
    let outcomes = serve(&mut search, 1);
    let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert!((250..350).contains(&failed), "{failed} of 1000 failed");
    for (n, outcome) in (0..).zip(&outcomes) {
        assert_eq!(search.get(n).is_some(), outcome.is_ok());
        assert!(matches!(outcome, Ok(()) | Err(Failure::Refused(Refusal::Unavailable))));
    }
    assert_eq!(serve(&mut search, 1), outcomes);
    assert_ne!(serve(&mut search, 2), outcomes);
}

/// A store that claims to be complete before its readers see the load would be blamed for every row that is still to be refreshed.
#[test]
fn a_load_is_complete_when_readers_see_it() {
    let mut search = sink("search", &[]);
    search.put(set(1, 1, Always)).unwrap();
    assert_eq!(search.call(&Request::Complete), Ok(Reply::Done));
    assert!(!search.visible.loaded);
    assert!(search.at(1.0).tick().visible.loaded);
    search.visible.loaded = false;
    search.call(&Request::Complete).unwrap();
    assert!(search.visible.loaded, "nothing is hidden now");
}

#[test]
fn what_only_a_cache_can_do_is_refused() {
    for kind in ["search", "warehouse"] {
        let mut sink = sink(kind, &[]);
        for request in [
            Request::Invalidate(key(1)),
            Request::GetOrLease(key(1)),
            Request::Fill { key: key(1), row: row(1, 1), lease: None },
        ] {
            assert_eq!(sink.call(&request), Err(Refusal::Unsupported.into()), "{kind}");
        }
    }
}
