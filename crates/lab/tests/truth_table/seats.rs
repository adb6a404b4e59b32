//! The rows of `event_sourcing`, and what the strategies that keep tables show of the same seats.

use crate::hazards::*;
use crate::hunt::{must, must_within, never, never_permanent, scenario};
use driftlab_check::{ANOMALIES, Anomaly};
use driftlab_lab::explore::exhaust_by_state;
use driftlab_lab::{Quiet, Stage};
use driftlab_scenario::{Overrides, Registries, Scenario};

const SOURCED: &str = "kind = \"event_sourcing\"";
const ANY_VERSION: &str = "kind = \"event_sourcing\"\nexpected_version = false";
const SPLIT: &str = "kind = \"event_sourcing\"\nposition = \"checkpoint\"";

/// Within how many seeds an append without an expected version is to sell a seat twice.
const SOLD_TWICE_WITHIN: u64 = 100;

/// The way to the source is as bad as any: an append comes twice, or nobody hears that it has come.
const APPENDS_REPEATED: Hazard = Hazard {
    name: "appends come twice, and their replies are lost",
    faults: r#"
[[fault]]
kind = "repeat"
target = "source"
chance = 0.3
after = "exp(10ms)"
[[fault]]
kind = "lose_reply"
target = "source"
chance = 0.1
"#,
    ..OUTAGE
};

#[test]
fn an_append_that_comes_twice_counts_once() {
    never(ANY_VERSION, of_seats(APPENDS_REPEATED), COPIES, &["lost_update", "phantom", "duplicate_effect"]);
    let all: Vec<&str> = ANOMALIES.iter().map(|entry| entry.name).collect();
    never(SOURCED, of_seats(APPENDS_REPEATED), COPIES, &all);
    never(SOURCED, of_seats(APPENDS_REPEATED), COUNTERS, &all);
}

/// Of the million schedules that `cargo run --release -p driftlab-lab --example never -- 1000000 --only event_sourcing` goes through for each way to set it up, the suite takes some fourteen thousand here and
/// in the next two tests: 300 seeds of each of nine hazards, into copies and counters, with snapshots of streams and without.
#[test]
fn with_expected_versions_nothing_is_ever_wrong() {
    let all: Vec<&str> = ANOMALIES.iter().map(|entry| entry.name).collect();
    for &hazard in HAZARDS {
        let hazard = of_seats(hazard);
        never(SOURCED, hazard, COPIES, &all);
        never(SOURCED, hazard, COUNTERS, &all);
        never_permanent(SOURCED, hazard, COPIES);
    }
}

/// A snapshot that is of another version than it says would let a decision rest on what is no longer true.
#[test]
fn snapshots_change_nothing_about_what_is_right() {
    for &hazard in HAZARDS {
        for every in [1, 3] {
            never_permanent(&format!("{SOURCED}\nsnapshots = {every}"), of_seats(hazard), COPIES);
        }
    }
}

#[test]
fn without_expected_versions_a_seat_is_sold_twice() {
    for hazard in [TWO_CLIENTS, RESTART, WHOLE] {
        must_within(SOLD_TWICE_WITHIN, ANY_VERSION, of_seats(hazard), COPIES, &["broken_invariant"]);
    }
    // The copies follow the source all the same.
    for &hazard in HAZARDS {
        never(ANY_VERSION, of_seats(hazard), COPIES, &["lost_update", "phantom", "duplicate_effect"]);
    }
}

/// Incident: a projection was saved and its position was not, so that it counted the same events again.
#[test]
fn a_projection_whose_position_is_saved_apart_counts_twice() {
    must(SPLIT, of_seats(RESTART), COUNTERS, &["duplicate_effect"]);
    for &hazard in HAZARDS {
        never_permanent(SPLIT, of_seats(hazard), COPIES);
    }
}

/// Releases, one after another, while clients are at work and things go wrong: some hazards last half a second of load, so each release has some of it.
const ROLLED_OVER: &str =
    "kind = \"event_sourcing\"\nrelease_every = \"20ms\"\nprojections_behind = \"10ms\"\nsnapshots = 3";

#[test]
fn roll_overs_change_nothing_about_what_is_right() {
    let all: Vec<&str> = ANOMALIES.iter().map(|entry| entry.name).collect();
    for &hazard in HAZARDS {
        let hazard = of_seats(hazard);
        never(ROLLED_OVER, hazard, COPIES, &all);
        never(ROLLED_OVER, hazard, COUNTERS, &all);
        never_permanent(ROLLED_OVER, hazard, COPIES);
    }
}

