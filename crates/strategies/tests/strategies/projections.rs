//! Event sourcing by hand: whatever dies on the way, and wherever reading begins, the events come to the same.

use crate::fake::{Fake, Rows, StoreState, built, drive};
use crate::theatre::{
    Asked, EVENT, SEATS, SNAPSHOT, any_command, command, holders, replayed, settle, theatre,
};
use driftlab_model::port::Strategy;
use driftlab_model::{Key, Value, WriteId};
use proptest::prelude::*;

/// What is done to the processes while the commands are given.
#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    /// After so many awaits the projection dies, and begins again.
    projection_dies: Option<usize>,
    /// After so many awaits the feed does.
    feed_dies: Option<usize>,
    /// After so many awaits the sink loses what it held.
    lost: Option<usize>,
    compacts: bool,
}

const AWAITS: usize = 90;

/// Gives all commands while the feed and the projection run, and lets them come to rest.
fn run(strategy: &dyn Strategy, commands: &[Asked], trouble: Trouble) -> Fake {
    let fake = Fake::of(theatre(), 1);
    let mut processes = fake.start(strategy);
    let mut commands = (1..).zip(commands);
    let [feed, projection] = [0, 1];
    for awaits in 0..AWAITS {
        if awaits % 4 == 1
            && let Some((id, asked)) = commands.next()
        {
            // A command that is not allowed changes nothing.
            let _ = fake.write(strategy, &command(id, *asked));
        }
        if trouble.compacts && awaits % 9 == 8 {
            fake.compact();
        }
        if trouble.lost == Some(awaits) {
            fake.0.borrow_mut().stores[0].lose();
        }
        if trouble.projection_dies == Some(awaits) {
            processes[projection].crash();
        }
        if trouble.feed_dies == Some(awaits) {
            processes[feed].crash();
        }
        drive(&mut processes, 1);
    }
    settle(&fake, &mut processes);
    fake
}

/// Who has a seat, by its events after the one of a version, told by hand and not by the strategy's own code.
pub(crate) fn folded(rows: &Rows, seat: i64, from: (i64, Option<i64>)) -> Option<i64> {
    let after = |key: &Key| match key.values().as_slice() {
        [Value::Integer(of), Value::Integer(version)] => *of == seat && *version > from.0,
        _ => false,
    };
    let events = rows.iter().filter(|(key, _)| key.table() == EVENT && after(key));
    events.fold(from.1, |holder, (_, row)| match &row.values()[2..5] {
        [Value::Text(kind), _, Value::Integer(customer)] if &**kind == "reserved" => Some(*customer),
        [Value::Text(kind), ..] if &**kind == "cancelled" => None,
        _ => holder,
    })
}

/// Where the stream of a seat may begin by its snapshot: a version, and who had the seat after it.
fn saved(rows: &Rows, seat: i64) -> Option<(i64, Option<i64>)> {
    match &**rows.get(&Key::integer(SNAPSHOT, seat))?.values() {
        [_, Value::Integer(version), Value::Text(state), Value::Integer(customer)] => {
            Some((*version, (&**state != "free").then_some(*customer)))
        }
        other => panic!("no snapshot is {other:?}"),
    }
}

fn sourced(snapshots: &str, rebuild: &str) -> std::rc::Rc<dyn Strategy> {
    built("event_sourcing", &[("snapshots", snapshots), ("rebuild", rebuild), ("batch", "3")])
}

