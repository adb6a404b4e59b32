//! Events in three forms by hand: release after release appends to the same streams, and whoever reads them reads one history.

use crate::fake::{Fake, Rows, StoreState, built, drive, finish};
use crate::theatre::{
    Asked, EVENT, PAYMENT, SNAPSHOT, any_command, command, holders, integer, replayed, settle, theatre,
};
use driftlab_model::port::Strategy;
use driftlab_model::{Earlier, Failure, Journal, Key, Refusal, Row, SinkKind, Span, Time, Value};
use proptest::prelude::*;
use std::rc::Rc;

/// The second release is used from the first hour on, the third from the second.
const RELEASES: (&str, &str) = ("release_every", "1h");

fn hours(hours: u64) -> Time {
    Time::ZERO + Span::from_secs(3_600 * hours)
}

fn sourced(settings: &[(&str, &str)]) -> Rc<dyn Strategy> {
    built("event_sourcing", &[&[("batch", "3")], settings].concat())
}

/// Gives commands to release after release: from each of these places on to the next one. Nobody reads meanwhile.
fn written(strategy: &dyn Strategy, commands: &[Asked], releases: [usize; 2]) -> Fake {
    let fake = Fake::of(theatre(), 1);
    for (place, asked) in commands.iter().enumerate() {
        let rollovers = releases.iter().filter(|from| place >= **from).count();
        let now = fake.0.borrow().now.max(hours(rollovers as u64));
        fake.0.borrow_mut().now = now;
        // A command that is not allowed changes nothing.
        let _ = fake.write(strategy, &command(1 + place as u64, *asked));
    }
    fake
}

/// What the events say, told by hand and not by the strategy's own code: the place, what happened, to whom, and how many cents were paid.
fn told(rows: &Rows) -> Vec<(Key, &'static str, i64, i64)> {
    let events = rows.iter().filter(|(key, _)| key.table() == EVENT);
    let tell = |(key, row): (&Key, &Row)| {
        let Value::Text(kind) = &row.values()[2] else { panic!("no type is {:?}", row.values()[2]) };
        let kind = match (&**kind, integer(row, 3)) {
            ("reserved", 1 | 2) | ("booked", 3) => "has it",
            ("cancelled", _) => "gives it back",
            ("paid", _) => "pays",
            other => panic!("no release writes {other:?}"),
        };
        let cents = if integer(row, 3) == 1 { 100 * integer(row, 5) } else { integer(row, 5) };
        (key.clone(), kind, integer(row, 4), cents)
    };
    events.map(tell).collect()
}

/// The rows that follow from events.
fn derived(rows: &Rows) -> Rows {
    let is_own = |key: &Key| key.table() == EVENT || key.table() == SNAPSHOT;
    rows.iter().filter(|(key, _)| !is_own(key)).map(|(key, row)| (key.clone(), row.clone())).collect()
}

fn journal(strategy: &dyn Strategy, rows: &Rows) -> Option<Journal> {
    let rows: Vec<(Key, Row)> = rows.iter().map(|(key, row)| (key.clone(), row.clone())).collect();
    strategy.recounts(&theatre(), &rows).map(|recount| recount.journal)
}

fn commands() -> impl proptest::strategy::Strategy<Value = (Vec<Asked>, [usize; 2])> {
    use proptest::strategy::Strategy as _;
    let places = (0..20usize, 0..20usize).prop_map(|(one, other)| [one.min(other), one.max(other)]);
    (prop::collection::vec(any_command(), 8..24), places)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every decision rests on a fold, so the same decisions mean that the fold over three forms is that over one; from the first event on, and from a snapshot that another release has saved.
    #[test]
    fn decisions_over_events_in_three_forms_are_those_over_one(
        (commands, releases) in commands(),
        snapshots in prop::sample::select(vec!["0", "1", "2", "3"]),
    ) {
        let one = written(sourced(&[("snapshots", snapshots)]).as_ref(), &commands, releases).source();
        let three = written(sourced(&[("snapshots", snapshots), RELEASES]).as_ref(), &commands, releases).source();
        prop_assert_eq!(told(&one), told(&three));
        prop_assert_eq!(derived(&one), derived(&three));
    }

    /// A copy that is set up when all releases are over reads the whole log, or what compaction has left of it; one that has lost everything replays it.
    #[test]
    fn a_copy_that_is_made_of_a_log_in_three_forms_equals_the_source((commands, releases) in commands()) {
        let strategy = sourced(&[RELEASES]);
        let fake = written(strategy.as_ref(), &commands, releases);
        let source = fake.source();
        prop_assert_eq!(&replayed(strategy.as_ref(), &fake), &source);
        fake.compact();
        prop_assert_eq!(&replayed(strategy.as_ref(), &fake), &source);

        let strategy = sourced(&[RELEASES, ("rebuild", "log"), ("notes", "true")]);
        let fake = written(strategy.as_ref(), &commands, releases);
        let mut processes = fake.start(strategy.as_ref());
        settle(&fake, &mut processes);
        fake.0.borrow_mut().stores[0] = StoreState::default();
        settle(&fake, &mut processes);
        prop_assert_eq!(&fake.shown(0), &source);
    }

    #[test]
    fn what_is_recounted_of_three_forms_is_what_is_recounted_of_one((commands, releases) in commands()) {
        let (one, three) = (sourced(&[]), sourced(&[RELEASES]));
        let of_one = written(one.as_ref(), &commands, releases).source();
        let of_three = written(three.as_ref(), &commands, releases).source();
        prop_assert_eq!(journal(one.as_ref(), &of_one), journal(three.as_ref(), &of_three));
    }
}

