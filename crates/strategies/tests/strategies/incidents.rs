//! Pipelines that went wrong in public, and the option that cures each.

use crate::fake::{Fake, Fate, ITEMS, Running, built, delete, drive, put, put_line, transaction};
use driftlab_model::port::{QueueEntry, Strategy};
use driftlab_model::{Key, Row, Sequence, Time, WritePath};

fn amount(fake: &Fake, sink: usize, n: i64) -> Option<i64> {
    fake.shown(sink).get(&Key::integer(ITEMS, n)).and_then(|row| row.values()[1].as_integer())
}

fn write(fake: &Fake, strategy: &dyn Strategy, id: u64, statements: Vec<driftlab_model::Statement>) {
    fake.write(strategy, &transaction(id, statements)).expect("the fake source refuses nothing");
}

/// <https://github.com/confluentinc/kafka-connect-jdbc/issues/914>: 101 is committed, and read, before 100.
#[test]
fn an_event_that_commits_behind_the_relay_is_lost_unless_gaps_are_waited_for() {
    for (gaps, remove, expected) in [
        ("ignore", "keep_position", Some(100)),
        ("wait", "keep_position", Some(1)),
        ("ignore", "delete_rows", Some(1)),
    ] {
        let fake = Fake::new(1);
        let strategy = built("outbox", &[("gaps", gaps), ("remove", remove)]);
        let mut processes = fake.start(strategy.as_ref());
        write(&fake, strategy.as_ref(), 1, vec![put(1, 1)]);
        write(&fake, strategy.as_ref(), 2, vec![put(2, 2)]);
        let late: QueueEntry = {
            let mut world = fake.0.borrow_mut();
            world.settled_below = Some(Sequence(1));
            world.entries.remove(0)
        };
        drive(&mut processes, 40);
        {
            let mut world = fake.0.borrow_mut();
            world.entries.insert(0, late);
            world.settled_below = None;
        }
        drive(&mut processes, 40);
        assert_eq!(amount(&fake, 0, 1), expected, "gaps = {gaps}, remove = {remove}");
        assert_eq!(amount(&fake, 0, 2), Some(2));
    }
}

/// Concurrent transactions take their numbers in turn; both must still come out whole.
#[test]
fn an_outbox_applies_interleaved_transactions_whole() {
    for position in ["checkpoint", "with_data"] {
        let fake = Fake::new(1);
        let settings = [("gaps", "wait"), ("apply", "transaction"), ("position", position), ("batch", "1")];
        let strategy = built("outbox", &settings);
        write(&fake, strategy.as_ref(), 1, vec![put(1, 1), put(2, 1)]);
        write(&fake, strategy.as_ref(), 2, vec![put(3, 2), put(4, 2)]);
        fake.0.borrow_mut().entries.swap(1, 2);
        for (n, entry) in (1..).zip(&mut fake.0.borrow_mut().entries) {
            entry.sequence = Sequence(n);
        }
        for crash in 0..60 {
            fake.0.borrow_mut().stores[0].shown.clear();
            let fake = Fake(std::rc::Rc::new(std::cell::RefCell::new(fork(&fake))));
            let mut processes = fake.start(strategy.as_ref());
            drive(&mut processes, crash);
            processes.iter_mut().for_each(Running::crash);
            drive(&mut processes, 120);
            fake.assert_converged(&format!("{position}, crash at {crash}"));
            for shown in &fake.0.borrow().stores[0].shown {
                let shows = |n| shown[&Key::integer(ITEMS, n)].values()[1].as_integer() != Some(100);
                assert_eq!(shows(1), shows(2), "the first transaction is torn");
                assert_eq!(shows(3), shows(4), "the second transaction is torn");
            }
        }
    }
}

/// The same world once more, for another run from the same beginning.
fn fork(fake: &Fake) -> crate::fake::World {
    let world = fake.0.borrow();
    crate::fake::World {
        rows: world.rows.clone(),
        states: world.states.clone(),
        entries: world.entries.clone(),
        log: world.log.clone(),
        stores: world.stores.clone(),
        ..crate::fake::World::default()
    }
}