/// What was applied, in order: nothing may be in it twice.
fn applied(fake: &Fake) -> Vec<WriteId> {
    fake.0.borrow().stores[0].applied.clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Killed at each of its awaits in turn, it shows what one shows that was never killed, row by row and bit for bit, and has applied each event as often: once.
    #[test]
    fn a_projection_that_is_killed_at_any_step_equals_one_that_never_was(
        commands in prop::collection::vec(any_command(), 8..20),
        snapshots in prop::sample::select(vec!["0", "2"]),
    ) {
        let strategy = sourced(snapshots, "source");
        let whole = run(strategy.as_ref(), &commands, Trouble::default());
        prop_assert_eq!(whole.shown(0), whole.source());
        let never_killed = (whole.shown(0), applied(&whole));
        for step in 0..AWAITS {
            for trouble in [
                Trouble { projection_dies: Some(step), ..Trouble::default() },
                Trouble { feed_dies: Some(step), ..Trouble::default() },
            ] {
                let killed = run(strategy.as_ref(), &commands, trouble);
                prop_assert_eq!(&(killed.shown(0), applied(&killed)), &never_killed, "{:?}", trouble);
            }
        }
    }

    /// The whole log, the compacted log, and a stream from its snapshot on: equal states.
    #[test]
    fn the_whole_log_the_compacted_log_and_snapshots_give_equal_states(
        commands in prop::collection::vec(any_command(), 8..20),
        snapshots in prop::sample::select(vec!["0", "1", "3"]),
    ) {
        let strategy = sourced(snapshots, "source");
        let fake = run(strategy.as_ref(), &commands, Trouble::default());
        let (source, records) = (fake.source(), fake.0.borrow().log[0].len());
        let whole = replayed(strategy.as_ref(), &fake);
        fake.compact();
        let left = records - fake.0.borrow().compacted_away.len();
        let compacted = replayed(strategy.as_ref(), &fake);
        prop_assert_eq!(&whole, &source);
        prop_assert_eq!(&compacted, &source);
        prop_assert!(left <= records);
        for rows in [&whole, &compacted] {
            for seat in 1..=SEATS {
                let holder = holders(rows).get(&seat).copied();
                prop_assert_eq!(folded(rows, seat, (0, None)), holder, "seat {} from its first event", seat);
                if let Some(begin) = saved(rows, seat) {
                    prop_assert_eq!(folded(rows, seat, begin), holder, "seat {} from its snapshot", seat);
                }
            }
        }
    }

    /// The database is gone, or the copy is: the log alone gives all back, up to the last commit that somebody was told of, and whoever dies on the way begins again.
    #[test]
    fn what_was_lost_is_rebuilt_from_the_log_up_to_the_last_commit(
        commands in prop::collection::vec(any_command(), 14..20),
        snapshots in prop::sample::select(vec!["0", "2"]),
        lost in 30..50usize,
        compacts in any::<bool>(),
    ) {
        // Whoever notes nothing takes a sink that was lost for a new one when it begins again, and shows how everything came about once more.
        let settings = [("snapshots", snapshots), ("rebuild", "log"), ("notes", "true"), ("batch", "3")];
        let strategy = built("event_sourcing", &settings);
        for dies in 0..24 {
            let trouble = Trouble {
                lost: Some(lost),
                projection_dies: Some(lost + dies),
                compacts,
                ..Trouble::default()
            };
            let fake = run(strategy.as_ref(), &commands, trouble);
            prop_assert_eq!(fake.shown(0), fake.source(), "{:?}", trouble);
        }
        let fake = run(strategy.as_ref(), &commands, Trouble { compacts, ..Trouble::default() });
        // Nobody can ask the database any more: a copy of the log is all that is left.
        let last = std::mem::take(&mut fake.0.borrow_mut().rows);
        {
            let world = &mut *fake.0.borrow_mut();
            world.stores = vec![StoreState::default()];
            world.checkpoints.retain(|name, _| name.starts_with("connector") || name.starts_with("snapshot"));
        }
        let mut processes = fake.start(strategy.as_ref());
        drive(&mut processes, 400);
        prop_assert_eq!(fake.shown(0), last);
    }
}

/// A projection that begins again and finds its sink empty cannot see whether that was always so. Taken for a new one, a copy of the initial load has lost that load for good; and one that is filled
/// out of the log goes through all that ever was, before its readers' eyes.
#[test]
fn a_sink_that_was_lost_is_known_from_a_new_one_by_a_note() {
    let shown = |rebuild: &str, notes: &str| {
        let strategy = built("event_sourcing", &[("rebuild", rebuild), ("notes", notes), ("batch", "3")]);
        let commands = [Asked::Reserve(1, 7), Asked::Cancel(1), Asked::Reserve(1, 9), Asked::Reserve(2, 7)];
        let trouble = Trouble { lost: Some(50), projection_dies: Some(50), ..Trouble::default() };
        let fake = run(strategy.as_ref(), &commands, trouble);
        assert_eq!(fake.shown(0), fake.source(), "out of the {rebuild}, notes {notes}");
        let world = fake.0.borrow();
        world.stores[0].shown.iter().map(|rows| holders(rows).get(&1).copied()).collect::<Vec<_>>()
    };
    for rebuild in ["log", "source"] {
        assert!(
            shown(rebuild, "false").contains(&Some(7)),
            "it went through the past again, out of the {rebuild}"
        );
        assert!(
            !shown(rebuild, "true").contains(&Some(7)),
            "it was made anew in one step, out of the {rebuild}"
        );
    }
}

/// Nothing happens any more, so nothing is refused: a lost sink is missed by those who look after it, and by nobody else.
#[test]
fn a_sink_that_is_lost_in_a_quiet_hour_is_missed_by_who_looks_after_it() {
    let is_missed = |rebuild: &str, notes: &str| {
        let strategy = built("event_sourcing", &[("rebuild", rebuild), ("notes", notes), ("batch", "3")]);
        let commands = [Asked::Reserve(1, 7), Asked::Cancel(1), Asked::Reserve(1, 9), Asked::Reserve(2, 7)];
        let lost = Trouble { lost: Some(AWAITS - 1), ..Trouble::default() };
        let fake = run(strategy.as_ref(), &commands, lost);
        assert!(!fake.source().is_empty());
        fake.shown(0) == fake.source()
    };
    for rebuild in ["log", "source"] {
        assert!(is_missed(rebuild, "true"), "out of the {rebuild}");
        assert!(!is_missed(rebuild, "false"), "nobody looked, out of the {rebuild}");
    }
}
