//! A sink that is lost while a load is being staged for it.

use crate::fake::{Fake, built, delete, drive, put, traffic, transaction};

type Settings = &'static [(&'static str, &'static str)];

/// Those that replace what a sink shows by a load, of pages small enough for a load to take several.
const LOADERS: &[(&str, Settings)] = &[
    ("batch_full", &[("page", "2")]),
    ("log_cdc", &[("chunk", "3"), ("batch", "2")]),
    ("log_cdc", &[("chunk", "3"), ("batch", "2"), ("snapshot", "watermarked")]),
];

/// Writes all traffic; after each of these awaits the first sink loses all that it held.
fn run(name: &str, settings: Settings, lost: [usize; 2]) -> Fake {
    let fake = Fake::new(2);
    let strategy = built(name, settings);
    if strategy.demands().bootstraps {
        fake.0.borrow_mut().stores.iter_mut().for_each(|store| store.cells.clear());
    }
    let mut processes = fake.start(strategy.as_ref());
    let mut traffic = traffic().into_iter();
    for awaits in 0..120 {
        if awaits % 7 == 3
            && let Some(transaction) = traffic.next()
        {
            fake.write(strategy.as_ref(), &transaction).expect("the fake source refuses nothing");
        }
        if lost.contains(&awaits) {
            fake.0.borrow_mut().stores[0].lose();
        }
        drive(&mut processes, 1);
    }
    // A consumer learns that its sink is lost when it has something for it.
    let last = transaction(9, vec![put(7, 9), delete(8)]);
    fake.write(strategy.as_ref(), &last).expect("the fake source refuses nothing");
    for _ in 0..40 {
        drive(&mut processes, 10);
        if (0..2).all(|sink| fake.shown(sink) == fake.source()) {
            break;
        }
    }
    fake
}

/// The pages that came after the loss were taken for a load of their own and published: half a table, under the position of a whole one, so that nobody missed the rest.
/// Lost at whatever moment, a sink shows nothing, or all of a state that the source had, and in the end all of the last.
#[test]
fn whatever_is_published_is_whole_at_whichever_step_of_a_load_the_sink_is_lost() {
    let mut refused = 0;
    for (name, settings) in LOADERS {
        // The first loss is what makes a consumer load the sink at all, and the second strikes that load.
        for first in [20, 40] {
            for later in 1..40 {
                let fake = run(name, settings, [first, first + later]);
                let context = format!("{name} {settings:?}, lost at {first} and {later} later");
                fake.assert_converged(&context);
                let world = fake.0.borrow();
                let bootstraps = settings.contains(&("snapshot", "watermarked"));
                for shown in world.stores[0].shown.iter().filter(|shown| !shown.is_empty()) {
                    // A first copy that comes in chunks is not published.
                    assert!(bootstraps || world.states.contains(shown), "{context}: {shown:?}");
                }
                refused += world.stores[0].refused_loads;
            }
        }
    }
    assert!(refused > 0, "some loss struck a load that was under way");
}