/// Incident: events of an old form were left out of the fold, and a seat that was reserved before the release was sold once more.
#[test]
fn old_events_that_are_taken_as_they_are_sell_a_seat_twice() {
    let as_is = "kind = \"event_sourcing\"\nrelease_every = \"3ms\"\nold_events = \"as_is\"";
    must(as_is, of_seats(TWO_CLIENTS), COPIES, &["broken_invariant"]);
}

/// Incident: a consumer of the old release skipped what it did not know yet, and never came back for it.
#[test]
fn newer_events_that_are_skipped_never_come() {
    let skips = "kind = \"event_sourcing\"\nrelease_every = \"3ms\"\nprojections_behind = \"50ms\"\nnew_events = \"skip\"";
    must(skips, of_seats(TWO_CLIENTS), COPIES, &["lost_update"]);
}

/// The shape must be fit for those that keep tables, or nothing could be compared.
#[test]
fn strategies_that_keep_tables_run_on_seats() {
    must("kind = \"none\"", of_seats(TWO_CLIENTS), COPIES, &["lost_update"]);
    must("kind = \"dual_writes\"", of_seats(CRASH), COPIES, &["lost_update"]);
    for &hazard in HAZARDS {
        let hazard = of_seats(hazard);
        never("kind = \"log_cdc\"", hazard, COPIES, &["broken_invariant"]);
        never_permanent("kind = \"batch_full\"\nevery = \"50ms\"", hazard, COPIES);
        never_permanent("kind = \"outbox\"\npoll = \"10ms\"\ngaps = \"wait\"", hazard, COPIES);
    }
}

/// Every write would be refused, one by one, and a run without a commit would be called unknown.
#[test]
fn a_domain_that_event_sourcing_does_not_know_is_refused_before_the_run() {
    let (_, scenario) = scenario(SOURCED, TWO_CLIENTS, COPIES);
    let Err(why) = Stage::new(&scenario, &scenario.strategies[0], None) else {
        panic!("event sourcing has no commands for keys and values");
    };
    assert!(why.to_string().contains("shape = \"seats\""), "{why}");
}

/// Two customers and one seat, in every order in which their requests can come.
const EVERY_SCHEDULE: &[&str] = &[
    "operations = 2\nkeys = { count = 1, distribution = \"uniform\" }\nmix = { insert = 1, update = 0, delete = 0, read = 0 }",
    "operations = 3\nkeys = { count = 1, distribution = \"uniform\" }\nmix = { insert = 2, update = 0, delete = 1, read = 0 }",
];

/// An expected version is right in every schedule, and not only in those that latencies make likely; an append without one sells a seat twice in some.
#[test]
fn no_schedule_of_two_customers_sells_a_seat_twice_where_versions_are_expected() {
    const MOST_RUNS: u64 = 20_000;
    let (mut sold_twice, mut schedules) = (0, 0);
    for workload in EVERY_SCHEDULE {
        for (strategy, may_sell_twice) in [(SOURCED, false), (ANY_VERSION, true)] {
            let text = format!(
                "title = \"every schedule\"\n[world]\nduration = \"500ms\"\nsettle = \"10min\"\n[source]\nlatency = \"exp(1ms)\"\n\
                 [workload]\nshape = \"seats\"\nclients = 2\n{workload}\n\
                 [[sink]]\nkind = \"warehouse\"\nlatency = \"exp(1ms)\"\n[[strategy]]\n{strategy}\n"
            );
            let scenario =
                Scenario::parse(&text, "case.toml", &Overrides::default(), &Registries::standard());
            let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
            let make =
                || Stage::new(&scenario, &scenario.strategies[0], None).unwrap_or_else(|why| panic!("{why}"));
            let all = exhaust_by_state(&make, 1, MOST_RUNS, 1, &Quiet);
            assert!(all.is_complete && all.tally.unsettled == 0, "{text}");
            let shown: Vec<Anomaly> = all.tally.anomalies.keys().copied().collect();
            schedules += all.schedules;
            match may_sell_twice {
                true => sold_twice += u32::from(shown == [Anomaly::BrokenInvariant]),
                false => assert_eq!(shown, [], "{text}"),
            }
        }
    }
    assert!(
        sold_twice > 0 && schedules > 100_000,
        "{sold_twice} workloads sell a seat twice, over {schedules} schedules"
    );
}
