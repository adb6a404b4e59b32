//! The truth table, both sides of it: what a strategy can show is found within a thousand seeds of a small scenario, and what it cannot show is never
//! reported. Each case is one row under one hazard.
//!
//! A case that fails prints the scenario and the seed: save the text to a file and `driftlab run FILE --seed N` replays it.
#![allow(clippy::disallowed_methods, reason = "how long to hunt is the caller's choice, not the world's")]

use driftlab_check::{ANOMALIES, Anomaly, Checker, Judgement};
use driftlab_lab::Stage;
use driftlab_model::{Observer, Span};
use driftlab_scenario::{Overrides, Registries, Scenario};
use driftlab_strategies::StrategyEntry;
use std::cell::RefCell;
use std::rc::Rc;

/// Within how many seeds a "must" is to be found.
const MUST_WITHIN: u64 = 1_000;
/// Over how many seeds a "never" is asserted: 300, or what `DRIFTLAB_NEVER_SEEDS` says for a longer hunt.
fn never_over() -> u64 {
    std::env::var("DRIFTLAB_NEVER_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(300)
}

/// A hazard: what clients do, and what goes wrong.
#[derive(Clone, Copy)]
struct Hazard {
    name: &'static str,
    workload: &'static str,
    faults: &'static str,
}

const TWO_CLIENTS: Hazard = Hazard {
    name: "two clients, one key",
    workload: r#"
clients = 2
operations = 6
keys = { count = 1, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
"#,
    faults: "",
};

const DELETES: Hazard = Hazard {
    name: "deletes",
    workload: r#"
clients = 2
operations = 8
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 1, read = 0 }
"#,
    faults: "",
};

const CRASH: Hazard = Hazard {
    name: "the application dies between two steps",
    workload: r#"
clients = 2
operations = 10
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
"#,
    faults: r#"
[[fault]]
kind = "crash"
target = "app"
every = "exp(6ms)"
for = "1ms"
"#,
};

const HELD: &str = r#"
clients = 2
operations = 10
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "exp(3ms)" }
"#;

const OUTAGE: Hazard = Hazard {
    name: "a sink refuses",
    workload: r#"
clients = 2
operations = 20
think = "exp(5ms)"
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
"#,
    faults: r#"
[[fault]]
kind = "refuse"
target = "search"
chance = 0.2
"#,
};

const LOST_REPLIES: Hazard = Hazard {
    name: "replies are lost",
    workload: r#"
clients = 2
operations = 20
think = "exp(5ms)"
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
"#,
    faults: r#"
[[fault]]
kind = "lose_reply"
target = "search"
chance = 0.2
"#,
};

const ROLLBACK: Hazard = Hazard {
    name: "the client rolls back",
    workload: r#"
clients = 2
operations = 10
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rollback = 0.4 }
"#,
    faults: "",
};

const LATE_COMMIT: Hazard = Hazard {
    name: "late commit, sequence gap",
    workload: r#"
clients = 4
operations = 60
keys = { count = 50, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "exp(30ms)" }
"#,
    faults: "",
};

const RESTART: Hazard = Hazard {
    name: "processes restart",
    workload: r#"
clients = 3
operations = 60
think = "exp(5ms)"
keys = { count = 5, distribution = "uniform" }
mix = { insert = 0, update = 3, delete = 1, read = 0 }
"#,
    faults: r#"
[[fault]]
kind = "crash"
target = "background"
every = "exp(40ms)"
for = "5ms"
"#,
};

const WHOLE: Hazard = Hazard {
    name: "transactions of several rows",
    workload: r#"
clients = 2
operations = 20
think = "exp(10ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rows = "2..=4" }
"#,
    faults: "",
};

const READS: Hazard = Hazard {
    name: "readers fill the cache",
    workload: r#"
clients = 3
operations = 40
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 2 }
"#,
    faults: "",
};

const READS_AND_DELETES: Hazard = Hazard {
    name: "readers fill the cache while rows are deleted",
    workload: r#"
clients = 3
operations = 60
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 1, read = 3 }
"#,
    faults: "",
};

