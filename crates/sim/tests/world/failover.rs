//! A source that fails over to a replica without replication slots.

use super::{Diary, TABLE, client, config, fault, run};
use driftlab_model::port::Capture;
use driftlab_model::{
    Ending, Key, Lsn, Role, Span, Statement, Statements, Time, Transaction, TransactionId, Value, WritePath,
};
use driftlab_sim::world::World;
use std::rc::Rc;

fn put(id: u64) -> Transaction {
    let values = [Value::from(1), Value::from(id as i64)].into();
    Transaction {
        id: TransactionId(id),
        statements: Statements::from_iter([Statement::Put { key: Key::integer(TABLE, 1), values }]),
        hold: Span::ZERO,
        ending: Ending::Commit,
        path: WritePath::Statements,
    }
}

/// patroni#1056: the rows are there, the slot is not, and one that is made anew begins at 'now'.
#[test]
fn after_a_failover_the_rows_are_there_and_the_slots_are_not() {
    let mut config = config(vec![fault("failover", &[("at", "1s"), ("for", "500ms")])]);
    config.duration = Span::from_secs(2);
    config.demands.slot = Some("cdc");
    let world = World::new(config).unwrap();
    let diary = Diary::default();
    let notes = Rc::clone(&diary);
    world.add_process(
        "client-1",
        Role::Client,
        client(move |ports| {
            let notes = Rc::clone(&notes);
            async move {
                for (id, millis) in [(1, 500), (2, 1_200), (3, 1_800)] {
                    let due = Time::ZERO + Span::from_millis(millis);
                    ports.runtime.sleep(due - ports.runtime.now()).await;
                    let written = ports.source.transact(&put(id), Capture::Nothing).await.is_ok();
                    let slot = ports.source.slot("cdc");
                    let commits = slot.read(Lsn(0), 10, Span::ZERO).await.map(|commits| commits.len());
                    let told = match commits {
                        Ok(commits) => format!("{commits} commits"),
                        Err(why) => why.to_string(),
                    };
                    notes.borrow_mut().push((id, format!("written: {written}, slot: {told}")));
                }
                let row = ports.source.read(&Key::integer(TABLE, 1)).await.expect("the source is up");
                let value = row.and_then(|row| row.values()[1].as_integer());
                notes.borrow_mut().push((4, format!("{value:?}")));
            }
        }),
    );
    run(&world, 1);
    let expected = [
        (1, "written: true, slot: 1 commits"),
        (2, "written: false, slot: refused: the store is not available"),
        (3, "written: true, slot: refused: the replication slot is gone"),
        (4, "Some(3)"),
    ];
    assert_eq!(diary.take(), expected.map(|(id, told)| (id, told.to_owned())));
}
