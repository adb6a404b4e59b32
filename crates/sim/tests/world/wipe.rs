//! A sink that loses what it held.

use super::{Diary, TABLE, client, config, fault, run};
use driftlab_model::port::{LoadId, Reply, Request};
use driftlab_model::{Bookmark, Event, Key, Outcome, Role, Row, Span, Time, Value, Version, View, WriteId};
use driftlab_sim::world::World;
use std::rc::Rc;

/// The position goes with the data: a consumer who is told an old one would believe that the data is there.
#[test]
fn a_sink_that_is_wiped_has_neither_rows_nor_a_position_and_the_next_run_finds_it_filled() {
    let mut config = config(vec![fault("wipe", &[("target", "warehouse"), ("at", "1s")])]);
    config.duration = Span::from_secs(2);
    let world = World::new(config).unwrap();
    let diary = Diary::default();
    let notes = Rc::clone(&diary);
    world.add_process(
        "client-1",
        Role::Client,
        client(move |ports| {
            let notes = Rc::clone(&notes);
            async move {
                let store = &ports.sinks[0].store;
                let apply =
                    Request::Apply { deliveries: vec![], after: Bookmark::default(), bookmark: Bookmark(7) };
                store.call(apply).await.expect("the sink is up");
                for second in [0, 1] {
                    let due = Time::ZERO + Span::from_millis(1_000 * second + 500);
                    ports.runtime.sleep(due - ports.runtime.now()).await;
                    let row = match store.call(Request::Get(Key::integer(TABLE, 1))).await {
                        Ok(Reply::Row(row)) => row.is_some(),
                        other => panic!("{other:?}"),
                    };
                    let bookmark = store.call(Request::Bookmark).await.expect("the sink is up");
                    notes.borrow_mut().push((second, format!("row: {row}, {bookmark:?}")));
                }
            }
        }),
    );
    let (first, history) = run(&world, 1);
    let expected = vec![
        (0, "row: true, Bookmark(Some(Bookmark(7)))".to_owned()),
        (1, "row: false, Bookmark(None)".to_owned()),
    ];
    assert_eq!(diary.take(), expected);
    let seen: Vec<(Time, View)> = history
        .events
        .iter()
        .filter_map(|(at, event)| match event {
            Event::Shown { keys, .. } => Some((*at, keys[0].view.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(seen, [(Time::ZERO + Span::from_secs(1), View::Missing)], "readers see it at once");
    // A world is used again, and puts back no more than what it knows to have been touched.
    let (second, _) = run(&world, 1);
    assert_eq!(diary.take(), expected);
    assert_eq!(first, second);
}

/// The pages that come after the loss were taken for a load of their own, and half a table was published under the position of a whole one.
#[test]
fn a_load_whose_sink_is_wiped_in_the_middle_of_it_is_refused_and_begun_again() {
    let mut config = config(vec![fault("wipe", &[("target", "warehouse"), ("at", "1s")])]);
    config.duration = Span::from_secs(2);
    let world = World::new(config).unwrap();
    let diary = Diary::default();
    let notes = Rc::clone(&diary);
    world.add_process(
        "client-1",
        Role::Client,
        client(move |ports| {
            let notes = Rc::clone(&notes);
            async move {
                let store = &ports.sinks[0].store;
                let page = |n| vec![(Key::integer(TABLE, n), row(n))];
                let begun = staged(store.call(Request::Stage { load: None, rows: page(1) }).await);
                let load = begun.expect("the sink is up");
                ports.runtime.sleep(Span::from_secs(1)).await;
                let rest = staged(store.call(Request::Stage { load: Some(load), rows: page(2) }).await);
                notes.borrow_mut().push((1, format!("{rest:?}")));
                let published = store.call(Request::Publish { load, bookmark: Bookmark(7) }).await;
                notes.borrow_mut().push((2, format!("{published:?}")));
                let again = staged(store.call(Request::Stage { load: None, rows: page(1) }).await);
                notes
                    .borrow_mut()
                    .push((3, format!("another load: {}", again.is_ok_and(|again| again != load))));
            }
        }),
    );
    let (_, history) = run(&world, 1);
    let refused = "Err(Refused(NoSuchLoad))".to_owned();
    assert_eq!(diary.take(), [(1, refused.clone()), (2, refused), (3, "another load: true".to_owned())]);
    assert!(!history.events.iter().any(|(_, event)| matches!(event, Event::Loaded { .. })));
}

fn staged(reply: Outcome<Reply>) -> Outcome<LoadId> {
    match reply? {
        Reply::Staged(load) => Ok(load),
        other => panic!("rows of a load were answered with {other:?}"),
    }
}

fn row(n: i64) -> Row {
    Row::new(WriteId::LOAD, Version::default(), Time::ZERO, [Value::from(n)].into())
}
