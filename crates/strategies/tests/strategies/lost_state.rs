//! The source loses its tables of current state, and has them back as they were.

use crate::fake::{Fake, Rows, Running, built, drive};
use crate::projections::folded;
use crate::theatre::{Asked, EVENT, SEATS, any_command, command, holders, theatre};
use driftlab_model::port::Strategy;
use driftlab_model::{Failure, Refusal, Value};
use proptest::prelude::*;
use std::rc::Rc;

type Settings = &'static [(&'static str, &'static str)];

const SOURCED: Settings = &[("rebuild", "log"), ("restore", "log"), ("batch", "3")];
const SOURCED_WITH_SNAPSHOTS: Settings =
    &[("rebuild", "log"), ("restore", "log"), ("batch", "3"), ("snapshots", "2")];
const IN_PLACE: Settings = &[("snapshot", "watermarked"), ("restore", "log"), ("batch", "3")];
const PARTITIONED: Settings = &[
    ("snapshot", "watermarked"),
    ("restore", "log"),
    ("apply", "rows"),
    ("position", "checkpoint"),
    ("partitions", "3"),
];

const RESTORING: &[(&str, Settings)] = &[
    ("event_sourcing", SOURCED),
    ("event_sourcing", SOURCED_WITH_SNAPSHOTS),
    ("log_cdc", IN_PLACE),
    ("log_cdc", PARTITIONED),
];

/// By then the first copy is in the log.
const LOST: usize = 60;
const AWAITS: usize = 150;

/// What happens beside the loss.
#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    /// After so many awaits the restorer dies, and begins again.
    restorer_dies: Option<usize>,
    /// After so many awaits all processes do.
    all_die: Option<usize>,
    compacts: bool,
    /// The log has lost its first records.
    is_cut: bool,
}

/// Gives all commands while the processes run, and lets them come to rest. The source loses its state in the middle of it.
fn run(strategy: &Rc<dyn Strategy>, commands: &[Asked], trouble: Trouble) -> Fake {
    let fake = Fake::of(theatre(), 1);
    let kept = strategy.restores(&theatre()).expect("it restores the source's state");
    let mut processes = fake.start(strategy.as_ref());
    let restorer = processes.len() - 1;
    let mut commands = (1..).zip(commands.iter().cycle());
    for awaits in 0..AWAITS {
        if awaits == LOST {
            let world = &mut *fake.0.borrow_mut();
            world.lose_state(&kept);
            world.earliest = if trouble.is_cut { 2 } else { 0 };
        }
        if awaits % 4 == 1
            && let Some((id, asked)) = commands.next()
        {
            let is_lost = fake.0.borrow().lost.is_some();
            let outcome = fake.write(strategy.as_ref(), &command(id, *asked));
            let is_refused = outcome.is_err_and(|why| why == Failure::Refused(Refusal::StateLost));
            assert_eq!(is_refused, is_lost, "no command is let in before the tables are back");
        }
        if trouble.compacts && awaits % 9 == 8 {
            fake.compact();
        }
        if trouble.restorer_dies == Some(awaits) {
            processes[restorer].crash();
        }
        if trouble.all_die == Some(awaits) {
            processes.iter_mut().for_each(Running::crash);
        }
        drive(&mut processes, 1);
    }
    for _ in 0..60 {
        drive(&mut processes, 10);
        if fake.0.borrow().lost.is_none() && fake.shown(0) == fake.source() {
            break;
        }
    }
    fake
}

/// Whether two customers have a seat at once, by its events.
fn is_sold_twice(rows: &Rows, seat: i64) -> bool {
    let mut is_taken = false;
    for (key, row) in rows.iter().filter(|(key, _)| key.table() == EVENT) {
        let Value::Text(kind) = &row.values()[2] else { continue };
        if key.values()[0] != Value::from(seat) {
            continue;
        }
        match &**kind {
            "reserved" if is_taken => return true,
            "reserved" => is_taken = true,
            "cancelled" => is_taken = false,
            _ => {}
        }
    }
    false
}

fn assert_restored(fake: &Fake, context: &str) {
    let world = fake.0.borrow();
    assert!(world.lost.is_none(), "{context}: it has no state");
    assert_eq!(Some(&world.rows), world.states.last(), "{context}: it is not what was committed");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    /// Killed at each await of the rebuild in turn, alone or with all others: the source has what was acknowledged, each row as it was, and nobody was let in who could have booked a seat a second time.
    #[test]
    fn a_source_whose_state_was_lost_has_all_that_was_acknowledged_whoever_dies_while_it_is_restored(
        commands in prop::collection::vec(any_command(), 14..24),
        compacts in any::<bool>(),
    ) {
        for (name, settings) in RESTORING {
            let strategy = built(name, settings);
            for dies in LOST..LOST + 40 {
                for trouble in [
                    Trouble { restorer_dies: Some(dies), compacts, ..Trouble::default() },
                    Trouble { all_die: Some(dies), compacts, ..Trouble::default() },
                ] {
                    let fake = run(&strategy, &commands, trouble);
                    let context = format!("{name} {settings:?} {trouble:?}");
                    assert_restored(&fake, &context);
                    fake.assert_converged(&context);
                    if *name == "event_sourcing" {
                        let rows = fake.source();
                        for seat in 1..=SEATS {
                            prop_assert_eq!(
                                folded(&rows, seat, (0, None)), holders(&rows).get(&seat).copied(), "{}", &context
                            );
                            prop_assert!(!is_sold_twice(&rows, seat), "seat {}, {}", seat, &context);
                        }
                    }
                }
            }
        }
    }
}

/// Rows that are put back are nobody's write: a copy that was told of them again would show its readers what they had seen before, and a sum would count them twice.
#[test]
fn what_is_restored_is_no_news_to_any_copy() {
    let commands = [Asked::Reserve(1, 7), Asked::Pay(1), Asked::Reserve(2, 9), Asked::Cancel(2)];
    for (name, settings) in RESTORING {
        let fake = run(&built(name, settings), &commands, Trouble::default());
        assert_restored(&fake, name);
        let mut applied = fake.0.borrow().stores[0].applied.clone();
        let all = applied.len();
        applied.sort();
        applied.dedup();
        assert_eq!(applied.len(), all, "{name} {settings:?}");
    }
}

/// Half of a state would be worse than none: commands would be let in, and decided against it.
#[test]
fn a_log_that_is_not_whole_restores_nothing_and_nobody_is_let_in() {
    let commands = [Asked::Reserve(1, 7), Asked::Pay(1), Asked::Reserve(2, 9), Asked::Cancel(2)];
    for (name, settings) in RESTORING {
        let fake = run(&built(name, settings), &commands, Trouble { is_cut: true, ..Trouble::default() });
        let world = fake.0.borrow();
        assert!(world.lost.as_ref().is_some_and(|lost| !lost.is_empty()), "{name} {settings:?}");
    }
}
