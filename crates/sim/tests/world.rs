//! What the virtual world promises to those who run in it.

use driftlab_fault::{Fault, FaultEntry};
use driftlab_model::port::{Capture, Condition, Delivery, Demands, Main, Ports, Request};
use driftlab_model::{
    ColumnType, Doubt, Ending, Event, Failure, History, Key, Latency, Refusal, Retention, Role, Row, Schema,
    Settings, Shown, Span, Statement, Table, TableId, Time, Transaction, TransactionId, Value, Version, View,
    WriteId, WritePath,
};
use driftlab_sim::database::Isolation;
use driftlab_sim::store::StoreEntry;
use driftlab_sim::world::{NodeConfig, RunSummary, SinkConfig, Stamps, World, WorldConfig};
use std::cell::RefCell;
use std::rc::Rc;

#[path = "world/failover.rs"]
mod failover;
#[path = "world/lost_state.rs"]
mod lost_state;
#[path = "world/retention.rs"]
mod retention;
#[path = "world/wipe.rs"]
mod wipe;

const TABLE: TableId = TableId(0);

fn node(latency: &str) -> NodeConfig {
    NodeConfig {
        latency: driftlab_model::notation::latency(latency).expect("a latency"),
        per_row: Span::ZERO,
        network: Latency::ZERO,
        servers: 16,
        timeout: Span::from_secs(1),
    }
}

fn fault(kind: &str, settings: &[(&str, &str)]) -> Fault {
    let entry = FaultEntry::named(kind).expect("a known fault");
    let given = settings
        .iter()
        .fold(Settings::defaults(entry.settings), |all, (name, text)| all.with(entry.settings, name, text));
    Fault::build(entry, kind, &given).expect("a fault without contradictions")
}

fn config(faults: Vec<Fault>) -> WorldConfig {
    let entry = StoreEntry::named("warehouse").expect("warehouses are simulated");
    let schema = Schema::new(vec![Table::new(
        "product",
        "product",
        1,
        &[("id", ColumnType::Integer), ("price", ColumnType::Integer)],
    )]);
    WorldConfig {
        strategy: "test".to_owned(),
        demands: Demands::default(),
        restores: None,
        schema,
        load: vec![(Key::integer(TABLE, 1), [Value::from(1), Value::from(0)].into())],
        source: NodeConfig { network: Latency::Constant(Span::from_millis(2)), ..node("1ms") },
        isolation: Isolation::ReadCommitted,
        stamps: Stamps::Database,
        retain_bytes: None,
        telling: driftlab_model::Telling::default(),
        neighbours_bytes_per_s: 0,
        log: node("0"),
        log_retention: Retention::default(),
        log_compaction: None,
        checkpoint: node("0"),
        sinks: vec![SinkConfig {
            joins: None,
            name: "warehouse".to_owned(),
            entry,
            settings: Settings::defaults(entry.settings),
            node: NodeConfig { network: Latency::Constant(Span::from_millis(2)), ..node("1ms") },
            served: true,
        }],
        faults,
        times: None,
        duration: Span::from_secs(10),
        settle: Span::from_secs(60),
    }
}

