use super::super::intake::Intake;
use super::*;
use driftlab_model::SinkForm;
use driftlab_model::port::Lease;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const KEYS: std::ops::Range<i64> = 0..6;

/// All stores that show rows, with the settings that make most of their machinery move.
const SHOWING: &[(&str, &[(&str, &str)])] = &[
    ("cache", &[]),
    ("cache", &[("ttl", "2s"), ("capacity", "3"), ("tombstones", "3s"), ("lease_ttl", "1s")]),
    ("search", &[("refresh", "0")]),
    ("search", &[("refresh", "1s"), ("bulk_failures", "0.3"), ("tombstones", "3s")]),
    ("warehouse", &[("tombstones", "3s")]),
];
const ADDING: &[(&str, &[(&str, &str)])] =
    &[("warehouse", &[("mode", "append")]), ("warehouse", &[("mode", "sum")])];

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

fn any_condition() -> impl Strategy<Value = Condition> {
    prop_oneof![Just(Condition::Always), Just(Condition::Newer), Just(Condition::Once)]
}

fn any_delivery() -> impl Strategy<Value = Delivery> {
    (KEYS, 1..9u64, any_condition(), 0..4).prop_map(|(n, version, condition, kind)| match kind {
        0 => delete(n, version, condition),
        1 => Delivery { before: Some(row(n, version - 1)), ..set(n, version, condition) },
        _ => set(n, version, condition),
    })
}

fn any_rows() -> impl Strategy<Value = Vec<(Key, Row)>> {
    vec((KEYS, 1..9u64), 0..5).prop_map(|all| rows(&all))
}

fn any_request() -> impl Strategy<Value = Request> {
    let bookmark = || (0..9u64).prop_map(Bookmark);
    let slip = || prop_oneof![3 => Just(Bookmark(0)), 1 => bookmark()];
    prop_oneof![
        3 => KEYS.prop_map(|n| Request::Get(key(n))),
        6 => any_delivery().prop_map(Request::Put),
        2 => vec(any_delivery(), 0..5).prop_map(Request::Bulk),
        3 => (vec(any_delivery(), 0..5), slip(), bookmark())
            .prop_map(|(deliveries, after, bookmark)| Request::Apply { deliveries, after, bookmark }),
        1 => Just(Request::Bookmark),
        2 => KEYS.prop_map(|n| Request::Invalidate(key(n))),
        3 => KEYS.prop_map(|n| Request::GetOrLease(key(n))),
        3 => (KEYS, 1..9u64, prop::option::of((1..6u64).prop_map(Lease)))
            .prop_map(|(n, version, lease)| Request::Fill { key: key(n), row: row(n, version), lease }),
        2 => (0..4u64, any_rows()).prop_map(|(load, rows)| Request::Stage { load: load.checked_sub(1).map(LoadId), rows }),
        2 => (0..4u64, bookmark())
            .prop_map(|(load, bookmark)| Request::Publish { load: LoadId(load), bookmark }),
        1 => Just(Request::Complete),
        1 => Just(Request::Clear),
        2 => (prop::option::of(KEYS.prop_map(key)), 0..5usize)
            .prop_map(|(after, limit)| Request::Keys { table: TABLE, after, limit }),
    ]
}

/// Requests, each after a pause of some quarters of a second, so that refreshes and expiries meet requests of the same moment.
///
/// Most steps lead on from the bookmark that is held by then, and some slip; and bookmarks grow with the position in the run by and large: were they
/// drawn alike, nearly all steps would be refused.
fn any_run() -> impl Strategy<Value = Vec<(u64, Request)>> {
    vec((0..4u64, any_request()), 1..40).prop_map(|mut run| {
        let mut intake = Intake::default();
        let mut loads: Vec<LoadId> = Vec::new();
        let mut now = Time::ZERO;
        for ((pause, request), position) in run.iter_mut().zip(0..) {
            now += Span::from_millis(250 * *pause);
            // What is refused here is refused by the store as well, which is to be tried out too.
            match request {
                Request::Apply { after, bookmark, .. } => {
                    bookmark.0 += 3 * position;
                    if let Ok(Reply::Bookmark(Some(held))) = intake.answer(now, &Request::Bookmark) {
                        after.0 += held.0;
                    }
                    let _ = intake.take_step(*after, *bookmark);
                }
                // Loads are told by how many were begun later; one that nobody has begun keeps its number.
                Request::Publish { load, bookmark } => {
                    bookmark.0 += 3 * position;
                    *load = begun(&loads, *load);
                    let _ = intake.publish(*load, *bookmark);
                }
                Request::Stage { load, rows } => {
                    *load = load.map(|load| begun(&loads, load));
                    loads.extend(intake.stage(now, *load, rows).ok().filter(|load| !loads.contains(load)));
                }
                _ => {}
            }
        }
        run
    })
}