const BULK: Hazard = Hazard {
    name: "a bulk path bypasses triggers",
    workload: r#"
clients = 2
operations = 20
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { bulk = 0.3 }
"#,
    faults: "",
};

const COPIES: &str = r#"
[[sink]]
kind = "search"
latency = "exp(1ms)"
refresh = "0"
timeout = "50ms"
[[sink]]
kind = "warehouse"
latency = "exp(1ms)"
timeout = "50ms"
"#;

const CACHE: &str = r#"
[[sink]]
name = "search"
kind = "cache"
latency = "exp(1ms)"
timeout = "50ms"
"#;

const COUNTERS: &str = r#"
[[sink]]
name = "search"
kind = "warehouse"
mode = "sum"
latency = "exp(1ms)"
timeout = "50ms"
"#;

fn scenario(strategy: &str, hazard: Hazard, sinks: &str) -> (String, Scenario) {
    let text = format!(
        r#"title = "{}"
[world]
duration = "500ms"
settle = "10min"
[source]
latency = "exp(1ms)"
[workload]
shape = "kv"
{}{sinks}
[[strategy]]
{strategy}
{}"#,
        hazard.name, hazard.workload, hazard.faults
    );
    let scenario = Scenario::parse(&text, "case.toml", &Overrides::default(), &Registries::standard());
    (text, scenario.unwrap_or_else(|problems| panic!("{problems}")))
}

/// Runs seeds until `look` has seen enough.
fn hunt(scenario: &Scenario, seeds: u64, look: &mut dyn FnMut(u64, &Judgement) -> bool) {
    let stage = Stage::new(scenario, &scenario.strategies[0], None).unwrap_or_else(|e| panic!("{e}"));
    let checker: Rc<RefCell<Checker>> = Rc::new(RefCell::new(stage.checker().anomalies_only()));
    for seed in 1..=seeds {
        stage.prepare(seed);
        checker.borrow_mut().restart();
        let observer: Rc<RefCell<dyn Observer>> = checker.clone();
        stage.world().run(seed, observer, Span::from_secs(7_200), &mut |_| true);
        let judgement = checker.borrow_mut().finish();
        if !look(seed, &judgement) {
            return;
        }
    }
}

fn total(judgement: &Judgement, anomaly: Anomaly) -> u64 {
    judgement.sinks.iter().map(|sink| sink.tally(anomaly).total).sum()
}

/// The strategy must show each of these anomalies within a thousand seeds.
#[track_caller]
fn must(strategy: &str, hazard: Hazard, sinks: &str, names: &[&str]) {
    let (text, scenario) = scenario(strategy, hazard, sinks);
    let mut missing: Vec<&str> = names.to_vec();
    hunt(&scenario, MUST_WITHIN, &mut |_, judgement| {
        missing.retain(|name| {
            let entry = ANOMALIES.iter().find(|entry| entry.name == *name).expect("a known anomaly");
            total(judgement, entry.anomaly) == 0
        });
        !missing.is_empty()
    });
    assert!(
        missing.is_empty(),
        "not found within {MUST_WITHIN} seeds under \"{}\": {missing:?}\n{text}",
        hazard.name
    );
}

/// The strategy must never show any of these, and nothing that its row of the table does not allow.
#[track_caller]
fn never(strategy: &str, hazard: Hazard, sinks: &str, names: &[&str]) {
    let (text, scenario) = scenario(strategy, hazard, sinks);
    let choice = &scenario.strategies[0];
    let allowed = (StrategyEntry::named(choice.kind).expect("a known strategy").may_show)(&choice.settings);
    hunt(&scenario, never_over(), &mut |seed, judgement| {
        assert!(
            judgement.quiescent,
            "seed {seed} never came to quiescence under \"{}\"\n{text}",
            hazard.name
        );
        for entry in ANOMALIES {
            let seen = total(judgement, entry.anomaly);
            let forbidden = names.contains(&entry.name) || !allowed.contains(&entry.name);
            assert!(
                seen == 0 || !forbidden,
                "seed {seed} shows {} under \"{}\": {:#?}\n{text}",
                entry.name,
                hazard.name,
                judgement
                    .findings
                    .iter()
                    .filter(|f| f.anomaly == entry.anomaly)
                    .map(|f| &f.sentence)
                    .collect::<Vec<_>>()
            );
        }
        true
    });
}

