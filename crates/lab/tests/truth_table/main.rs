//! The truth table, both sides of it: what a strategy can show is found within a thousand seeds of a small scenario, and what it cannot show is never
//! reported. Each case is one row under one hazard.
//!
//! A case that fails prints the scenario and the seed: save the text to a file and `driftlab run FILE --seed N` replays it.
#![allow(clippy::disallowed_methods, reason = "how long to hunt is the caller's choice, not the world's")]

#[allow(dead_code, reason = "the commands in examples/ read the cells too, and more of them")]
mod cells;
mod hazards;
mod hunt;
mod retention;
mod seats;
mod slots;
mod telling;

use cells::CELLS;
use driftlab_check::ANOMALIES;
use driftlab_lab::explore::exhaust_by_state;
use driftlab_lab::{Quiet, Stage};
use driftlab_scenario::{Overrides, Registries, Scenario};
use hazards::*;
use hunt::{must, never, never_permanent};

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
    let holding = Hazard { transaction: Some(r#"hold = "exp(3ms)""#), ..CRASH };
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

/// Several connections to one index, as indexers have them: without versions the older document can be the last to arrive.
#[test]
fn log_cdc_over_several_connections_keeps_its_order_by_versions_alone() {
    let parallel = "kind = \"log_cdc\"\napply = \"rows\"\nposition = \"checkpoint\"\nconnections = 10";
    must(&format!("{parallel}\nversioned = false"), BUSY, COPIES, &["stale_overwrite", "resurrected"]);
    for &hazard in HAZARDS {
        never_permanent(parallel, hazard, COPIES);
        never(parallel, hazard, COPIES, &["stale_overwrite", "resurrected"]);
    }
}

#[test]
fn log_cdc_with_a_naive_first_copy_puts_old_rows_over_new_ones() {
    let naive =
        "kind = \"log_cdc\"\nsnapshot = \"naive\"\nchunk = 2\napply = \"rows\"\nposition = \"checkpoint\"";
    must(naive, BUSY, COPIES, &["stale_overwrite", "resurrected"]);
}

/// What a strategy can never show, it shows in no schedule of two clients with two transactions each: not in those that latencies make likely, and not in the others. Searches that take
/// longer than a test may go as far as they come; `cargo run --release -p driftlab-lab --example never -- every` goes to the end.
#[test]
fn no_never_cell_is_broken_by_any_schedule_of_two_clients() {
    const MOST_RUNS: u64 = 400;
    let (mut whole, mut schedules) = (0, 0);
    for cell in CELLS.iter().filter(|cell| cell.hazards.len() > 1) {
        for &hazard in cell.smalls() {
            let text = cell.text(hazard);
            let scenario =
                Scenario::parse(&text, "case.toml", &Overrides::default(), &Registries::standard());
            let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
            let make =
                || Stage::new(&scenario, &scenario.strategies[0], None).unwrap_or_else(|why| panic!("{why}"));
            let all = exhaust_by_state(&make, 1, MOST_RUNS, 1, &Quiet);
            assert_eq!(all.tally.unsettled, 0, "{text}");
            let broken = cell.broken_by(&scenario, &all.tally);
            assert!(broken.is_empty(), "{broken:?}\n{text}");
            whole += u64::from(all.is_complete);
            schedules += all.schedules;
        }
    }
    assert!(
        whole > 30 && schedules > 10_000,
        "{whole} searches came to their end, over {schedules} schedules"
    );
}