/// <https://github.com/bucardo/bucardo/issues/116>: a bulk path skips the triggers.
#[test]
fn a_bulk_load_goes_past_the_triggers_and_not_past_the_log() {
    for (name, expected) in [("trigger_cdc", Some(100)), ("log_cdc", Some(1))] {
        let fake = Fake::new(1);
        let strategy = built(name, &[]);
        let mut processes = fake.start(strategy.as_ref());
        let mut bulk = transaction(1, vec![put(1, 1)]);
        bulk.path = WritePath::Bulk;
        fake.write(strategy.as_ref(), &bulk).expect("the fake source refuses nothing");
        write(&fake, strategy.as_ref(), 2, vec![put(2, 2)]);
        drive(&mut processes, 60);
        assert_eq!(amount(&fake, 0, 1), expected, "{name}");
        assert_eq!(amount(&fake, 0, 2), Some(2), "{name}");
    }
}

/// <https://github.com/airbytehq/airbyte/issues/9668>: stamped before the poll, committed after it, and never read again.
#[test]
fn a_row_stamped_behind_the_watermark_is_lost_unless_the_job_looks_back() {
    for (lookback, expected) in [("0", Some(100)), ("1s", Some(1))] {
        let fake = Fake::new(1);
        let strategy = built("batch_incremental", &[("lookback", lookback)]);
        let mut processes = fake.start(strategy.as_ref());
        write(&fake, strategy.as_ref(), 1, vec![put(1, 1)]);
        write(&fake, strategy.as_ref(), 2, vec![put(2, 2)]);
        let late = fake.0.borrow_mut().rows.remove(&Key::integer(ITEMS, 1)).expect("it was written");
        drive(&mut processes, 40);
        fake.0.borrow_mut().rows.insert(Key::integer(ITEMS, 1), late);
        drive(&mut processes, 40);
        assert_eq!(amount(&fake, 0, 2), Some(2));
        assert_eq!(amount(&fake, 0, 1), expected, "lookback = {lookback}");
    }
}

/// <https://github.com/airbytehq/airbyte/issues/85918>: the watermark comes from a later view than the rows.
#[test]
fn a_watermark_of_another_snapshot_skips_what_was_written_in_between() {
    let is_lost = |read: &str| {
        (0..40).any(|awaits| {
            let fake = Fake::new(1);
            let strategy = built("batch_incremental", &[("read", read)]);
            let mut processes = fake.start(strategy.as_ref());
            write(&fake, strategy.as_ref(), 1, vec![put(2, 2)]);
            drive(&mut processes, awaits);
            write(&fake, strategy.as_ref(), 2, vec![put(1, 1)]);
            drive(&mut processes, 80);
            fake.shown(0) != fake.source()
        })
    };
    assert!(is_lost("watermark_then_read"));
    assert!(!is_lost("one_snapshot"));
}

/// <https://github.com/airbytehq/airbyte/issues/10140>: the customer was deleted, and the warehouse keeps them.
#[test]
fn an_incremental_job_keeps_deleted_rows_unless_it_is_told_of_them() {
    for (deletes, expected) in [("none", Some(100)), ("soft", None), ("key_diff", None)] {
        let fake = Fake::new(2);
        let strategy = built("batch_incremental", &[("deletes", deletes)]);
        let mut processes = fake.start(strategy.as_ref());
        write(&fake, strategy.as_ref(), 1, vec![delete(1)]);
        drive(&mut processes, 80);
        assert_eq!((amount(&fake, 0, 1), amount(&fake, 1, 1)), (expected, expected), "deletes = {deletes}");
    }
}

/// A position saved before the work is done: any crash in between loses the work.
#[test]
fn what_is_acknowledged_before_it_is_applied_is_lost_in_a_crash() {
    let loses = |name: &str, settings: &[(&str, &str)]| {
        (0..60).any(|crash| {
            let fake = Fake::new(1);
            let strategy = built(name, settings);
            let mut processes = fake.start(strategy.as_ref());
            write(&fake, strategy.as_ref(), 1, vec![put(1, 1), put(2, 1)]);
            drive(&mut processes, crash);
            processes.iter_mut().for_each(Running::crash);
            drive(&mut processes, 120);
            fake.shown(0) != fake.source()
        })
    };
    assert!(loses("log_cdc", &[("acknowledge", "before_apply"), ("position", "checkpoint")]));
    assert!(!loses("log_cdc", &[("position", "checkpoint")]));
    assert!(loses("outbox", &[("mark", "before_publish")]));
    assert!(loses("outbox", &[("mark", "before_publish"), ("remove", "delete_rows")]));
    assert!(!loses("outbox", &[]));
    assert!(loses("batch_incremental", &[("save", "before_load")]));
    assert!(!loses("batch_incremental", &[]));
}