/// Nothing that lasts, and nothing that the strategy's row does not allow.
#[track_caller]
fn never_permanent(strategy: &str, hazard: Hazard, sinks: &str) {
    never(strategy, hazard, sinks, &[]);
    let (text, scenario) = scenario(strategy, hazard, sinks);
    hunt(&scenario, never_over(), &mut |seed, judgement| {
        for sink in &judgement.sinks {
            let lasting: Vec<_> = sink.seen().filter(|(_, tally)| tally.permanent > 0).collect();
            assert!(
                sink.divergent_at_end == 0 && lasting.is_empty(),
                "seed {seed} under \"{}\": {} keys of {} stay wrong, {lasting:?}\n{:#?}\n{text}",
                hazard.name,
                sink.divergent_at_end,
                sink.name,
                judgement.findings.iter().map(|f| &f.sentence).collect::<Vec<_>>()
            );
        }
        true
    });
}

const HAZARDS: &[Hazard] =
    &[TWO_CLIENTS, DELETES, CRASH, OUTAGE, LOST_REPLIES, ROLLBACK, LATE_COMMIT, RESTART, WHOLE];

#[test]
fn none_loses_everything() {
    must("kind = \"none\"", TWO_CLIENTS, COPIES, &["lost_update"]);
    must("kind = \"none\"", DELETES, COPIES, &["missed_delete"]);
}

#[test]
fn batch_full_with_one_snapshot_and_a_swap_heals_whatever_happens() {
    for &hazard in HAZARDS {
        never_permanent("kind = \"batch_full\"\nevery = \"50ms\"", hazard, COPIES);
    }
}

#[test]
fn batch_full_in_pages_or_table_by_table_tears_transactions() {
    let paged = "kind = \"batch_full\"\nevery = \"30ms\"\nread = \"paged\"\npage = 1";
    must(paged, WHOLE, COPIES, &["torn_transaction", "not_a_prefix"]);
    for &hazard in HAZARDS {
        never_permanent(paged, hazard, COPIES);
    }
}

#[test]
fn batch_full_loaded_in_place_shows_half_a_load() {
    let in_place = "kind = \"batch_full\"\nevery = \"30ms\"\nload = \"in_place\"\npage = 1";
    must(in_place, WHOLE, COPIES, &["torn_transaction", "not_a_prefix"]);
    must(in_place, RESTART, COPIES, &["not_a_prefix"]);
    for &hazard in HAZARDS {
        never_permanent(in_place, hazard, COPIES);
    }
}

#[test]
fn batch_incremental_misses_deletions_and_late_commits() {
    let plain = "kind = \"batch_incremental\"\nevery = \"20ms\"";
    must(plain, DELETES, COPIES, &["missed_delete"]);
    must(plain, LATE_COMMIT, COPIES, &["lost_update"]);
    must(plain, WHOLE, COPIES, &["torn_transaction"]);
    never(plain, TWO_CLIENTS, COPIES, &["phantom", "lost_update"]);
    never(plain, ROLLBACK, COPIES, &["phantom"]);
}

#[test]
fn batch_incremental_with_lookback_and_key_diff_heals() {
    let careful = "kind = \"batch_incremental\"\nevery = \"20ms\"\nlookback = \"2s\"\ndeletes = \"key_diff\"";
    for &hazard in HAZARDS {
        never_permanent(careful, hazard, COPIES);
    }
    let soft = "kind = \"batch_incremental\"\nevery = \"20ms\"\nlookback = \"2s\"\ndeletes = \"soft\"";
    for &hazard in HAZARDS {
        never_permanent(soft, hazard, COPIES);
    }
}

