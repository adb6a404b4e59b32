//! Atomic steps that arrive when nobody waits for them any more.

use crate::fake::{Fake, built, delete, drive, put, put_line, traffic, transaction};
use driftlab_model::WriteId;

type Settings = &'static [(&'static str, &'static str)];

/// A run in which the first atomic step stays on the way while its sender goes on or dies, and arrives so many awaits later.
struct LateStep {
    fake: Fake,
    /// Whether the sink took the late step.
    was_taken: bool,
    /// How many steps the sink refused beside it.
    refused: usize,
}

impl LateStep {
    fn run(name: &str, settings: Settings, then: Sender, awaits: usize) -> Self {
        let fake = Fake::new(1);
        let strategy = built(name, settings);
        let mut processes = fake.start(strategy.as_ref());
        let write = |id, statements| {
            fake.write(strategy.as_ref(), &transaction(id, statements))
                .expect("the fake source refuses nothing");
        };
        write(1, vec![put(1, 1), put_line(1, 1)]);
        write(2, vec![put(1, 2), delete(2)]);
        fake.0.borrow_mut().stores[0].delays_step = true;
        for _ in 0..1_000 {
            if fake.0.borrow().stores[0].late.is_some() {
                break;
            }
            drive(&mut processes, 1);
        }
        write(3, vec![put(1, 3), put(3, 3)]);
        // Whoever else there is carries the third transaction to where the sender of the step will find it.
        let (sender, others) = processes.split_last_mut().expect("a process");
        drive(others, 40);
        if then == Sender::Dies {
            sender.crash();
        }
        drive(&mut processes, awaits);
        let was_taken = fake.let_go(0).is_ok();
        drive(&mut processes, 200);
        let refused = fake.0.borrow().stores[0].refused_steps - usize::from(!was_taken);
        Self { fake, was_taken, refused }
    }

    fn applied(&self) -> Vec<WriteId> {
        self.fake.0.borrow().stores[0].applied.clone()
    }
}

const KEPT_WITH_THE_DATA: &[(&str, Settings)] = &[
    ("log_cdc", &[("versioned", "false")]),
    ("log_cdc", &[("versioned", "false"), ("apply", "rows")]),
    ("outbox", &[("versioned", "false"), ("position", "with_data")]),
    ("outbox", &[("versioned", "false"), ("position", "with_data"), ("apply", "transaction")]),
    ("trigger_cdc", &[("versioned", "false"), ("position", "with_data")]),
];

/// What a sender does while its step is on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sender {
    /// It gives the step up and goes on.
    GoesOn,
    /// It dies and begins again.
    Dies,
}

/// A consumer was killed with a step on the way, as a container is when its node is drained. Its successor read the old bookmark, and read the log from there,
/// which had grown meanwhile. Then the dead consumer's step arrived, and after it the successor's, which began at the same place and ended further. The sink
/// took both, since each had a higher bookmark than the one before, and a total counted what was in both twice.
#[test]
fn a_late_step_that_the_next_one_overlaps_counts_no_event_twice() {
    for (name, settings) in KEPT_WITH_THE_DATA {
        for then in [Sender::GoesOn, Sender::Dies] {
            let (mut overlapped, mut overtaken) = (0, 0);
            for awaits in 0..40 {
                let run = LateStep::run(name, settings, then, awaits);
                let context = format!("{name} {settings:?}, {then:?}, {awaits} awaits");
                let writes = [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)];
                let once = writes.map(|(id, index)| transaction(id, Vec::new()).write(index));
                assert_eq!(run.applied(), once, "{context}");
                run.fake.assert_converged(&context);
                overlapped += usize::from(run.was_taken && run.refused > 0);
                overtaken += usize::from(!run.was_taken);
            }
            assert!(
                overlapped > 0,
                "{name} {settings:?}: no step was ever sent in ignorance of the late one"
            );
            assert!(overtaken > 0, "{name} {settings:?}: the late step was never late");
        }
    }
}

/// Refused as outdated is not always as good as done: what a late step brought is not what the next would have brought, and a job that takes it for that
/// moves its watermark past rows that no sink has.
#[test]
fn a_late_step_makes_nobody_believe_that_the_next_one_arrived() {
    for (name, settings) in [
        ("batch_incremental", &[("apply", "batch"), ("deletes", "soft")][..]),
        ("batch_incremental", &[("apply", "batch"), ("deletes", "key_diff")]),
        ("log_cdc", &[("position", "checkpoint"), ("versioned", "false")]),
        ("outbox", &[("apply", "transaction"), ("versioned", "false")]),
    ] {
        for then in [Sender::GoesOn, Sender::Dies] {
            let mut overlapped = 0;
            for awaits in 0..40 {
                let run = LateStep::run(name, settings, then, awaits);
                run.fake.assert_converged(&format!("{name} {settings:?}, {then:?}, {awaits} awaits"));
                overlapped += usize::from(run.was_taken && run.refused > 0);
            }
            assert!(
                overlapped > 0,
                "{name} {settings:?}: no step was ever sent in ignorance of the late one"
            );
        }
    }
}

/// Two relays that serve one sink make each other's steps outdated all the time; neither must repeat, skip, or stop at, what the other has done.
#[test]
fn relays_side_by_side_apply_each_event_once_when_the_position_is_kept_with_the_data() {
    for apply in ["rows", "transaction"] {
        let mut refused = 0;
        for crash in 0..60 {
            let fake = Fake::new(1);
            let settings =
                [("relays", "2"), ("position", "with_data"), ("versioned", "false"), ("apply", apply)];
            let strategy = built(
                "outbox",
                &[("gaps", "wait"), ("batch", "3")].into_iter().chain(settings).collect::<Vec<_>>(),
            );
            let mut processes = fake.start(strategy.as_ref());
            let writes: Vec<WriteId> = traffic()
                .iter()
                .flat_map(|transaction| {
                    (0..transaction.statements.len()).map(|index| transaction.write(index))
                })
                .collect();
            for (id, transaction) in (0..).zip(traffic()) {
                fake.write(strategy.as_ref(), &transaction).expect("the fake source refuses nothing");
                drive(&mut processes[..1], id % 2);
                drive(&mut processes, 7);
            }
            drive(&mut processes, crash);
            processes[crash % 2].crash();
            drive(&mut processes, 300);
            fake.assert_converged(&format!("{apply}, crash at {crash}"));
            let world = fake.0.borrow();
            assert_eq!(world.stores[0].applied, writes, "{apply}, crash at {crash}");
            refused += world.stores[0].refused_steps;
        }
        assert!(refused > 0, "{apply}: the relays never met");
    }
}