/// The load before which so many were begun, counted from the newest.
fn begun(loads: &[LoadId], newer: LoadId) -> LoadId {
    loads.iter().rev().nth(newer.0 as usize).copied().unwrap_or(newer)
}

/// Runs requests; a world that is late with its ticks does them after the request of the same moment, or never.
/// Calls `each` after every request with its reply, and after every tick without one.
fn run(
    sink: &mut Sink,
    requests: &[(u64, Request)],
    mut each: impl FnMut(&mut Sink, Option<Outcome<Reply>>),
) {
    for (position, (pause, request)) in requests.iter().enumerate() {
        sink.now += Span::from_millis(250 * pause);
        if position % 3 == 0 {
            sink.tick();
            each(sink, None);
        }
        let reply = sink.store.serve(sink.now, request, position as u64, &mut sink.visible);
        each(sink, Some(reply));
    }
}

/// What a store tells at one moment of a run: its reply, what became visible, when it is due, and whether it has work.
type Telling = (Option<Outcome<Reply>>, Visible, Option<Time>, bool);

/// What a store tells of a run from the beginning.
fn transcript(mut sink: Sink, requests: &[(u64, Request)]) -> Vec<Telling> {
    let mut told = Vec::new();
    (sink.now, sink.visible) = (Time::ZERO, Visible::default());
    run(&mut sink, requests, |sink, reply| {
        told.push((reply, std::mem::take(&mut sink.visible), sink.store.due(), sink.store.has_work()));
    });
    told
}

/// Follows what a store tells, as a checker does.
#[derive(Default)]
struct Follower(BTreeMap<i64, View>);

impl Follower {
    fn follow(&mut self, sink: &mut Sink, absent: &View) -> Result<(), TestCaseError> {
        let shown = sink.shown();
        let once: BTreeSet<i64> = shown.iter().map(|(n, _)| *n).collect();
        prop_assert_eq!(once.len(), shown.len(), "a key was told twice: {:?}", shown);
        for (n, view) in shown {
            let before = self.0.insert(n, view.clone()).unwrap_or_else(|| absent.clone());
            prop_assert_ne!(before, view, "key {} was told without having changed", n);
        }
        Ok(())
    }
    fn row(&self, n: i64) -> Option<Row> {
        match self.0.get(&n) {
            Some(View::Row(row)) => Some(row.clone()),
            _ => None,
        }
    }
}