fn put(price: i64, id: u64) -> Transaction {
    let key = Key::integer(TABLE, 1);
    Transaction {
        id: TransactionId(id),
        statements: [Statement::Put { key, values: [Value::from(1), Value::from(price)].into() }].into(),
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

type Diary = Rc<RefCell<Vec<(u64, String)>>>;

fn client<F: Future<Output = ()> + 'static>(work: impl Fn(Rc<Ports>) -> F + 'static) -> Main {
    Rc::new(move |ports| Box::pin(work(ports)))
}

fn run(world: &Rc<World>, seed: u64) -> (RunSummary, History) {
    let history = Rc::new(RefCell::new(History { cast: world.cast(), events: Vec::new() }));
    let summary = world.run(seed, history.clone(), Span::from_secs(1), &mut |_| true);
    (summary, history.take())
}

fn shown(history: &History) -> Vec<(u64, i64)> {
    let price = |shown: &Shown| match &shown.view {
        View::Row(row) => row.values()[1].as_integer().expect("prices are integers"),
        other => panic!("{other:?}"),
    };
    history
        .events
        .iter()
        .filter_map(|(at, event)| match event {
            Event::Shown { keys, .. } => Some((at.nanos() / 1_000_000, price(&keys[0]))),
            _ => None,
        })
        .collect()
}

fn committed(history: &History) -> usize {
    history.events.iter().filter(|(_, event)| matches!(event, Event::Committed { .. })).count()
}

/// The recorded histories of the virtual world said that nobody had ever asked the source.
#[test]
fn what_the_source_was_asked_is_counted_anew_in_each_run() {
    let world = World::new(config(Vec::new())).unwrap();
    world.add_process(
        "client-1",
        Role::Client,
        client(|ports| async move {
            for id in 1..=3 {
                ports.source.transact(&put(7, id), Capture::Nothing).await.expect("the source is up");
            }
            ports.source.read(&Key::integer(TABLE, 1)).await.expect("the source is up");
        }),
    );
    for seed in [1, 2] {
        let (_, history) = run(&world, seed);
        let last = history.events.iter().rev().find_map(|(_, event)| match event {
            Event::Cost(ledger) => Some(ledger.source_requests),
            _ => None,
        });
        assert_eq!(last, Some(4), "seed {seed}");
    }
}

/// A process died, and the write that it had sent a moment before still reached the copy: no crash takes back what is on the wire.
#[test]
fn a_request_in_flight_arrives_although_its_sender_has_died() {
    let crash = fault("crash", &[("target", "client-1"), ("at", "1ms"), ("for", "20s")]);
    let world = World::new(config(vec![crash])).unwrap();
    world.add_process(
        "client-1",
        Role::Client,
        client(|ports| async move {
            let _ = ports.sinks[0].store.call(delivery(7, 1)).await;
            let _ = ports.sinks[0].store.call(delivery(8, 2)).await;
        }),
    );
    let (summary, history) = run(&world, 1);
    // Two milliseconds on the wire, one of service. The second request was never sent by the client that died: the end of the load brings it back, it begins anew,
    // and hears of its first request five milliseconds later.
    assert_eq!(shown(&history), [(3, 7), (10_008, 8)]);
    assert!(summary.quiescent);
}

#[test]
fn a_transaction_is_rolled_back_when_its_client_dies_before_asking_for_the_commit() {
    let holding = Transaction { hold: Span::from_millis(100), ..put(7, 1) };
    for (at, commits) in [("50ms", 0), ("200ms", 1)] {
        let crash = fault("crash", &[("target", "client-1"), ("at", at), ("for", "20s")]);
        let world = World::new(config(vec![crash])).unwrap();
        let (holding, lives) = (holding.clone(), Rc::new(RefCell::new(0)));
        world.add_process(
            "client-1",
            Role::Client,
            client(move |ports| {
                let (holding, lives) = (holding.clone(), Rc::clone(&lives));
                async move {
                    *lives.borrow_mut() += 1;
                    if *lives.borrow() == 1 {
                        let _ = ports.source.transact(&holding, Capture::Nothing).await;
                    }
                }
            }),
        );
        let (_, history) = run(&world, 1);
        assert_eq!(committed(&history), commits, "crash at {at}");
    }
}

#[test]
fn a_commit_that_was_asked_for_goes_on_without_its_client() {
    let crash = fault("crash", &[("target", "client-1"), ("at", "1ms"), ("for", "20s")]);
    let world = World::new(config(vec![crash])).unwrap();
    let lives = Rc::new(RefCell::new(0));
    world.add_process(
        "client-1",
        Role::Client,
        client(move |ports| {
            let lives = Rc::clone(&lives);
            async move {
                *lives.borrow_mut() += 1;
                if *lives.borrow() == 1 {
                    let _ = ports.source.transact(&put(7, 1), Capture::Nothing).await;
                }
            }
        }),
    );
    let (_, history) = run(&world, 1);
    assert_eq!(committed(&history), 1);
}

/// The reply was lost, the caller retried, the effect happened twice: unknown is not refused.
#[test]
fn the_fate_of_a_request_is_definite_only_when_the_caller_can_know_it() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], Failure, usize);
    let cases: [Case; 4] = [
        ("lose_reply", &[("chance", "1")], Failure::Unknown(Doubt::TimedOut), 1),
        ("lose_request", &[("chance", "1")], Failure::Unknown(Doubt::TimedOut), 0),
        ("refuse", &[("chance", "1")], Failure::Refused(Refusal::Unavailable), 0),
        ("outage", &[("at", "0"), ("for", "9s"), ("answer", "hang")], Failure::Unknown(Doubt::TimedOut), 0),
    ];
    for (kind, settings, expected, effects) in cases {
        let world = World::new(config(vec![fault(kind, settings)])).unwrap();
        let met = Rc::new(RefCell::new(None));
        let note = Rc::clone(&met);
        world.add_process(
            "client-1",
            Role::Client,
            client(move |ports| {
                let note = Rc::clone(&note);
                async move {
                    ports.runtime.sleep(Span::from_millis(1)).await;
                    *note.borrow_mut() = Some(ports.sinks[0].store.call(delivery(7, 1)).await);
                }
            }),
        );
        let (_, history) = run(&world, 1);
        assert_eq!(met.take(), Some(Err(expected)), "{kind}");
        assert_eq!(shown(&history).len(), effects, "{kind}");
    }
}

