//! What a log that does not keep everything tells its readers.

use super::{Diary, TABLE, client, config, fault, run};
use driftlab_fault::Fault;
use driftlab_model::{
    Change, ChangeEvent, Failure, Key, Lsn, Offset, Refusal, Retention, Role, Span, Time, TransactionId,
    Version, WriteId,
};
use driftlab_sim::world::World;
use std::rc::Rc;

/// A log in which a producer writes one event every 10 ms, and what a reader is told that asks for the first one every 50 ms.
fn reads_of_the_first_record(retention: Retention, faults: Vec<Fault>) -> Vec<(u64, String)> {
    let mut config = config(faults);
    config.demands.partitions = 1;
    config.log_retention = retention;
    let world = World::new(config).unwrap();
    world.add_process(
        "client-1",
        Role::Client,
        client(|ports| async move {
            for number in 0..30 {
                ports.runtime.sleep(Span::from_millis(10)).await;
                let write = WriteId { transaction: TransactionId(number), index: 0 };
                let key = Key::integer(TABLE, 1);
                let change = Change { key, before: None, after: None, write, version: Version(number) };
                let transaction = write.transaction;
                let event = ChangeEvent { position: Lsn(number), transaction, index: 0, of: Some(1), change };
                ports.log.append(0, vec![event]).await.expect("the log is up");
            }
        }),
    );
    let diary = Diary::default();
    let notes = Rc::clone(&diary);
    world.add_process(
        "client-2",
        Role::Client,
        client(move |ports| {
            let notes = Rc::clone(&notes);
            async move {
                for round in 1..=6 {
                    let due = Time::ZERO + Span::from_millis(50 * round + 5);
                    ports.runtime.sleep(due - ports.runtime.now()).await;
                    let told = match ports.log.read(0, Offset(0), 100, Span::ZERO).await {
                        Ok(fetched) => format!("{} records", fetched.records.len()),
                        Err(Failure::Refused(Refusal::OutOfRange { earliest })) => {
                            format!("from {} on", earliest.0)
                        }
                        Err(other) => panic!("{other:?}"),
                    };
                    notes.borrow_mut().push((50 * round + 5, told));
                }
            }
        }),
    );
    run(&world, 1);
    // A world is used again: what a fault left of the retention must not be the next run's.
    let first = diary.take();
    run(&world, 1);
    assert_eq!(first, diary.take());
    first
}

/// A consumer that is away for longer than the log keeps its records must be told so, and never served a gap.
#[test]
fn a_reader_below_what_the_log_keeps_is_told_where_it_begins() {
    let told = |all: &[&str]| -> Vec<(u64, String)> {
        (1..).map(|round| 50 * round + 5).zip(all.iter().map(|what| (*what).to_owned())).collect()
    };
    let everything =
        told(&["5 records", "10 records", "15 records", "20 records", "25 records", "30 records"]);
    assert_eq!(reads_of_the_first_record(Retention::default(), Vec::new()), everything);
    let newest = Retention { records_max: Some(12), ..Retention::default() };
    let shortened = told(&["5 records", "10 records", "from 3 on", "from 8 on", "from 13 on", "from 18 on"]);
    assert_eq!(reads_of_the_first_record(newest, Vec::new()), shortened);
    // Record 0 is appended at 10 ms, record 4 at 50 ms.
    let young = Retention { age_max: Some(Span::from_millis(95)), ..Retention::default() };
    let shortened = told(&["5 records", "from 1 on", "from 6 on", "from 11 on", "from 16 on", "from 21 on"]);
    assert_eq!(reads_of_the_first_record(young, Vec::new()), shortened);
}

/// A limit that is lowered at night and set back in the morning: what it removed is not there again.
#[test]
fn a_log_that_is_shortened_for_a_while_keeps_everything_again_and_brings_nothing_back() {
    let window = [("at", "102ms"), ("for", "60ms"), ("retain_records", "4")];
    let told = reads_of_the_first_record(Retention::default(), vec![fault("retention", &window)]);
    let told: Vec<&str> = told.iter().map(|(_, what)| what.as_str()).collect();
    assert_eq!(told, ["5 records", "from 6 on", "from 11 on", "from 12 on", "from 12 on", "from 12 on"]);
}
