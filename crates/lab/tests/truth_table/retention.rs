//! Consumers of a log that does not wait for them.

use crate::hazards::{COPIES, COUNTERS, Hazard, RESTART};
use crate::hunt::{must, never_permanent, never_these, scenario};
use driftlab_lab::Stage;
use driftlab_model::{Event, Observer, SinkId, Span, Time};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// They stand still for longer than records are kept.
const PAUSED: Hazard = Hazard {
    name: "a consumer stands still for longer than the log keeps its records",
    faults: r#"
[log]
retain = "10ms"
[[fault]]
kind = "pause"
target = "consumer"
every = "exp(40ms)"
for = "25ms"
"#,
    operations: 30,
    ..RESTART
};

/// They die while the log is shortened now and then.
const SHORTENED: Hazard = Hazard {
    name: "the log is shortened while processes restart",
    faults: r#"
[[fault]]
kind = "retention"
every = "exp(30ms)"
for = "10ms"
retain_records = 2
[[fault]]
kind = "crash"
target = "background"
every = "exp(40ms)"
for = "15ms"
"#,
    operations: 30,
    ..RESTART
};

/// An append is repeated when the record that tells the repetition is no longer there.
const REPEATED: Hazard = Hazard {
    name: "an append is repeated after what it repeats was removed",
    faults: r#"
[log]
retain = "5ms"
timeout = "30ms"
[[fault]]
kind = "lose_reply"
target = "log"
from = "connector"
chance = 0.2
[[fault]]
kind = "crash"
target = "consumer"
every = "exp(20ms)"
for = "1ms"
"#,
    operations: 30,
    ..RESTART
};

/// The first copy is in the log, and removed before anybody has read it.
const UNREAD: Hazard = Hazard {
    name: "the first copy is removed from the log before it was read",
    faults: r#"
[[fault]]
kind = "pause"
target = "consumer"
at = "0"
for = "40ms"
[[fault]]
kind = "retention"
at = "39ms"
for = "500us"
"#,
    operations: 30,
    ..RESTART
};

pub(crate) const CONSUMERS: [&str; 5] = [
    "kind = \"log_cdc\"",
    "kind = \"log_cdc\"\npartitions = 3\napply = \"rows\"\nposition = \"checkpoint\"",
    "kind = \"log_cdc\"\nposition = \"checkpoint\"",
    "kind = \"log_cdc\"\nsnapshot = \"watermarked\"\nchunk = 2",
    "kind = \"log_cdc\"\npartitions = 4\napply = \"rows\"\nposition = \"checkpoint\"\nsnapshot = \"watermarked\"",
];

/// The log's limit was set for an ordinary night, and the consumer was down for a weekend: it went on at the earliest record there was.
#[test]
fn a_consumer_that_lost_its_place_in_the_log_loads_its_copy_again_and_converges() {
    for consumer in CONSUMERS {
        for hazard in [PAUSED, SHORTENED, REPEATED, UNREAD] {
            never_permanent(consumer, hazard, COPIES);
        }
    }
}

/// A copy of the present can be loaded again from the source; a copy of all that ever happened cannot.
#[test]
fn what_the_log_removed_unread_is_missing_from_a_copy_that_keeps_history() {
    for hazard in [PAUSED, SHORTENED] {
        must(CONSUMERS[0], hazard, COUNTERS, &["missed_change"]);
    }
}

/// The consumer knows a repeated append by the record before it; when that was removed too, it counted the repetition again.
#[test]
fn an_append_that_is_repeated_after_its_record_was_removed_is_not_applied_twice() {
    never_these(CONSUMERS[0], REPEATED, COUNTERS, &["duplicate_effect"]);
}

/// The sinks that were declared complete.
#[derive(Default)]
struct Complete(BTreeSet<SinkId>);

impl Observer for Complete {
    fn observe(&mut self, _: Time, event: &Event) {
        if let Event::Loaded { sink, .. } = event {
            self.0.insert(*sink);
        }
    }
}

/// Copies that are never declared complete claim nothing, so they could not be wrong either.
#[test]
fn a_first_copy_that_was_removed_unread_is_complete_once_every_partition_was_loaded_again() {
    for consumer in CONSUMERS.into_iter().filter(|consumer| consumer.contains("watermarked")) {
        let (text, scenario) = scenario(consumer, UNREAD, COPIES);
        let stage = Stage::new(&scenario, &scenario.strategies[0], None).unwrap_or_else(|e| panic!("{e}"));
        for seed in 1..=20 {
            stage.prepare(seed);
            let complete = Rc::new(RefCell::new(Complete::default()));
            stage.world().run(seed, complete.clone(), Span::from_secs(7_200), &mut |_| true);
            assert_eq!(complete.borrow().0.len(), stage.sinks().len(), "seed {seed}\n{text}");
        }
    }
}
