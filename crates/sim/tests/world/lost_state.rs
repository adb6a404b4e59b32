//! A source that loses its tables of current state.

use super::{Diary, TABLE, client, config, fault, put, run};
use driftlab_model::port::{Capture, Ports, Scan};
use driftlab_model::{Event, Failure, Key, Outcome, Refusal, Role, Row, Span, Stage, Time, TransactionId};
use driftlab_sim::world::World;
use std::fmt::Debug;
use std::rc::Rc;

async fn until(ports: &Ports, millis: u64) {
    let due = Time::ZERO + Span::from_millis(millis);
    ports.runtime.sleep(due - ports.runtime.now()).await;
}

fn said<T: Debug>(outcome: Outcome<T>) -> String {
    match outcome {
        Ok(value) => format!("{value:?}"),
        Err(Failure::Refused(Refusal::StateLost)) => "lost".to_owned(),
        Err(other) => other.to_string(),
    }
}

/// Whoever holds a snapshot of before, or a transaction, would go on with what is not there any more. And a source that took other rows than it had would never be told from a right one.
#[test]
fn a_source_that_lost_its_state_refuses_all_until_it_has_the_same_rows_back() {
    let mut config = config(vec![fault("lose_state", &[("at", "1s")])]);
    config.duration = Span::from_secs(3);
    config.restores = Some(Vec::new());
    let world = World::new(config).unwrap();
    let diary = Diary::default();
    let notes = Rc::clone(&diary);
    world.add_process(
        "client-1",
        Role::Client,
        client(move |ports| {
            let notes = Rc::clone(&notes);
            async move {
                let note = |text: String| {
                    let number = notes.borrow().len() as u64;
                    notes.borrow_mut().push((number, text));
                };
                let key = Key::integer(TABLE, 1);
                let written = ports.source.transact(&put(5, 1), Capture::Nothing).await;
                let row: Row =
                    written.expect("the source is up").changes[0].after.clone().expect("a row was put");
                until(&ports, 900).await;
                let before = ports.source.snapshot().await.expect("the source is up");
                let scan = || Scan { table: TABLE, after: None, limit: 9, updated_after: None };
                // Its pause reaches over the loss.
                let mut long = put(6, 2);
                long.hold = Span::from_millis(200);
                note(said(ports.source.transact(&long, Capture::Nothing).await.map(|_| ())));
                note(said(ports.source.read(&key).await));
                note(said(ports.source.snapshot().await.map(|_| ())));
                note(said(before.scan(scan()).await));
                note(said(ports.source.transact(&put(7, 3), Capture::Nothing).await.map(|_| ())));
                note(said(ports.source.restore(Vec::new()).await));
                note(said(ports.source.restore(vec![(key.clone(), row.clone())]).await));
                note(said(ports.source.read(&key).await.map(|found| found == Some(row.clone()))));
                note(said(before.scan(scan()).await));
                note(said(ports.source.restore(Vec::new()).await));
                note(said(
                    ports
                        .source
                        .transact(&put(8, 4), Capture::Nothing)
                        .await
                        .map(|commit| commit.changes[0].before == Some(row.clone())),
                ));
            }
        }),
    );
    let (first, history) = run(&world, 1);
    let told: Vec<String> = diary.take().into_iter().map(|(_, text)| text).collect();
    let conflict = Failure::Refused(Refusal::Conflict).to_string();
    let expected = ["lost", "lost", "lost", "lost", "lost", &conflict, "()", "true", "lost", "()", "true"];
    assert_eq!(told, expected);
    let committed = |id| {
        let is_it = |event: &Event| matches!(event, Event::Committed { commit, .. } if commit.transaction == TransactionId(id));
        history.events.iter().any(|(_, event)| is_it(event))
    };
    assert_eq!([1, 2, 3, 4].map(committed), [true, false, false, true]);
    let stages: Vec<Stage> = history
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Lifecycle { stage: stage @ (Stage::Lost | Stage::Restored), .. } => Some(*stage),
            _ => None,
        })
        .collect();
    assert_eq!(stages, [Stage::Lost, Stage::Restored]);
    assert!(
        !history.events.iter().any(|(_, event)| matches!(event, Event::Shown { .. })),
        "no copy hears of it"
    );
    // A world is used again, and has all rows.
    let (second, _) = run(&world, 1);
    assert_eq!(first, second);
}

/// The control keeps no copies, and nothing that it could restore: it is what the others are compared with, and loses nothing.
#[test]
fn a_source_that_nobody_could_restore_loses_nothing() {
    let mut config = config(vec![fault("lose_state", &[("at", "1s")])]);
    config.duration = Span::from_secs(2);
    let world = World::new(config).unwrap();
    let (_, history) = run(&world, 1);
    assert!(
        !history.events.iter().any(|(_, event)| matches!(event, Event::Lifecycle { stage: Stage::Lost, .. }))
    );
}
