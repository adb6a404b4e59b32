//! Sinks that join in the middle of a run: left alone until then, and filled from what there still is.

use crate::fake::{Fake, Running, StoreState, built, drive, traffic};
use driftlab_model::{Span, Time};

type Settings = &'static [(&'static str, &'static str)];

const TAKING_ON: &[(&str, Settings)] = &[
    ("log_cdc", &[("snapshot", "watermarked"), ("chunk", "3"), ("batch", "2")]),
    (
        "log_cdc",
        &[("snapshot", "watermarked"), ("chunk", "3"), ("position", "checkpoint"), ("apply", "rows")],
    ),
    ("batch_full", &[("every", "50ms")]),
    ("batch_full", &[("every", "50ms"), ("load", "in_place")]),
];

/// Writes all traffic with a second sink that joins after a while; after `crash` awaits all processes die.
fn run(name: &str, settings: Settings, crash: Option<usize>) -> Fake {
    let fake = Fake::new(2);
    let strategy = built(name, settings);
    let joins = Time::ZERO + Span::from_millis(400);
    {
        let world = &mut *fake.0.borrow_mut();
        world.joins = Some(joins);
        let bootstraps = strategy.demands().bootstraps;
        for (place, store) in world.stores.iter_mut().enumerate() {
            if bootstraps || place == 1 {
                *store = StoreState::default();
            }
        }
    }
    let mut processes = fake.start(strategy.as_ref());
    let mut traffic = traffic().into_iter();
    for awaits in 0..200 {
        if awaits % 7 == 3
            && let Some(transaction) = traffic.next()
        {
            fake.write(strategy.as_ref(), &transaction).expect("the fake source refuses nothing");
        }
        if crash == Some(awaits) {
            processes.iter_mut().for_each(Running::crash);
        }
        drive(&mut processes, 1);
        let world = fake.0.borrow();
        let is_untouched = world.stores[1].shown.is_empty();
        assert!(world.now >= joins || is_untouched, "{name} {settings:?} did not wait, crash {crash:?}");
    }
    drive(&mut processes, 100);
    // A job that clears a sink and fills it again does not stay so for long.
    for _ in 0..400 {
        if fake.shown(1) == fake.source() {
            break;
        }
        drive(&mut processes, 1);
    }
    fake
}

#[test]
fn a_newcomer_comes_to_equal_the_source_and_is_complete_when_it_does() {
    for (name, settings) in TAKING_ON {
        assert!(built(name, settings).takes_on_newcomers());
        for crash in std::iter::once(None).chain((0..160).step_by(3).map(Some)) {
            let fake = run(name, settings, crash);
            let context = format!("{name} {settings:?}, crash {crash:?}");
            assert_eq!(fake.shown(1), fake.source(), "{context}");
            let world = fake.0.borrow();
            let completed = world.stores[1].completed.first();
            // One that is published whole is complete by that.
            if *name == "log_cdc" {
                let completed = completed.unwrap_or_else(|| panic!("never complete: {context}"));
                assert!(world.states.contains(completed), "{context}: {completed:?}");
            }
        }
    }
}

#[test]
fn who_writes_copies_as_a_part_of_writing_takes_on_no_newcomer() {
    for name in ["none", "dual_writes", "cache_aside"] {
        assert!(!built(name, &[]).takes_on_newcomers(), "{name}");
    }
}