#[test]
fn a_repeated_request_takes_effect_again_after_what_came_between() {
    let world = World::new(config(vec![fault("repeat", &[("chance", "1"), ("after", "100ms")])])).unwrap();
    world.add_process(
        "client-1",
        Role::Client,
        client(|ports| async move {
            for price in [7, 8] {
                let _ = ports.sinks[0].store.call(delivery(price, price as u64)).await;
            }
        }),
    );
    let (_, history) = run(&world, 1);
    let prices: Vec<i64> = shown(&history).into_iter().map(|(_, price)| price).collect();
    assert_eq!(prices, [7, 8, 7, 8]);
}

#[test]
fn a_store_with_one_server_makes_requests_queue() {
    let mut config = config(Vec::new());
    config.sinks[0].node.servers = 1;
    let world = World::new(config).unwrap();
    let diary = Diary::default();
    for number in 1..=3u64 {
        let notes = Rc::clone(&diary);
        world.add_process(
            &format!("client-{number}"),
            Role::Client,
            client(move |ports| {
                let notes = Rc::clone(&notes);
                async move {
                    let _ = ports.sinks[0].store.call(delivery(number as i64, number)).await;
                    notes.borrow_mut().push((ports.runtime.now().nanos() / 1_000_000, "served".to_owned()));
                }
            }),
        );
    }
    run(&world, 1);
    let times: Vec<u64> = diary.borrow().iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [5, 6, 7]);
}

/// A crowd of clients that write and copy at random times.
fn crowd(clients: &[u64]) -> Rc<World> {
    let mut config = config(vec![fault("lose_reply", &[("chance", "0.2")])]);
    config.source.latency = Latency::Exponential(Span::from_millis(3));
    config.sinks[0].node.latency = Latency::Exponential(Span::from_millis(3));
    let world = World::new(config).unwrap();
    for &number in clients {
        world.add_process(
            &format!("client-{number}"),
            Role::Client,
            client(move |ports| async move {
                for round in 0..20 {
                    let id = number * 1_000 + round;
                    ports.runtime.about(id);
                    let mut transaction = put(id as i64, id);
                    transaction.statements = [Statement::Put {
                        key: Key::integer(TABLE, number as i64),
                        values: [Value::from(number as i64), Value::from(id as i64)].into(),
                    }]
                    .into();
                    if ports.source.transact(&transaction, Capture::Nothing).await.is_ok() {
                        let _ = ports.sinks[0].store.call(delivery(id as i64, id)).await;
                    }
                }
            }),
        );
    }
    world
}

#[test]
fn the_same_seed_is_the_same_run_in_a_new_world_and_in_a_used_one() {
    let world = crowd(&[1, 2, 3]);
    let first = run(&world, 5);
    let other = run(&world, 6);
    let again = run(&world, 5);
    let anew = run(&crowd(&[1, 2, 3]), 5);
    assert_ne!(first.0.trace, other.0.trace);
    assert_eq!(first.0, again.0);
    assert_eq!(first.0, anew.0);
    assert_eq!(first.1.events, anew.1.events);
}

/// With one stream of random numbers, leaving out one client changes the luck of all others, and a failure vanishes while it is shrunk.
#[test]
fn leaving_a_client_out_leaves_the_others_as_they_were() {
    let times = |clients: &[u64], of: &str| -> Vec<(Time, TransactionId)> {
        let (_, history) = run(&crowd(clients), 5);
        let by = history.cast.processes.iter().position(|name| name == of).unwrap() as u16;
        history
            .events
            .iter()
            .filter_map(|(at, event)| match event {
                Event::Committed { by: who, commit } if who.0 == by => Some((*at, commit.transaction)),
                _ => None,
            })
            .collect()
    };
    let together = times(&[1, 2, 3], "client-3");
    assert!(together.len() >= 10);
    assert_eq!(together, times(&[1, 3], "client-3"));
    assert_eq!(together, times(&[3], "client-3"));
}