const SOLD: [Asked; 3] = [Asked::Reserve(1, 7), Asked::Pay(1), Asked::Reserve(2, 9)];

/// Without a roll-over between them the tests above would prove nothing.
#[test]
fn releases_append_in_their_own_forms() {
    let fake = written(sourced(&[RELEASES, ("snapshots", "1")]).as_ref(), &SOLD, [1, 2]);
    let rows = fake.source();
    let forms: Vec<i64> =
        rows.iter().filter(|(key, _)| key.table() == EVENT).map(|(_, row)| integer(row, 3)).collect();
    assert_eq!(forms, [1, 2, 3]);
    let state = |seat: i64| rows[&Key::integer(SNAPSHOT, seat)].values()[2].clone();
    assert_eq!((state(1), state(2)), (Value::text("paid"), Value::text("booked")));
}

/// Incident: events of an old form had no upcaster. The seat that was reserved before the release was sold again, and the book of payments had a hundredth of what was paid.
#[test]
fn whoever_takes_old_events_as_they_are_sells_a_seat_twice_and_misreads_what_was_paid() {
    let outcome = |old_events: &str, asked: Asked| {
        let strategy = sourced(&[RELEASES, ("old_events", old_events)]);
        let fake = written(strategy.as_ref(), &[Asked::Reserve(1, 7), Asked::Reserve(2, 7)], [1, 1]);
        fake.write(strategy.as_ref(), &command(9, asked)).map(|_| ())
    };
    let refused = Err(Failure::Refused(Refusal::Conflict));
    assert_eq!(outcome("upcast", Asked::Reserve(1, 8)), refused);
    assert_eq!(outcome("upcast", Asked::Pay(1)), Ok(()));
    assert_eq!(outcome("as_is", Asked::Reserve(1, 8)), Ok(()));
    assert_eq!(outcome("as_is", Asked::Pay(1)), refused);

    let shown = |old_events: &str| {
        let strategy = sourced(&[RELEASES, ("old_events", old_events)]);
        let fake = written(strategy.as_ref(), &SOLD, [2, 2]);
        fake.0.borrow_mut().now = hours(2);
        let rows = replayed(strategy.as_ref(), &fake);
        (holders(&rows), integer(&rows[&Key::integer(PAYMENT, 2)], 2))
    };
    assert_eq!(shown("upcast"), ([(1, 7), (2, 9)].into(), 40));
    assert_eq!(shown("as_is"), ([(2, 9)].into(), 0));
}

