//! What clients do: dual writes and cache-aside, refusals, rollbacks and races included.

use crate::fake::{
    Fake, Fate, ITEMS, Rows, built, drive, finish, item, poll_once, put, traffic, transaction,
};
use driftlab_model::port::Ports;
use driftlab_model::{
    Assignment, ColumnId, Ending, Failure, Key, Refusal, SinkKind, Statement, Time, Value, Version, WriteId,
};

fn amounts(rows: &Rows, n: i64) -> Option<i64> {
    rows.get(&Key::integer(ITEMS, n)).and_then(|row| row.values()[1].as_integer())
}

fn add(n: i64, amount: i64) -> Statement {
    let assignments = vec![(ColumnId(1), Assignment::Add(Value::from(amount)))];
    Statement::Update { key: Key::integer(ITEMS, n), assignments }
}

#[test]
fn every_order_of_dual_writes_keeps_the_copies_in_step_when_nothing_goes_wrong() {
    for order in ["database_first", "sink_first", "concurrent"] {
        let fake = Fake::new(2);
        let strategy = built("dual_writes", &[("order", order)]);
        for transaction in traffic() {
            fake.write(strategy.as_ref(), &transaction).expect("nothing refuses");
        }
        fake.write(strategy.as_ref(), &transaction(7, vec![add(6, 5), add(6, 7)])).expect("nothing refuses");
        fake.assert_converged(order);
        assert_eq!(amounts(&fake.shown(1), 6), Some(112), "{order}");
    }
}

/// <https://github.com/jhipster/generator-jhipster/issues/5231>: the second of two writes fails, and nobody ever repeats it.
#[test]
fn database_first_tells_the_client_that_all_is_well_when_a_copy_was_not_written() {
    let fake = Fake::new(2);
    let strategy = built("dual_writes", &[]);
    fake.0.borrow_mut().stores[0].fates.push_back(Some(Fate::Refused));
    assert!(fake.write(strategy.as_ref(), &transaction(1, vec![put(1, 1)])).is_ok());
    assert_eq!(amounts(&fake.shown(0), 1), Some(100));
    assert_eq!(amounts(&fake.shown(1), 1), Some(1));
}

#[test]
fn retries_of_dual_writes_outlast_a_short_refusal() {
    let fake = Fake::new(1);
    let strategy = built("dual_writes", &[("retries", "2")]);
    fake.0.borrow_mut().stores[0].fates.extend([Some(Fate::Refused), Some(Fate::Refused)]);
    assert!(fake.write(strategy.as_ref(), &transaction(1, vec![put(1, 1)])).is_ok());
    fake.assert_converged("after two refusals");
}

#[test]
fn a_rollback_leaves_a_phantom_in_the_copies_unless_the_database_is_written_first() {
    for (order, expected) in [("database_first", 100), ("sink_first", 1), ("concurrent", 1)] {
        let fake = Fake::new(1);
        let strategy = built("dual_writes", &[("order", order)]);
        let mut rolled_back = transaction(1, vec![put(1, 1)]);
        rolled_back.ending = Ending::Rollback;
        let outcome = fake.write(strategy.as_ref(), &rolled_back);
        assert_eq!(outcome.unwrap_err(), Failure::Refused(Refusal::RolledBack), "{order}");
        assert_eq!(amounts(&fake.shown(0), 1), Some(expected), "{order}");
    }
}

#[test]
fn sink_first_gives_up_before_the_database_when_a_copy_refuses() {
    let fake = Fake::new(2);
    let strategy = built("dual_writes", &[("order", "sink_first")]);
    fake.0.borrow_mut().stores[1].fates.push_back(Some(Fate::Refused));
    let outcome = fake.write(strategy.as_ref(), &transaction(1, vec![put(1, 1)]));
    assert_eq!(outcome.unwrap_err(), Failure::Refused(Refusal::Unavailable));
    assert_eq!(amounts(&fake.source(), 1), Some(100));
    assert_eq!(amounts(&fake.shown(0), 1), Some(1), "the first copy was written already");
}