/// <https://github.com/MassTransit/MassTransit/issues/3791>: published, then dead before it was marked; published again.
#[test]
fn events_that_are_published_again_do_not_turn_a_versioned_copy_back() {
    let turns_back = |versioned: &str| {
        (0..80).any(|crash| {
            let fake = Fake::new(1);
            let strategy = built("outbox", &[("versioned", versioned)]);
            let mut processes = fake.start(strategy.as_ref());
            write(&fake, strategy.as_ref(), 1, vec![put(1, 1)]);
            write(&fake, strategy.as_ref(), 2, vec![put(1, 2)]);
            drive(&mut processes, crash);
            processes.iter_mut().for_each(Running::crash);
            drive(&mut processes, 80);
            let world = fake.0.borrow();
            let amounts = world.stores[0].shown.iter().map(|rows| rows[&Key::integer(ITEMS, 1)].write());
            !amounts.is_sorted_by_key(
                |write| if write.transaction.0 == u64::MAX { 0 } else { write.transaction.0 },
            )
        })
    };
    assert!(turns_back("false"));
    assert!(!turns_back("true"));
}

/// <https://github.com/risingwavelabs/risingwave/issues/26860>: a row read early and written late lands over a newer one.
#[test]
fn a_naive_first_copy_overwrites_what_has_streamed_and_a_watermarked_one_never_does() {
    let is_wrong = |snapshot: &str, versioned: &str| {
        (0..60).any(|awaits| {
            let fake = Fake::new(1);
            fake.0.borrow_mut().stores[0].cells.clear();
            let settings = [("snapshot", snapshot), ("chunk", "4"), ("versioned", versioned)];
            let strategy = built("log_cdc", &settings);
            let mut processes = fake.start(strategy.as_ref());
            drive(&mut processes, awaits);
            write(&fake, strategy.as_ref(), 1, vec![put(1, 1), put_line(1, 1)]);
            write(&fake, strategy.as_ref(), 2, vec![delete(9), put(1, 2)]);
            drive(&mut processes, 300);
            fake.shown(0) != fake.source()
        })
    };
    assert!(is_wrong("naive", "true"));
    assert!(!is_wrong("watermarked", "true"));
    assert!(!is_wrong("watermarked", "false"));
}

/// <https://github.com/stitchdata/docs/issues/813> and <https://github.com/patroni/patroni/issues/1056>: away for longer than the log is kept, or a slot made
/// anew at "now". What was deleted meanwhile must go, and nothing may be missing.
#[test]
fn a_lost_slot_or_a_log_cut_off_is_answered_by_a_reload_that_removes_what_is_gone() {
    for settings in [
        &[("versioned", "true")][..],
        &[("apply", "rows"), ("position", "checkpoint")],
        &[("apply", "rows"), ("position", "checkpoint"), ("partitions", "3")],
    ] {
        for crash in 0..60 {
            let fake = Fake::new(2);
            let strategy = built("log_cdc", settings);
            let mut processes = fake.start(strategy.as_ref());
            write(&fake, strategy.as_ref(), 1, vec![put(1, 1)]);
            drive(&mut processes, 30);
            write(&fake, strategy.as_ref(), 2, vec![put(1, 2), delete(2)]);
            {
                let mut world = fake.0.borrow_mut();
                world.slot = None;
                world.commits.clear();
            }
            drive(&mut processes, crash);
            processes.iter_mut().for_each(Running::crash);
            write(&fake, strategy.as_ref(), 3, vec![put(3, 3)]);
            drive(&mut processes, 300);
            fake.assert_converged(&format!("slot lost, {settings:?}, crash at {crash}"));
        }
    }
}

