//! What real worlds promise about faults, to those who run in them: the same as virtual ones.

mod support;

use driftlab_embedded::{Begin, Durability, NodeConfig, RunSummary, Stamps, World, WorldConfig};
use driftlab_model::port::{Capture, Condition, Delivery, Demands, Main, Ports, Request};
use driftlab_model::{
    ColumnType, Doubt, Ending, Event, Failure, History, Key, Outcome, Refusal, Role, Row, Schema, Shown,
    Span, Stage, Statement, Table, TableId, Time, Transaction, TransactionId, Value, Version, View, WriteId,
    WritePath,
};
use std::cell::RefCell;
use std::rc::Rc;
use support::{fault, sink, strategy};

const TABLE: TableId = TableId(0);
const DURATION: Span = Span::from_millis(600);

fn world(kind: &str, settings: &[(&str, &str)], timeout: Span) -> Rc<World> {
    let schema = Schema::new(vec![Table::new(
        "product",
        "product",
        1,
        &[("id", ColumnType::Integer), ("price", ColumnType::Integer)],
    )]);
    let node = NodeConfig { servers: 2, timeout };
    let mut cache = sink("cache", &[], strategy("dual_writes", &[]).as_ref());
    cache.timeout = timeout;
    let config = WorldConfig {
        strategy: "test".to_owned(),
        demands: Demands::default(),
        schema,
        load: vec![(Key::integer(TABLE, 1), [Value::from(1), Value::from(0)].into())],
        source: node,
        begin: Begin::Immediate,
        stamps: Stamps::Application,
        retain_bytes: None,
        log: node,
        log_compaction: None,
        checkpoint: node,
        sinks: vec![cache],
        faults: vec![fault(kind, settings)],
        durability: Durability::Process,
        duration: DURATION,
        settle: Span::from_secs(10),
    };
    World::new(config).expect("a world with a cache can be made")
}

fn put(price: i64, id: u64) -> Transaction {
    Transaction {
        id: TransactionId(id),
        statements: [Statement::Put {
            key: Key::integer(TABLE, 1),
            values: [Value::from(1), Value::from(price)].into(),
        }]
        .into(),
        hold: Span::ZERO,
        ending: Ending::Commit,
        path: WritePath::Statements,
    }
}

fn delivery(price: i64, id: u64) -> Request {
    let write = WriteId { transaction: TransactionId(id), index: 0 };
    let row = Row::new(write, Version(id), Time::ZERO, [Value::from(1), Value::from(price)].into());
    Request::Put(Delivery {
        key: Key::integer(TABLE, 1),
        before: None,
        after: Some(row),
        write,
        version: Version(id),
        condition: Condition::Always,
    })
}

/// A client whose work is told which of its lives it is, from 1.
fn client<F: Future<Output = ()> + 'static>(work: impl Fn(Rc<Ports>, u32) -> F + 'static) -> Main {
    let lives = RefCell::new(0);
    Rc::new(move |ports| {
        *lives.borrow_mut() += 1;
        let life = *lives.borrow();
        Box::pin(work(ports, life))
    })
}

fn run(world: &Rc<World>) -> (RunSummary, History) {
    let history = Rc::new(RefCell::new(History { cast: world.cast(), events: Vec::new() }));
    let summary = world.run(1, history.clone(), Span::from_secs(1), &mut |_| true).expect("nothing fails");
    (summary, history.take())
}

fn shown(history: &History) -> Vec<i64> {
    let price = |shown: &Shown| match &shown.view {
        View::Row(row) => row.values()[1].as_integer().expect("prices are integers"),
        other => panic!("{other:?}"),
    };
    let events = history.events.iter();
    events
        .filter_map(|(_, event)| match event {
            Event::Shown { keys, .. } => Some(price(&keys[0])),
            _ => None,
        })
        .collect()
}

fn committed(history: &History) -> usize {
    history.events.iter().filter(|(_, event)| matches!(event, Event::Committed { .. })).count()
}

fn stages(history: &History) -> Vec<Stage> {
    let events = history.events.iter();
    events
        .filter_map(|(_, event)| match event {
            Event::Lifecycle { stage, .. } => Some(*stage),
            _ => None,
        })
        .collect()
}

/// A process died, and the write that it had sent a moment before still reached the copy: no crash takes back what is on the wire.
#[test]
fn a_request_in_flight_arrives_although_its_sender_has_died() {
    let world = world("delay", &[("chance", "1"), ("by", "150ms")], Span::from_secs(2));
    world.add_process(
        "client-1",
        Role::Client,
        client(async |ports, _| {
            // Whoever drops a call is as good as dead to it.
            let mut call = ports.sinks[0].store.call(delivery(7, 1));
            let mut patience = ports.runtime.sleep(Span::from_millis(30));
            std::future::poll_fn(|context| {
                assert!(call.as_mut().poll(context).is_pending());
                patience.as_mut().poll(context)
            })
            .await;
        }),
    );
    let (summary, history) = run(&world);
    assert_eq!(shown(&history), [7]);
    assert!(summary.quiescent);
}