/// The application has been rolled over and the projection has not: it has what came before, stands still, says before which event, and goes on when it is rolled over itself.
#[test]
fn an_older_projection_stops_before_a_newer_event_and_names_it() {
    const STOPPED: Refusal = Refusal::UnknownForm { stream: 2, version: 1, form: 2, known: 1 };
    let behind = [RELEASES, ("projections_behind", "30min")];
    // It may also die where it stands, and comes back there.
    for dies in std::iter::once(None).chain((0..60).map(Some)) {
        let strategy = sourced(&behind);
        let fake = Fake::of(theatre(), 1);
        let mut processes = fake.start(strategy.as_ref());
        let write = |id: u64, asked| fake.write(strategy.as_ref(), &command(id, asked)).map(|_| ());
        assert_eq!(write(1, SOLD[0]), Ok(()));
        settle(&fake, &mut processes);
        let before = fake.source();
        fake.0.borrow_mut().now = hours(1);
        assert_eq!(write(2, SOLD[2]), Ok(()));
        assert_eq!(write(3, Asked::Reserve(3, 8)), Ok(()));
        for step in 0..60 {
            if dies == Some(step) {
                processes[1].crash();
            }
            drive(&mut processes, 1);
        }
        assert_eq!(fake.shown(0), before, "killed at {dies:?}");
        let halts = fake.0.borrow().halts.clone();
        assert!(!halts.is_empty() && halts.iter().all(|why| *why == Some(STOPPED)), "{dies:?}: {halts:?}");
        fake.0.borrow_mut().now = hours(1) + Span::from_secs(1_800);
        settle(&fake, &mut processes);
        fake.assert_converged(&format!("killed at {dies:?}"));
        // One that died has nothing to take back when it comes too late to stand still again.
        let halts = fake.0.borrow().halts.clone();
        assert!(dies.is_some() || halts == [Some(STOPPED), None], "{halts:?}");
    }
}

/// The same projection may pass the event over: nobody is told, and what followed from it never reaches the copy.
#[test]
fn an_older_projection_that_skips_newer_events_never_shows_them() {
    let behind = [RELEASES, ("projections_behind", "30min"), ("new_events", "skip")];
    let strategy = sourced(&behind);
    let fake = Fake::of(theatre(), 1);
    let mut processes = fake.start(strategy.as_ref());
    for (hour, asked) in [(0, SOLD[0]), (1, SOLD[2]), (2, Asked::Reserve(3, 8))] {
        // The last one comes when the projection knows its form.
        let late = if hour == 2 { Span::from_secs(1_800) } else { Span::ZERO };
        fake.0.borrow_mut().now = hours(hour) + late;
        assert!(fake.write(strategy.as_ref(), &command(1 + hour, asked)).is_ok());
        settle(&fake, &mut processes);
    }
    assert_eq!(holders(&fake.source()), [(1, 7), (2, 9), (3, 8)].into());
    assert_eq!(holders(&fake.shown(0)), [(1, 7), (3, 8)].into());
    assert_eq!(fake.0.borrow().halts, []);
}

/// An instance of the old release that still takes commands: where a newer one has appended it must not decide, and all other streams are as they were.
#[test]
fn an_older_instance_refuses_commands_about_a_stream_that_a_newer_one_has_appended_to() {
    let strategy = sourced(&[RELEASES]);
    let fake = written(strategy.as_ref(), &SOLD, [2, 2]);
    fake.0.borrow_mut().now = Time::ZERO;
    let ports = fake.ports(SinkKind::Warehouse);
    let write = |asked| finish(strategy.write(&ports, &command(9, asked))).map(|_| ());
    let unknown = Refusal::UnknownForm { stream: 2, version: 1, form: 3, known: 1 };
    assert_eq!(write(Asked::Cancel(2)), Err(unknown.into()));
    assert_eq!(write(Asked::Cancel(1)), Ok(()));
}

/// Somebody asks with code that is older than the last events of a stream.
#[test]
fn a_stream_is_recounted_as_far_as_it_can_be_read_and_nothing_beyond_is_claimed() {
    let strategy = sourced(&[RELEASES]);
    let commands = [SOLD[0], SOLD[1], SOLD[2], Asked::Cancel(1)];
    let mut rows = written(strategy.as_ref(), &commands, [1, 2]).source();
    let whole = journal(strategy.as_ref(), &rows).expect("there are events");
    let unknown = Key::new(EVENT, &[1.into(), 3.into()]);
    let mut values = rows[&unknown].values().to_vec();
    values[3] = Value::from(4);
    let row = &rows[&unknown];
    let row = Row::new(row.write(), row.version(), row.updated_at(), values.into());
    rows.insert(unknown, row);
    let part = journal(strategy.as_ref(), &rows).expect("there are events before it");
    let lost: Vec<_> = whole.entries.iter().filter(|entry| !part.entries.contains(entry)).collect();
    let [lost] = lost[..] else { panic!("one event cannot be read: {lost:?}") };
    assert_eq!(lost.cause.as_ref().map(|cause| cause.why.as_str()), Some("cancelled"));
    assert!(whole.whole_since.is_some());
    assert_eq!((part.whole_since, part.earlier), (None, Earlier::Some));
}
