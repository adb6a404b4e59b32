//! Consumers of a log that is compacted under their hands: whatever they miss, and wherever they die, their copies come to the same.

use crate::fake::{Fake, Running, built, delete, drive, put, traffic, transaction};

type Settings = &'static [(&'static str, &'static str)];

const CONSUMERS: &[Settings] = &[
    &[],
    &[("batch", "2")],
    &[("batch", "1"), ("versioned", "false")],
    &[("apply", "rows"), ("batch", "2")],
    &[("position", "checkpoint"), ("batch", "2")],
    &[("apply", "rows"), ("position", "checkpoint"), ("partitions", "3")],
    &[("snapshot", "watermarked"), ("chunk", "3")],
    &[("snapshot", "watermarked"), ("chunk", "3"), ("batch", "2")],
    &[
        ("snapshot", "watermarked"),
        ("chunk", "3"),
        ("apply", "rows"),
        ("position", "checkpoint"),
        ("partitions", "3"),
    ],
];

/// Writes all traffic while the log is compacted again and again and forgets deletions at once. From `away` on the consumers stand still for a while, the connector
/// does not; and after `crash` awaits all processes die.
fn run(settings: Settings, away: usize, crash: Option<usize>) -> Fake {
    run_with(settings, away, crash, None)
}

/// The same, and after `wiped` awaits the first sink loses all that it held.
fn run_with(settings: Settings, away: usize, crash: Option<usize>, wiped: Option<usize>) -> Fake {
    let fake = Fake::new(2);
    let strategy = built("log_cdc", settings);
    if strategy.demands().bootstraps {
        fake.0.borrow_mut().stores.iter_mut().for_each(|store| store.cells.clear());
    }
    let mut processes = fake.start(strategy.as_ref());
    let mut traffic = traffic().into_iter();
    for awaits in 0..120 {
        if awaits % 7 == 3
            && let Some(transaction) = traffic.next()
        {
            fake.write(strategy.as_ref(), &transaction).expect("the fake source refuses nothing");
        }
        if awaits % 5 == 4 {
            fake.compact();
        }
        if crash == Some(awaits) {
            processes.iter_mut().for_each(Running::crash);
        }
        if wiped == Some(awaits) {
            fake.0.borrow_mut().stores[0].lose();
        }
        let is_away = awaits >= away && awaits - away < 40;
        let at_work = if is_away { 1 } else { processes.len() };
        drive(&mut processes[..at_work], 1);
    }
    if wiped.is_some() {
        // A consumer learns that its sink is lost when it has something for it.
        let last = transaction(9, vec![put(7, 9), delete(8)]);
        fake.write(strategy.as_ref(), &last).expect("the fake source refuses nothing");
    }
    for _ in 0..40 {
        drive(&mut processes, 10);
        if (0..2).all(|sink| fake.shown(sink) == fake.source()) {
            break;
        }
    }
    fake
}

#[test]
fn a_consumer_that_was_away_while_deletions_were_forgotten_has_none_of_their_rows() {
    for settings in CONSUMERS {
        for away in (0..60).step_by(3) {
            run(settings, away, None).assert_converged(&format!("{settings:?}, away from {away}"));
        }
    }
}

/// The behaviour of `delete.retention.ms`: nobody told it, or it did not listen.
#[test]
fn one_that_reads_on_keeps_them() {
    let kept = (0..60).any(|away| {
        let fake = run(&[("snapshot", "watermarked"), ("chunk", "3"), ("forgotten", "read_on")], away, None);
        fake.shown(0).keys().any(|key| !fake.source().contains_key(key))
    });
    assert!(kept);
}

#[test]
fn a_crash_at_any_await_changes_nothing_about_that() {
    for settings in CONSUMERS {
        for away in [10, 30, 50] {
            for crash in 0..120 {
                let fake = run(settings, away, Some(crash));
                fake.assert_converged(&format!("{settings:?}, away from {away}, crash at {crash}"));
            }
        }
    }
}

/// In the part that is compacted transactions are not whole, and what was there in between cannot be told any more. So it is never shown.
#[test]
fn a_sink_shows_only_states_of_the_source_and_never_goes_back() {
    let atomic: &[Settings] = &[&[], &[("batch", "2")], &[("batch", "1")]];
    for settings in atomic {
        for away in [10, 30, 50] {
            for crash in 0..120 {
                let fake = run(settings, away, Some(crash));
                let world = fake.0.borrow();
                for store in &world.stores {
                    let mut at = 0;
                    for shown in &store.shown {
                        let later = world.states[at..].iter().position(|state| state == shown);
                        at += later.unwrap_or_else(|| {
                            panic!("{settings:?}, away from {away}, crash at {crash}: no state at or after {at} is {shown:?}")
                        });
                    }
                }
            }
        }
    }
}

/// A sink loses all that it held, and its position with it. With the first copy in the log it is made anew out of the log, and otherwise out of the source; and
/// whoever dies on the way begins again.
#[test]
fn a_sink_that_was_lost_is_made_anew_and_a_crash_while_it_is_changes_nothing() {
    let first_copy_in_the_log: Settings = &[("snapshot", "watermarked"), ("chunk", "3"), ("batch", "2")];
    for settings in [first_copy_in_the_log, &[], &[("batch", "2")]] {
        // Without a first copy in the log a lost sink that has no position is, to a process that starts, a new one. So it has to have one, and to be missed.
        let is_first_copy_in_the_log = settings == first_copy_in_the_log;
        for wiped in (if is_first_copy_in_the_log { 2 } else { 20 }..60).step_by(3) {
            for later in 0..if is_first_copy_in_the_log { 30 } else { 1 } {
                let crash = is_first_copy_in_the_log.then_some(wiped + later);
                let fake = run_with(settings, usize::MAX, crash, Some(wiped));
                fake.assert_converged(&format!("{settings:?}, wiped at {wiped}, crash {crash:?}"));
            }
        }
    }
}

/// A copy that is declared complete too early is held against the source before it can be.
#[test]
fn a_copy_out_of_a_compacted_log_is_declared_complete_when_it_is() {
    for away in (0..60).step_by(3) {
        let fake = run(&[("snapshot", "watermarked"), ("chunk", "3"), ("batch", "2")], away, None);
        let world = fake.0.borrow();
        for store in &world.stores {
            let first = store.completed.first().expect("it was declared complete");
            assert!(world.states.contains(first), "away from {away}: {first:?}");
        }
    }
}
