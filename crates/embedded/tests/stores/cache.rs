use super::*;
use std::time::Instant;

/// The cache counts by a clock of its own: these pauses are real.
fn pause(milliseconds: u64) {
    std::thread::sleep(std::time::Duration::from_millis(milliseconds));
}

#[test]
fn an_entry_expires_its_time_to_live_after_its_last_write() {
    let folder = tempfile::tempdir().unwrap();
    let mut cache = sink("cache", &[("ttl", Datum::Span(Span::from_millis(200)))], folder.path());
    let begun = Instant::now();
    let moment = |cache: &mut Sink| cache.now = Time::from_nanos(begun.elapsed().as_nanos() as u64);
    cache.store.preload(&rows(&[(1, 1), (2, 1)])).unwrap();
    pause(120);
    moment(&mut cache);
    cache.put(set(1, 2, Condition::Always)).unwrap();
    assert_eq!(cache.shown(), [(1, view(1, 2))]);
    let due = cache.store.due().expect("the second entry will expire");
    assert!(due >= Time::from_nanos(200_000_000) && due < Time::from_nanos(250_000_000), "due at {due}");
    pause(120);
    moment(&mut cache);
    assert_eq!(cache.tick().shown(), [(2, View::NotHeld)]);
    assert!(!cache.store.has_work() && cache.get(1) == Some(row(1, 2)));
    pause(120);
    moment(&mut cache);
    assert_eq!((cache.get(1), cache.shown()), (None, vec![(1, View::NotHeld)]));
    cache.at(60.0).tick();
    assert_eq!(cache.store.due(), None, "an empty cache has nothing to expire");
}

#[test]
fn a_preload_beyond_capacity_takes_the_first_keys_and_says_which_it_turned_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut cache = sink("cache", &[("capacity", Datum::Count(2))], folder.path());
    cache.store.preload(&rows(&[(3, 1), (1, 1), (2, 1)])).unwrap();
    assert_eq!(cache.store.due(), Some(Time::ZERO));
    assert_eq!(cache.tick().shown(), [(3, View::NotHeld)]);
    assert_eq!(cache.store.due(), None);
    assert_eq!(cache.contents(), rows(&[(1, 1), (2, 1)]));
    cache.load(1, &rows(&[(9, 2), (7, 2), (8, 2)])).unwrap();
    assert_eq!(cache.contents(), rows(&[(7, 2), (8, 2)]));
}

/// The stale set (Nishtala et al., section 3.2.1): a reader fetched the row, a writer invalidated the key, the reader fills in what is old.
#[test]
fn a_fill_whose_lease_was_revoked_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut cache = sink("cache", &[], folder.path());
    let Ok(Reply::Leased { row: None, lease: Some(lease) }) = cache.call(&Request::GetOrLease(key(1))) else {
        panic!("a miss grants a lease")
    };
    cache.call(&Request::Invalidate(key(1))).unwrap();
    let fill = Request::Fill { key: key(1), row: row(1, 1), lease: Some(lease) };
    assert_eq!((cache.call(&fill), cache.get(1)), (OUTDATED, None));
}