#[test]
fn dual_writes_database_first() {
    let plain = "kind = \"dual_writes\"";
    must(plain, TWO_CLIENTS, COPIES, &["stale_overwrite", "sink_disagreement"]);
    must(plain, DELETES, COPIES, &["resurrected"]);
    must(plain, CRASH, COPIES, &["lost_update"]);
    must(plain, OUTAGE, COPIES, &["lost_update"]);
    must(plain, WHOLE, COPIES, &["torn_transaction"]);
    never(plain, ROLLBACK, COPIES, &["phantom", "early_visibility"]);
    never(plain, LATE_COMMIT, COPIES, &["phantom"]);
}

#[test]
fn dual_writes_sink_first() {
    let sink_first = "kind = \"dual_writes\"\norder = \"sink_first\"";
    must(sink_first, TWO_CLIENTS, COPIES, &["stale_overwrite"]);
    must(sink_first, DELETES, COPIES, &["resurrected"]);
    must(sink_first, CRASH, COPIES, &["phantom"]);
    must(sink_first, LOST_REPLIES, COPIES, &["phantom"]);
    must(sink_first, ROLLBACK, COPIES, &["phantom", "early_visibility"]);
    must(sink_first, WHOLE, COPIES, &["torn_transaction"]);
    never(sink_first, OUTAGE, COPIES, &[]);
}

#[test]
fn dual_writes_concurrently() {
    let concurrent = "kind = \"dual_writes\"\norder = \"concurrent\"";
    must(concurrent, TWO_CLIENTS, COPIES, &["stale_overwrite"]);
    must(concurrent, DELETES, COPIES, &["resurrected"]);
    must(concurrent, CRASH, COPIES, &["lost_update"]);
    // One request that commits by itself cannot be caught between write and commit; a transaction that is held open can.
    let holding = Hazard { workload: HELD, ..CRASH };
    must(concurrent, holding, COPIES, &["phantom", "lost_update"]);
    must(concurrent, OUTAGE, COPIES, &["lost_update"]);
    must(concurrent, ROLLBACK, COPIES, &["phantom"]);
    must(concurrent, WHOLE, COPIES, &["torn_transaction"]);
}

#[test]
fn dual_writes_with_versions_keep_their_order_and_still_lose() {
    let versioned = "kind = \"dual_writes\"\nversioned = true";
    must(versioned, CRASH, COPIES, &["lost_update"]);
    must(versioned, OUTAGE, COPIES, &["lost_update"]);
    must(versioned, WHOLE, COPIES, &["torn_transaction"]);
    for &hazard in HAZARDS {
        never(versioned, hazard, COPIES, &["stale_overwrite", "resurrected", "phantom"]);
    }
    never_permanent(versioned, TWO_CLIENTS, COPIES);
}

#[test]
fn cache_aside_fills_with_what_is_no_longer_true() {
    let plain = "kind = \"cache_aside\"";
    must(plain, READS, CACHE, &["lost_update"]);
    must(plain, READS_AND_DELETES, CACHE, &["resurrected"]);
    let crashing = Hazard { faults: CRASH.faults, ..READS };
    must(plain, crashing, CACHE, &["lost_update"]);
    let refused = Hazard { faults: OUTAGE.faults, ..READS };
    must(plain, refused, CACHE, &["lost_update"]);
    never(plain, ROLLBACK, CACHE, &["phantom"]);
}

#[test]
fn cache_aside_with_leases_is_right_until_a_process_dies_or_the_cache_refuses() {
    let leases = "kind = \"cache_aside\"\nleases = true";
    let crashing = Hazard { faults: CRASH.faults, ..READS };
    must(leases, crashing, CACHE, &["lost_update"]);
    let refused = Hazard { faults: OUTAGE.faults, ..READS };
    must(leases, refused, CACHE, &["lost_update"]);
    never_permanent(leases, READS, CACHE);
    never(leases, READS_AND_DELETES, CACHE, &["resurrected", "stale_overwrite"]);
}

