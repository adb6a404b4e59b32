//! Every strategy that is meant to heal does so after a crash at each await in turn, a refusal, and a lost reply.

use crate::fake::{Fake, Fate, Running, built, drive, traffic};

type Settings = &'static [(&'static str, &'static str)];

const HEALING: &[(&str, Settings)] = &[
    ("batch_full", &[]),
    ("batch_full", &[("read", "paged"), ("page", "2")]),
    ("batch_full", &[("load", "in_place"), ("page", "3")]),
    ("batch_incremental", &[("deletes", "key_diff"), ("page", "2")]),
    ("batch_incremental", &[("deletes", "soft"), ("apply", "batch")]),
    ("outbox", &[]),
    ("outbox", &[("batch", "1")]),
    ("outbox", &[("remove", "delete_rows"), ("gaps", "wait"), ("batch", "2")]),
    ("outbox", &[("apply", "transaction"), ("batch", "2")]),
    ("outbox", &[("apply", "transaction"), ("position", "with_data"), ("batch", "2")]),
    ("outbox", &[("position", "with_data"), ("relays", "2")]),
    ("trigger_cdc", &[("gaps", "wait"), ("batch", "3")]),
    ("log_cdc", &[]),
    ("log_cdc", &[("batch", "2")]),
    ("log_cdc", &[("apply", "rows"), ("batch", "2")]),
    ("log_cdc", &[("apply", "rows"), ("position", "checkpoint"), ("partitions", "3")]),
    ("log_cdc", &[("position", "checkpoint"), ("batch", "2")]),
    ("log_cdc", &[("snapshot", "watermarked"), ("chunk", "3")]),
    ("log_cdc", &[("snapshot", "watermarked"), ("chunk", "3"), ("versioned", "false")]),
];

fn emptied(fake: &Fake) {
    for store in &mut fake.0.borrow_mut().stores {
        store.cells.clear();
    }
}

/// Writes all traffic while the processes run, which crash after `crash` awaits, and lets the world come to rest.
fn run(name: &str, settings: Settings, crash: Option<usize>) -> Fake {
    let fake = Fake::new(2);
    let strategy = built(name, settings);
    if strategy.demands().bootstraps {
        emptied(&fake);
    }
    let mut processes = fake.start(strategy.as_ref());
    let mut traffic = traffic().into_iter();
    for awaits in 0..90 {
        if awaits % 7 == 3
            && let Some(transaction) = traffic.next()
        {
            fake.write(strategy.as_ref(), &transaction).expect("the fake source refuses nothing");
        }
        if crash == Some(awaits) {
            processes.iter_mut().for_each(Running::crash);
        }
        drive(&mut processes, 1);
    }
    settle(&fake, &mut processes);
    fake
}

/// Goes on until the copies equal the source. A job that clears a sink and fills it again does not stay so for long.
fn settle(fake: &Fake, processes: &mut [Running]) {
    drive(processes, 60);
    for _ in 0..400 {
        if (0..2).all(|sink| fake.shown(sink) == fake.source()) {
            return;
        }
        drive(processes, 1);
    }
}

#[test]
fn the_copies_equal_the_source_in_the_end() {
    for (name, settings) in HEALING {
        run(name, settings, None).assert_converged(&format!("{name} {settings:?}"));
    }
}

#[test]
fn the_copies_equal_the_source_after_a_crash_at_any_await() {
    for (name, settings) in HEALING {
        for crash in 0..90 {
            run(name, settings, Some(crash))
                .assert_converged(&format!("{name} {settings:?}, crash at {crash}"));
        }
    }
}

#[test]
fn the_copies_equal_the_source_after_a_refusal_or_a_lost_reply_of_any_request() {
    for (name, settings) in HEALING {
        for nth in 0..30 {
            for fate in [Fate::Refused, Fate::ReplyLost] {
                let fake = Fake::new(2);
                let strategy = built(name, settings);
                if strategy.demands().bootstraps {
                    emptied(&fake);
                }
                for store in &mut fake.0.borrow_mut().stores {
                    store.fates.extend((0..nth).map(|_| None).chain([Some(fate)]));
                }
                let mut processes = fake.start(strategy.as_ref());
                for transaction in traffic() {
                    fake.write(strategy.as_ref(), &transaction).expect("the fake source refuses nothing");
                    drive(&mut processes, 5);
                }
                settle(&fake, &mut processes);
                fake.assert_converged(&format!("{name} {settings:?}, request {nth}"));
            }
        }
    }
}

/// Whole transactions, one partition, the position saved with the data: a sink never shows what the source was not.
#[test]
fn log_cdc_shows_only_states_of_the_source_and_never_goes_back() {
    for batch in ["1", "2", "500"] {
        for crash in 0..90 {
            let settings: Settings = match batch {
                "1" => &[("batch", "1")],
                "2" => &[("batch", "2")],
                _ => &[],
            };
            let fake = run("log_cdc", settings, Some(crash));
            // A sink that shows nothing never goes back either.
            fake.assert_converged(&format!("{settings:?}, crash at {crash}"));
            let world = fake.0.borrow();
            for store in &world.stores {
                let mut at = 0;
                for shown in &store.shown {
                    let later = world.states[at..].iter().position(|state| state == shown);
                    at += later
                        .unwrap_or_else(|| panic!("no state at or after {at} is {shown:?}; crash {crash}"));
                }
            }
        }
    }
}

/// Saved together with the data, the position makes each effect happen once; the same pipeline with a checkpoint of its own repeats some.
#[test]
fn effects_are_repeated_by_a_checkpoint_and_not_by_a_position_saved_with_the_data() {
    let has_repeats = |settings: Settings| {
        (0..90).any(|crash| {
            let fake = run("log_cdc", settings, Some(crash));
            let world = fake.0.borrow();
            world.stores.iter().any(|store| {
                let mut writes = store.applied.clone();
                writes.sort();
                writes.dedup();
                writes.len() < store.applied.len()
            })
        })
    };
    assert!(!has_repeats(&[("versioned", "false")]));
    assert!(!has_repeats(&[("versioned", "false"), ("apply", "rows")]));
    assert!(has_repeats(&[("versioned", "false"), ("position", "checkpoint")]));
}
