use super::*;
use Condition::{Always, Newer};
use driftlab_model::port::Lease;
use driftlab_model::{Shown, View};

fn lease(cache: &mut Sink, n: i64) -> Option<Lease> {
    match cache.call(&Request::GetOrLease(key(n))) {
        Ok(Reply::Leased { row: None, lease }) => lease,
        other => panic!("a miss was answered with {other:?}"),
    }
}

fn fill(cache: &mut Sink, n: i64, version: u64, lease: Option<Lease>) -> Outcome<Reply> {
    cache.call(&Request::Fill { key: key(n), row: row(n, version), lease })
}

#[test]
fn a_deletion_makes_the_cache_claim_nothing() {
    let mut cache = sink("cache", &[]);
    cache.put(set(1, 1, Always)).unwrap();
    cache.put(delete(1, 2, Always)).unwrap();
    assert_eq!(cache.shown(), [(1, view(1, 1)), (1, View::NotHeld)]);
}

#[test]
fn an_entry_expires_its_time_to_live_after_its_last_write() {
    let mut cache = sink("cache", &[("ttl", "10s")]);
    cache.store.preload(&rows(&[(1, 1), (2, 1)]));
    cache.at(4.0).put(set(1, 2, Always)).unwrap();
    cache.shown();
    assert_eq!(cache.store.due(), Some(Time::from_nanos(10_000_000_000)));
    assert!(cache.at(9.9).tick().shown().is_empty());
    assert_eq!(cache.at(10.0).tick().shown(), [(2, View::NotHeld)]);
    assert_eq!(cache.store.due(), Some(Time::from_nanos(14_000_000_000)));
    assert!(!cache.store.has_work());
    assert_eq!((cache.at(14.0).get(1), cache.shown()), (None, vec![(1, View::NotHeld)]));
    assert_eq!(cache.store.due(), None);
}

#[test]
fn a_write_at_the_moment_of_expiry_is_told_once() {
    let mut cache = sink("cache", &[("ttl", "10s")]);
    cache.store.preload(&rows(&[(1, 1), (2, 1)]));
    cache.at(10.0).put(set(1, 1, Always)).unwrap();
    assert_eq!(cache.shown(), [(2, View::NotHeld)]);
    cache.at(20.0).put(set(1, 2, Always)).unwrap();
    assert_eq!(cache.shown(), [(1, view(1, 2))]);
}

#[test]
fn a_full_cache_evicts_what_was_not_used_for_longest() {
    let mut cache = sink("cache", &[("capacity", "2")]);
    cache.put(set(1, 1, Always)).unwrap();
    cache.put(set(2, 1, Always)).unwrap();
    cache.get(1);
    cache.shown();
    cache.put(set(3, 1, Always)).unwrap();
    assert_eq!(cache.shown(), [(3, view(3, 1)), (2, View::NotHeld)]);
    cache.put(delete(1, 2, Always)).unwrap();
    cache.put(set(4, 1, Always)).unwrap();
    assert_eq!(cache.keys(None, 9), [3, 4]);
}

#[test]
fn a_preload_beyond_capacity_takes_the_first_keys_and_says_which_it_turned_away() {
    let mut cache = sink("cache", &[("capacity", "2")]);
    cache.store.preload(&rows(&[(3, 1), (1, 1), (2, 1)]));
    assert_eq!(cache.store.due(), Some(Time::ZERO));
    let mut visible = Visible::default();
    cache.store.tick(Time::ZERO, &mut visible);
    assert_eq!(visible.shown[..], [Shown { key: key(3), view: View::NotHeld }]);
    assert_eq!(cache.store.due(), None);
    assert_eq!(cache.keys(None, 9), [1, 2]);
    cache.load(1, &rows(&[(9, 2), (7, 2), (8, 2)])).unwrap();
    assert_eq!(cache.keys(None, 9), [7, 8]);
}

#[test]
fn an_invalidated_key_forgets_its_version_but_not_a_tombstone() {
    let mut cache = sink("cache", &[]);
    cache.put(set(1, 5, Newer)).unwrap();
    cache.put(delete(2, 5, Newer)).unwrap();
    cache.call(&Request::Invalidate(key(1))).unwrap();
    cache.call(&Request::Invalidate(key(2))).unwrap();
    assert_eq!(cache.put(set(1, 4, Newer)), Ok(Reply::Done));
    assert_eq!(cache.put(set(2, 4, Newer)), OUTDATED);
}

#[test]
fn a_miss_grants_one_lease_at_a_time_and_a_hit_none() {
    let mut cache = sink("cache", &[("lease_ttl", "3s")]);
    let first = lease(&mut cache, 1);
    assert!(first.is_some());
    assert_eq!(lease(cache.at(2.9), 1), None);
    let second = lease(cache.at(3.0), 1);
    assert!(second.is_some() && second != first);
    assert_eq!(fill(&mut cache, 1, 1, first), OUTDATED);
    assert_eq!(fill(&mut cache, 1, 2, second), Ok(Reply::Done));
    let hit = cache.call(&Request::GetOrLease(key(1)));
    assert_eq!(hit, Ok(Reply::Leased { row: Some(row(1, 2)), lease: None }));
}

/// The stale set of Nishtala et al.: a reader fetches the row, a writer invalidates the key, the reader fills in what is old by then.
#[test]
fn a_lease_ends_with_its_use_its_time_and_whatever_touches_its_key() {
    type Touch = fn(&mut Sink);
    let touches: [(&str, Touch); 6] = [
        ("an invalidation", |cache| drop(cache.call(&Request::Invalidate(key(1))))),
        ("a write", |cache| drop(cache.put(set(1, 1, Always)))),
        ("a deletion", |cache| drop(cache.put(delete(1, 1, Always)))),
        ("an unconditional fill", |cache| drop(fill(cache, 1, 1, None))),
        ("a clearing", |cache| drop(cache.call(&Request::Clear))),
        ("its time", |cache| cache.now = Time::from_nanos(10_000_000_000)),
    ];
    for (name, touch) in touches {
        let mut cache = sink("cache", &[]);
        let lease = lease(&mut cache, 1);
        touch(&mut cache);
        assert_eq!(fill(&mut cache, 1, 9, lease), OUTDATED, "{name}");
        assert_ne!(cache.get(1), Some(row(1, 9)), "{name}");
    }
    let mut cache = sink("cache", &[]);
    let lease = lease(&mut cache, 1);
    assert_eq!(fill(&mut cache, 1, 1, lease), Ok(Reply::Done));
    assert_eq!(fill(&mut cache, 1, 2, lease), OUTDATED, "a lease is used up");
}

#[test]
fn a_lease_of_one_key_is_worth_nothing_for_another() {
    let mut cache = sink("cache", &[]);
    let lease = lease(&mut cache, 1);
    cache.call(&Request::Invalidate(key(2))).unwrap();
    assert_eq!(fill(&mut cache, 2, 1, lease), OUTDATED);
    assert_eq!(fill(&mut cache, 1, 1, lease), Ok(Reply::Done));
}