#[test]
fn outbox_polled_by_id_skips_what_commits_late() {
    let plain = "kind = \"outbox\"\npoll = \"10ms\"";
    must(plain, LATE_COMMIT, COPIES, &["lost_update"]);
    must(plain, WHOLE, COPIES, &["torn_transaction"]);
    for hazard in [TWO_CLIENTS, CRASH, OUTAGE, ROLLBACK, RESTART] {
        never(plain, hazard, COPIES, &["phantom", "stale_overwrite"]);
    }
}

#[test]
fn outbox_that_waits_for_gaps_loses_nothing() {
    let careful = "kind = \"outbox\"\npoll = \"10ms\"\ngaps = \"wait\"\ndeduplicate = true";
    for &hazard in HAZARDS {
        never_permanent(careful, hazard, COPIES);
        never(careful, hazard, COUNTERS, &["duplicate_effect", "missed_change"]);
    }
}

#[test]
fn outbox_counts_twice_without_deduplication() {
    let plain = "kind = \"outbox\"\npoll = \"10ms\"\ngaps = \"wait\"";
    must(plain, RESTART, COUNTERS, &["duplicate_effect"]);
    for &hazard in HAZARDS {
        never_permanent(plain, hazard, COPIES);
    }
}

#[test]
fn trigger_cdc_polled_by_sequence_skips_what_commits_late() {
    let plain = "kind = \"trigger_cdc\"\npoll = \"10ms\"";
    must(plain, LATE_COMMIT, COPIES, &["lost_update"]);
    must(plain, RESTART, COUNTERS, &["duplicate_effect"]);
}

#[test]
fn trigger_cdc_that_waits_for_gaps_loses_only_what_bypasses_it() {
    let careful = "kind = \"trigger_cdc\"\npoll = \"10ms\"\ngaps = \"wait\"";
    for &hazard in HAZARDS {
        never_permanent(careful, hazard, COPIES);
    }
    must(careful, BULK, COPIES, &["lost_update"]);
}

#[test]
fn log_cdc_by_transaction_is_always_a_prefix() {
    let best = "kind = \"log_cdc\"";
    for &hazard in HAZARDS {
        let all: Vec<&str> = ANOMALIES.iter().map(|entry| entry.name).collect();
        never(best, hazard, COPIES, &all);
        never(best, hazard, COUNTERS, &all);
        never_permanent(best, hazard, COPIES);
    }
}

#[test]
fn log_cdc_partitioned_by_key_tears_transactions_for_a_moment() {
    let partitioned = "kind = \"log_cdc\"\npartitions = 4\napply = \"rows\"\nposition = \"checkpoint\"\nsnapshot = \"watermarked\"";
    must(partitioned, WHOLE, COPIES, &["torn_transaction"]);
    must(partitioned, RESTART, COUNTERS, &["duplicate_effect"]);
    for &hazard in HAZARDS {
        never_permanent(partitioned, hazard, COPIES);
    }
}

#[test]
fn log_cdc_that_acknowledges_first_loses_what_it_had_in_hand() {
    let hasty =
        "kind = \"log_cdc\"\nacknowledge = \"before_apply\"\napply = \"rows\"\nposition = \"checkpoint\"";
    must(hasty, RESTART, COPIES, &["lost_update", "missed_delete"]);
}

#[test]
fn log_cdc_with_a_naive_first_copy_puts_old_rows_over_new_ones() {
    let busy = Hazard {
        workload: r#"
clients = 4
operations = 200
keys = { count = 20, distribution = "uniform" }
mix = { insert = 0, update = 3, delete = 1, read = 0 }
"#,
        ..TWO_CLIENTS
    };
    let naive =
        "kind = \"log_cdc\"\nsnapshot = \"naive\"\nchunk = 2\napply = \"rows\"\nposition = \"checkpoint\"";
    must(naive, busy, COPIES, &["stale_overwrite", "resurrected"]);
}