#[test]
fn a_crash_rolls_back_before_the_commit_was_asked_for_and_not_after() {
    for (hold, commits) in [(Span::from_millis(300), 0), (Span::from_millis(20), 1)] {
        let world =
            world("crash", &[("target", "client-1"), ("at", "150ms"), ("for", "100ms")], Span::from_secs(2));
        let holding = Transaction { hold, ..put(7, 1) };
        world.add_process(
            "client-1",
            Role::Client,
            client(move |ports, life| {
                let holding = holding.clone();
                async move {
                    if life == 1 {
                        let _ = ports.source.transact(&holding, Capture::Nothing).await;
                        ports.runtime.sleep(Span::from_secs(1)).await;
                    }
                }
            }),
        );
        let (_, history) = run(&world);
        assert_eq!(committed(&history), commits, "with a hold of {hold}");
        assert_eq!(stages(&history), [Stage::Crashed, Stage::Started]);
    }
}

#[test]
fn a_process_that_stands_still_keeps_its_locks_and_does_not_notice() {
    let world =
        world("pause", &[("target", "client-1"), ("at", "50ms"), ("for", "200ms")], Span::from_secs(2));
    let told = Rc::new(RefCell::new(Vec::new()));
    for (name, hold, begins) in [("client-1", 100, 0), ("client-2", 0, 20)] {
        let told = Rc::clone(&told);
        world.add_process(
            name,
            Role::Client,
            client(move |ports, _| {
                let told = Rc::clone(&told);
                async move {
                    ports.runtime.sleep(Span::from_millis(begins)).await;
                    let asked = Transaction { hold: Span::from_millis(hold), ..put(7, begins) };
                    assert!(ports.source.transact(&asked, Capture::Nothing).await.is_ok());
                    told.borrow_mut().push((name, ports.runtime.now()));
                }
            }),
        );
    }
    let (_, history) = run(&world);
    assert_eq!(stages(&history), [Stage::Paused, Stage::Resumed]);
    for (name, at) in &*told.borrow() {
        assert!(at.nanos() >= 250_000_000, "{name} was done at {at}");
    }
}

/// The reply was lost, the caller retried, the effect happened twice: unknown is not refused.
#[test]
fn the_fate_of_a_request_is_definite_only_when_the_caller_can_know_it() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], Failure, usize);
    let cases: [Case; 5] = [
        ("lose_reply", &[("chance", "1")], Failure::Unknown(Doubt::TimedOut), 1),
        ("lose_request", &[("chance", "1")], Failure::Unknown(Doubt::TimedOut), 0),
        ("partition", &[("at", "0"), ("for", "500ms")], Failure::Unknown(Doubt::TimedOut), 0),
        ("refuse", &[("chance", "1")], Failure::Refused(Refusal::Unavailable), 0),
        (
            "outage",
            &[("at", "0"), ("for", "500ms"), ("answer", "hang")],
            Failure::Unknown(Doubt::TimedOut),
            0,
        ),
    ];
    for (kind, settings, expected, effects) in cases {
        let world = world(kind, settings, Span::from_millis(150));
        let met: Rc<RefCell<Vec<Outcome<()>>>> = Rc::default();
        let note = Rc::clone(&met);
        world.add_process(
            "client-1",
            Role::Client,
            client(move |ports, _| {
                let note = Rc::clone(&note);
                async move {
                    ports.runtime.sleep(Span::from_millis(10)).await;
                    let outcome = ports.sinks[0].store.call(delivery(7, 1)).await;
                    note.borrow_mut().push(outcome.map(drop));
                    let outcome = ports.source.transact(&put(7, 1), Capture::Nothing).await;
                    note.borrow_mut().push(outcome.map(drop));
                }
            }),
        );
        let (_, history) = run(&world);
        assert_eq!(*met.borrow(), [Err(expected), Err(expected)], "{kind}");
        assert_eq!((shown(&history).len(), committed(&history)), (effects, effects), "{kind}");
    }
}

#[test]
fn a_repeated_request_takes_effect_again_after_what_came_between() {
    let world = world("repeat", &[("chance", "1"), ("after", "150ms")], Span::from_secs(2));
    world.add_process(
        "client-1",
        Role::Client,
        client(async |ports, _| {
            for price in [7, 8] {
                let _ = ports.sinks[0].store.call(delivery(price, price as u64)).await;
            }
        }),
    );
    assert_eq!(shown(&run(&world).1), [7, 8, 7, 8]);
}

#[test]
fn a_skewed_clock_stamps_rows_and_does_not_touch_time() {
    let world = world("skew", &[("at", "0"), ("for", "1h"), ("behind", "1h")], Span::from_secs(2));
    let stamps = Rc::new(RefCell::new(Vec::new()));
    let note = Rc::clone(&stamps);
    world.add_process(
        "client-1",
        Role::Client,
        client(move |ports, _| {
            let note = Rc::clone(&note);
            async move {
                ports.runtime.sleep(Span::from_millis(20)).await;
                let (now, wall) = (ports.runtime.now(), ports.runtime.wall_clock());
                let commit =
                    ports.source.transact(&put(7, 1), Capture::Nothing).await.expect("no fault of requests");
                note.borrow_mut().push((
                    now,
                    wall,
                    commit.changes[0].after.as_ref().expect("a put").updated_at(),
                ));
            }
        }),
    );
    run(&world);
    let (now, wall, stamp) = stamps.borrow()[0];
    let day_and_hour = Span::from_secs(23 * 3_600);
    assert!(now.nanos() < 5_000_000_000);
    assert!(wall - now >= day_and_hour && wall - now < day_and_hour + Span::from_secs(5));
    assert!(stamp >= wall && stamp - wall < Span::from_secs(5));
}
