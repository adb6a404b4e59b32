//! A sink that loses what it held.

use super::{Diary, TABLE, client, config, fault, run};
use driftlab_model::port::{Reply, Request};
use driftlab_model::{Bookmark, Event, Key, Role, Span, Time, View};
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