/// A sink that claims to be whole before the last chunk is in would be judged by rows that it was never given.
#[test]
fn a_sink_is_declared_complete_when_it_has_the_whole_first_copy_and_not_before() {
    for settings in [
        &[("snapshot", "naive"), ("chunk", "3")][..],
        &[("snapshot", "watermarked"), ("chunk", "3")],
        &[
            ("snapshot", "watermarked"),
            ("chunk", "3"),
            ("partitions", "3"),
            ("apply", "rows"),
            ("position", "checkpoint"),
        ],
    ] {
        for crash in 0..80 {
            let fake = Fake::new(2);
            for store in &mut fake.0.borrow_mut().stores {
                store.cells.clear();
            }
            let strategy = built("log_cdc", settings);
            let mut processes = fake.start(strategy.as_ref());
            drive(&mut processes, crash);
            processes.iter_mut().for_each(Running::crash);
            drive(&mut processes, 300);
            for store in &fake.0.borrow().stores {
                assert!(!store.completed.is_empty(), "never declared: {settings:?}, crash at {crash}");
                assert!(store.completed.iter().all(|rows| *rows == fake.source()), "too early: {settings:?}");
            }
        }
    }
}

/// A slot can go at any moment: also between a read and its acknowledgement, which then never succeeds.
#[test]
fn a_slot_that_is_lost_at_any_await_is_made_anew() {
    for lost in 0..60 {
        let fake = Fake::new(1);
        let strategy = built("log_cdc", &[("batch", "1")]);
        let mut processes = fake.start(strategy.as_ref());
        write(&fake, strategy.as_ref(), 1, vec![put(1, 1)]);
        write(&fake, strategy.as_ref(), 2, vec![put(1, 2), delete(2)]);
        drive(&mut processes, lost);
        {
            let mut world = fake.0.borrow_mut();
            world.slot = None;
            world.commits.clear();
        }
        drive(&mut processes, 100);
        write(&fake, strategy.as_ref(), 3, vec![put(3, 3)]);
        drive(&mut processes, 100);
        fake.assert_converged(&format!("lost at {lost}"));
    }
}

#[test]
fn a_consumer_whose_offset_was_removed_reloads_its_sink_and_goes_on() {
    for crash in 0..60 {
        let fake = Fake::new(1);
        let strategy = built("log_cdc", &[]);
        let mut processes = fake.start(strategy.as_ref());
        write(&fake, strategy.as_ref(), 1, vec![put(1, 1)]);
        drive(&mut processes, 40);
        write(&fake, strategy.as_ref(), 2, vec![put(1, 2), delete(2), put(4, 2)]);
        write(&fake, strategy.as_ref(), 3, vec![put(1, 3), delete(4)]);
        drive(&mut processes[..1], 40);
        fake.0.borrow_mut().earliest = 3;
        drive(&mut processes, crash);
        processes.iter_mut().for_each(Running::crash);
        write(&fake, strategy.as_ref(), 4, vec![put(3, 4)]);
        drive(&mut processes, 200);
        fake.assert_converged(&format!("crash at {crash}"));
        let world = fake.0.borrow();
        for shown in &world.stores[0].shown {
            assert!(world.states.contains(shown), "no state of the source, crash at {crash}: {shown:?}");
        }
    }
}

#[test]
fn a_sink_that_fails_does_not_keep_a_full_batch_from_the_others() {
    let fake = Fake::new(2);
    let strategy = built("batch_full", &[]);
    fake.0.borrow_mut().stores[0].fates.push_back(Some(Fate::Refused));
    let mut processes = fake.start(strategy.as_ref());
    write(&fake, strategy.as_ref(), 1, vec![put(1, 1)]);
    for _ in 0..1_000 {
        if amount(&fake, 1, 1) == Some(1) {
            break;
        }
        drive(&mut processes, 1);
    }
    assert_eq!((amount(&fake, 0, 1), amount(&fake, 1, 1)), (Some(100), Some(1)));
    assert!(fake.0.borrow().now < Time::from_nanos(61_000_000_000), "within the first run");
    let stamps = fake.shown(1).values().map(Row::updated_at).max();
    assert!(stamps > Some(Time::ZERO));
}