/// <https://github.com/OpenAgentsInc/openagents/issues/8409>: two writers reach the database in one order and the mirror in the other.
#[test]
fn two_writers_who_overtake_each_other_leave_the_older_row_unless_versions_are_compared() {
    for (versioned, expected) in [("false", 1), ("true", 2)] {
        let fake = Fake::new(1);
        let strategy = built("dual_writes", &[("versioned", versioned)]);
        let ports = fake.ports(SinkKind::Search);
        let (older, newer) = (transaction(1, vec![put(1, 1)]), transaction(2, vec![put(1, 2)]));
        let mut slow = strategy.write(&ports, &older);
        assert!(poll_once(&mut slow).is_pending());
        assert!(poll_once(&mut slow).is_pending(), "committed, and on its way to the copy");
        finish(strategy.write(&ports, &newer)).expect("nothing refuses");
        finish(slow).expect("nothing refuses");
        assert_eq!(amounts(&fake.source(), 1), Some(2));
        assert_eq!(amounts(&fake.shown(0), 1), Some(expected), "versioned = {versioned}");
    }
}

/// <https://github.com/aio-libs/aiocache/issues/95>: a slow reader fills the cache with the old value after the invalidation.
#[test]
fn a_slow_reader_fills_a_stale_row_unless_its_lease_was_revoked() {
    for (leases, expected) in [("false", Some(100)), ("true", None)] {
        let fake = Fake::new(1);
        fake.0.borrow_mut().stores[0].cells.clear();
        let strategy = built("cache_aside", &[("leases", leases)]);
        let ports = fake.ports(SinkKind::Cache);
        let key = Key::integer(ITEMS, 1);
        let mut slow = strategy.read(&ports, &ports.sinks[0], &key);
        for _ in 0..3 {
            assert!(poll_once(&mut slow).is_pending(), "it missed, and has read the source");
        }
        let update = transaction(1, vec![put(1, 1)]);
        finish(strategy.write(&ports, &update)).expect("nothing refuses");
        assert!(finish(slow).expect("nothing refuses").is_some());
        assert_eq!(amounts(&fake.shown(0), 1), expected, "leases = {leases}");
    }
}

fn read(strategy: &dyn driftlab_model::port::Strategy, ports: &Ports, n: i64) -> Option<i64> {
    let row = finish(strategy.read(ports, &ports.sinks[0], &Key::integer(ITEMS, n))).expect("an answer");
    row.and_then(|row| row.values()[1].as_integer())
}

#[test]
fn a_reader_fills_what_it_missed_and_goes_to_the_source_when_the_cache_is_away() {
    for leases in ["false", "true"] {
        let fake = Fake::new(1);
        fake.0.borrow_mut().stores[0].cells.clear();
        let strategy = built("cache_aside", &[("leases", leases)]);
        let ports = fake.ports(SinkKind::Cache);
        fake.0.borrow_mut().stores[0].fates.push_back(Some(Fate::Refused));
        assert_eq!(read(strategy.as_ref(), &ports, 1), Some(100));
        assert_eq!(amounts(&fake.shown(0), 1), None);
        assert_eq!(read(strategy.as_ref(), &ports, 1), Some(100));
        assert_eq!(amounts(&fake.shown(0), 1), Some(100));
        assert_eq!(read(strategy.as_ref(), &ports, 77), None, "what does not exist is not cached");
        assert!(!strategy.serves(SinkKind::Search));
    }
}

#[test]
fn an_invalidation_before_the_commit_lets_the_next_reader_fill_the_old_row() {
    for (when, expected) in [("before_commit", Some(100)), ("after_commit", None)] {
        let fake = Fake::new(1);
        let strategy = built("cache_aside", &[("invalidate", when)]);
        let ports = fake.ports(SinkKind::Cache);
        let update = transaction(1, vec![put(1, 1)]);
        let mut writer = strategy.write(&ports, &update);
        assert!(poll_once(&mut writer).is_pending());
        if when == "before_commit" {
            assert!(poll_once(&mut writer).is_pending(), "invalidated, and on its way to the source");
        }
        assert_eq!(read(strategy.as_ref(), &ports, 1), Some(100));
        finish(writer).expect("nothing refuses");
        assert_eq!(amounts(&fake.shown(0), 1), expected, "{when}");
    }
}

/// The control must drift, or no check that passes means anything.
#[test]
fn under_none_the_copies_stay_what_they_were() {
    let fake = Fake::new(1);
    let strategy = built("none", &[]);
    fake.write(strategy.as_ref(), &transaction(1, vec![put(1, 1)])).expect("nothing refuses");
    drive(&mut fake.start(strategy.as_ref()), 10);
    let (key, values) = item(1, 100);
    let loaded = driftlab_model::Row::new(WriteId::LOAD, Version::default(), Time::ZERO, values);
    assert_eq!(fake.shown(0).get(&key), Some(&loaded));
}