proptest! {
    #![proptest_config(config())]

    /// Everything a checker knows of a store is what the store told; if that differs from what readers get, every verdict is worthless.
    #[test]
    fn what_a_store_tells_is_what_its_readers_get(
        which in 0..SHOWING.len(), load in any_rows(), requests in any_run(),
    ) {
        let (kind, settings) = SHOWING[which];
        let absent = if kind == "cache" { View::NotHeld } else { View::Missing };
        let mut sink = sink(kind, settings);
        // A database's load has each key once.
        let load: Vec<(Key, Row)> = load.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
        sink.store.preload(&load);
        // Everybody takes a store to hold the whole load until it says what it had no room for.
        let mut follower = Follower::default();
        for (key, row) in &load {
            follower.0.insert(key.as_integer().expect("a key of one integer"), View::Row(row.clone()));
        }
        prop_assert!(sink.shown().is_empty());
        sink.tick();
        follower.follow(&mut sink, &absent)?;
        for n in KEYS {
            prop_assert_eq!(sink.get(n), follower.row(n), "key {} of the load", n);
        }
        prop_assert!(sink.shown().is_empty());
        let mut result = Ok(());
        run(&mut sink, &requests, |sink, _| {
            let follow = |sink: &mut Sink, follower: &mut Follower| -> Result<(), TestCaseError> {
                follower.follow(sink, &absent)?;
                for n in KEYS {
                    let got = sink.get(n);
                    follower.follow(sink, &absent)?;
                    prop_assert_eq!(got, follower.row(n), "key {} at {}", n, sink.now);
                }
                let held: Vec<i64> = KEYS.filter(|n| follower.row(*n).is_some()).collect();
                prop_assert_eq!(sink.keys(None, 99), held);
                let claimed = follower.0.values().any(|view| matches!(view, View::Deleted(_) | View::Missing));
                prop_assert!(!(kind == "cache" && claimed), "a cache claimed an absence");
                prop_assert!(sink.store.due().is_none_or(|due| due > sink.now));
                Ok(())
            };
            if result.is_ok() {
                result = follow(sink, &mut follower);
            }
        });
        result?;
    }

    /// Two writers, two orders: conditional writes must make the order of arrival irrelevant, and a step that is refused must not count.
    #[test]
    fn under_newer_and_once_the_highest_version_stays_whatever_the_order_of_arrival(
        which in 0..SHOWING.len(),
        mut deliveries in Just((0..KEYS.end).flat_map(|n| (1..8).map(move |version| (n, version)))
            .collect::<Vec<(i64, u64)>>()).prop_shuffle(),
        kinds in vec((any::<bool>(), any::<bool>()), 64),
        strides in vec((0..6u64, 0..5u64), 42),
        left in 1..42usize,
        batch in 1..5usize,
    ) {
        let (kind, settings) = SHOWING[which];
        // Eviction, expiry and failed parts of a bulk forget what they must forget; this is about what is kept.
        let settings: Vec<_> = settings.iter().copied().filter(|(name, _)| *name == "refresh").collect();
        let mut sink = sink(kind, &settings);
        deliveries.truncate(left);
        let deliveries: Vec<Delivery> = deliveries.iter().map(|&(n, version)| {
            let (deletes, once) = kinds[n as usize * 8 + version as usize];
            let condition = if once { Condition::Once } else { Condition::Newer };
            if deletes { delete(n, version, condition) } else { set(n, version, condition) }
        }).collect();
        let mut taken: Vec<&Delivery> = Vec::new();
        let mut held = 0;
        for (position, batch) in deliveries.chunks(batch).enumerate() {
            sink.now += Span::from_millis(100);
            match position % 3 {
                0 => {
                    // Mostly from the bookmark held, and at times from one below or above it; from one back to three on.
                    let (from, to) = strides[position];
                    let after = match from { 0 => held.max(1) - 1, 1 => held + 1, _ => held };
                    let bookmark = (after + to).max(1) - 1;
                    let leads_on = after == held && bookmark > held;
                    let expected = if leads_on { Ok(Reply::Done) } else { OUTDATED };
                    prop_assert_eq!(
                        sink.step(batch.to_vec(), after, bookmark), expected, "{} to {} at {}", after, bookmark, held
                    );
                    if !leads_on {
                        continue;
                    }
                    held = bookmark;
                }
                1 => drop(sink.call(&Request::Bulk(batch.to_vec()))),
                _ => batch.iter().for_each(|delivery| drop(sink.put(delivery.clone()))),
            }
            taken.extend(batch);
        }
        prop_assert_eq!(sink.bookmark(), (held > 0).then_some(Bookmark(held)));
        sink.now += Span::from_secs(1);
        sink.tick();
        for n in KEYS {
            let highest = taken.iter().filter(|d| d.key == key(n)).max_by_key(|d| d.version);
            prop_assert_eq!(sink.get(n), highest.and_then(|d| d.after.clone()), "key {}", n);
        }
    }

    /// Consumers that die with steps on the way, and begin again where they believe the sink to be: steps repeat, overtake and overlap each other.
    #[test]
    fn however_steps_arrive_every_event_is_applied_once_and_in_order(
        which in 0..ADDING.len(), steps in vec((any::<prop::sample::Index>(), 0..9u64, 1..6u64), 0..60),
    ) {
        let (kind, settings) = ADDING[which];
        let mut sink = sink(kind, settings);
        let mut seen = vec![0];
        let mut refused = 0;
        for (moment, look, length) in &steps {
            let end = seen[seen.len() - 1];
            // Half of the senders looked just now, most others at some moment before; the rest guess.
            let after = match look {
                0..4 => end,
                4..7 => seen[moment.index(seen.len())],
                7 => end + 1,
                _ => end.max(1) - 1,
            };
            let bookmark = after + length;
            let events = (after + 1..=bookmark).map(|event| set(event as i64 % 5, event, Condition::Always));
            match sink.step(events.collect(), after, bookmark) {
                Ok(_) => seen.push(bookmark),
                refusal => {
                    prop_assert_eq!(refusal, OUTDATED);
                    refused += 1;
                }
            }
        }
        let end = seen[seen.len() - 1];
        prop_assert_eq!(seen.len() - 1 + refused, steps.len());
        prop_assert_eq!(sink.bookmark().unwrap_or_default(), Bookmark(end));
        let once: Vec<(i64, u64)> = (1..=end).map(|event| (event as i64 % 5, event)).collect();
        prop_assert_eq!(sink.applied(), once);
    }

    /// A world is reset between two seeds, not built anew: whatever leaked from one run into the next would make the next irreproducible.
    #[test]
    fn a_reset_store_is_as_a_new_one(
        which in 0..SHOWING.len() + ADDING.len(),
        before in any_run(), load in any_rows(), requests in any_run(),
    ) {
        let (kind, settings) = *SHOWING.iter().chain(ADDING).nth(which).unwrap();
        let mut used = sink(kind, settings);
        used.store.preload(&load);
        run(&mut used, &before, |_, _| {});
        used.store.reset();
        used.store.preload(&load);
        let mut new = sink(kind, settings);
        new.store.preload(&load);
        prop_assert_eq!(transcript(used, &requests), transcript(new, &requests));
    }

    /// The same, where only what was touched is put back: a row that was overlooked would be the last run's.
    #[test]
    fn a_rewound_store_is_as_one_newly_filled(
        which in 0..SHOWING.len() + ADDING.len(),
        before in any_run(), load in any_rows(), requests in any_run(),
    ) {
        let (kind, settings) = *SHOWING.iter().chain(ADDING).nth(which).unwrap();
        let mut used = sink(kind, settings);
        used.store.preload(&load);
        for _ in 0..2 {
            run(&mut used, &before, |_, _| {});
            used.store.rewind(&load);
            used.now = Time::ZERO;
        }
        let mut new = sink(kind, settings);
        new.store.preload(&load);
        prop_assert_eq!(transcript(used, &requests), transcript(new, &requests));
    }

    /// The stale set (Nishtala et al., section 3.2.1): a reader fetched the row, a writer invalidated the key, the reader fills in what is old.
    #[test]
    fn no_fill_succeeds_after_an_invalidation_that_came_after_its_lease(
        which in 0..2usize, requests in vec((0..4u64, 0..2i64, 0..5u8, any::<prop::sample::Index>()), 1..60),
    ) {
        let (kind, settings) = SHOWING[which];
        let mut cache = sink(kind, settings);
        let mut granted: Vec<(i64, Lease, bool)> = Vec::new();
        for (pause, n, what, pick) in requests {
            cache.now += Span::from_millis(100 * pause);
            match what {
                0 => {
                    cache.call(&Request::Invalidate(key(n))).unwrap();
                    granted.iter_mut().filter(|(of, ..)| *of == n).for_each(|(.., revoked)| *revoked = true);
                }
                1 | 2 => match cache.call(&Request::GetOrLease(key(n))) {
                    Ok(Reply::Leased { lease: Some(lease), .. }) => {
                        prop_assert!(granted.iter().all(|(_, other, _)| *other != lease), "granted twice");
                        granted.push((n, lease, false));
                    }
                    reply => prop_assert!(reply.is_ok()),
                },
                _ if !granted.is_empty() => {
                    let (n, lease, revoked) = granted[pick.index(granted.len())];
                    let fill = cache.call(&Request::Fill { key: key(n), row: row(n, 1), lease: Some(lease) });
                    prop_assert!(!(revoked && fill.is_ok()), "{:?} of key {} had been revoked", lease, n);
                }
                _ => {}
            }
        }
    }

    /// What repeats under `Once` must not show in totals: they are then the numbers of the row, whatever was delivered twice.
    #[test]
    fn under_once_totals_are_the_row_however_often_each_change_arrives(
        arrivals in vec(1..8u64, 0..40), live in 1..8u64,
    ) {
        let mut sink = sink("warehouse", &[("mode", "sum")]);
        sink.store.preload(&rows(&[(1, 0)]));
        prop_assert_eq!(sink.store.form(), SinkForm::Totals);
        let change = |version: u64| {
            Delivery { before: Some(row(1, version - 1)), ..set(1, version, Condition::Once) }
        };
        let changes = arrivals.into_iter().filter(|version| *version < live).chain(1..=live);
        for version in changes {
            prop_assert_eq!(sink.put(change(version)), Ok(Reply::Done));
        }
        let total = sink.get(1).unwrap();
        let expected = row(1, live);
        prop_assert_eq!(&total.values()[..3], &expected.values()[..]);
        prop_assert_eq!(&total.values()[3], &Value::Integer(live as i64));
    }
}
