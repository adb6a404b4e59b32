//! The registry: names, defaults, contradictions, and what each variant may show.

use crate::fake::chosen;
use driftlab_model::{Contradiction, Kind, Settings};
use driftlab_strategies::{STRATEGIES, StrategyEntry};

const ANOMALIES: &[&str] = &[
    "lost_update",
    "stale_overwrite",
    "resurrected",
    "missed_delete",
    "phantom",
    "early_visibility",
    "torn_transaction",
    "not_a_prefix",
    "non_monotonic",
    "missed_change",
    "duplicate_effect",
    "sink_disagreement",
    "broken_invariant",
    "unbounded_lag",
];

type Chosen = &'static [(&'static str, &'static str)];

fn entry(name: &str) -> &'static StrategyEntry {
    StrategyEntry::named(name).expect("a strategy of this name")
}

fn may_show(name: &str, settings: &[(&str, &str)]) -> Vec<&'static str> {
    (entry(name).may_show)(&chosen(entry(name), settings))
}

fn contradiction(name: &str, settings: &[(&str, &str)]) -> Contradiction {
    match (entry(name).build)(&chosen(entry(name), settings)) {
        Err(contradiction) => contradiction,
        Ok(_) => panic!("{name} with {settings:?} contradicts itself, and nobody says so"),
    }
}

/// The defaults of an entry, with each word of each choice and each position of each switch, and each of them together with each of another setting.
fn variants(entry: &StrategyEntry) -> Vec<Settings> {
    let defaults = Settings::defaults(entry.settings);
    let choices: Vec<(&str, Vec<&str>)> = entry
        .settings
        .iter()
        .filter_map(|setting| match setting.kind {
            Kind::Choice(words) => Some((setting.name, words.iter().map(|(word, _)| *word).collect())),
            Kind::Switch => Some((setting.name, vec!["true", "false"])),
            _ => None,
        })
        .collect();
    let mut variants = vec![defaults.clone()];
    for (place, (name, words)) in choices.iter().enumerate() {
        for word in words {
            let one = defaults.clone().with(entry.settings, name, word);
            for (other, others) in &choices[place + 1..] {
                variants.extend(others.iter().map(|word| one.clone().with(entry.settings, other, word)));
            }
            variants.push(one);
        }
    }
    variants
}

#[test]
fn every_entry_has_its_own_name_says_what_it_does_and_works_with_its_defaults() {
    for (i, entry) in STRATEGIES.iter().enumerate() {
        assert!(STRATEGIES[..i].iter().all(|other| other.name != entry.name), "{} twice", entry.name);
        assert!(entry.summary.ends_with('.'), "{}", entry.name);
        for setting in entry.settings {
            assert!(setting.summary.ends_with('.'), "{}.{}", entry.name, setting.name);
        }
        assert!((entry.build)(&Settings::defaults(entry.settings)).is_ok(), "{}", entry.name);
    }
}

#[test]
fn every_variant_is_built_or_says_which_setting_to_change_and_names_only_known_anomalies() {
    for entry in STRATEGIES {
        for settings in variants(entry) {
            if let Err(contradiction) = (entry.build)(&settings) {
                assert!(entry.settings.iter().any(|setting| setting.name == contradiction.setting));
                continue;
            }
            for name in (entry.may_show)(&settings) {
                assert!(ANOMALIES.contains(&name), "{}: {name}", entry.name);
            }
        }
    }
}

/// What the truth table rules out for the variants that are meant to be right.
#[test]
fn the_right_variants_may_show_only_what_the_truth_table_grants_them() {
    assert_eq!(may_show("log_cdc", &[]), Vec::<&str>::new());
    assert_eq!(may_show("event_sourcing", &[]), Vec::<&str>::new());
    let releases = [("release_every", "1s"), ("projections_behind", "1s")];
    assert_eq!(may_show("event_sourcing", &releases), Vec::<&str>::new());
    assert_eq!(may_show("batch_full", &[]), ["missed_change"]);
    assert_eq!(
        may_show("batch_incremental", &[("lookback", "5s"), ("deletes", "key_diff"), ("apply", "batch")]),
        ["missed_change"]
    );
    let outbox = may_show("outbox", &[("gaps", "wait"), ("deduplicate", "true"), ("apply", "transaction")]);
    assert_eq!(outbox, ["not_a_prefix", "non_monotonic"]);
    for never in ["stale_overwrite", "resurrected", "phantom"] {
        assert!(!may_show("dual_writes", &[("versioned", "true")]).contains(&never), "{never}");
        assert!(!may_show("cache_aside", &[("leases", "true")]).contains(&never), "{never}");
    }
}

#[test]
fn the_broken_variants_may_show_what_the_truth_table_demands_of_them() {
    let demands: &[(&str, Chosen, &str)] = &[
        ("none", &[], "lost_update"),
        ("batch_full", &[("read", "paged")], "torn_transaction"),
        ("batch_full", &[("read", "per_table")], "not_a_prefix"),
        ("batch_full", &[("load", "in_place")], "torn_transaction"),
        ("batch_incremental", &[], "lost_update"),
        ("batch_incremental", &[], "missed_delete"),
        ("dual_writes", &[], "stale_overwrite"),
        ("dual_writes", &[], "resurrected"),
        ("dual_writes", &[("order", "sink_first")], "early_visibility"),
        ("dual_writes", &[("order", "concurrent")], "phantom"),
        ("cache_aside", &[], "stale_overwrite"),
        ("outbox", &[], "lost_update"),
        ("outbox", &[("gaps", "wait")], "duplicate_effect"),
        ("outbox", &[("gaps", "wait"), ("mark", "before_publish")], "lost_update"),
        ("outbox", &[("gaps", "wait"), ("versioned", "false"), ("relays", "2")], "stale_overwrite"),
        ("trigger_cdc", &[("gaps", "wait")], "lost_update"),
        ("log_cdc", &[("lost_slot", "go_on")], "lost_update"),
        ("log_cdc", &[("truncates", "ignore")], "missed_delete"),
        ("log_cdc", &[("partial_rows", "null")], "lost_update"),
        (
            "log_cdc",
            &[
                ("key_changes", "update"),
                ("partitions", "4"),
                ("apply", "rows"),
                ("position", "checkpoint"),
                ("versioned", "false"),
            ],
            "missed_delete",
        ),
        ("log_cdc", &[("resync", "upsert"), ("apply", "rows"), ("position", "checkpoint")], "missed_delete"),
        ("log_cdc", &[("snapshot", "naive")], "stale_overwrite"),
        ("event_sourcing", &[("expected_version", "false")], "broken_invariant"),
        ("event_sourcing", &[("position", "checkpoint")], "duplicate_effect"),
        ("event_sourcing", &[("release_every", "1s"), ("old_events", "as_is")], "phantom"),
        ("event_sourcing", &[("release_every", "1s"), ("new_events", "skip")], "lost_update"),
        (
            "log_cdc",
            &[("apply", "rows"), ("position", "checkpoint"), ("connections", "10"), ("versioned", "false")],
            "stale_overwrite",
        ),
        ("log_cdc", &[("position", "checkpoint"), ("acknowledge", "before_apply")], "lost_update"),
        ("log_cdc", &[("apply", "rows"), ("position", "checkpoint")], "duplicate_effect"),
    ];
    for (name, settings, anomaly) in demands {
        assert!(may_show(name, settings).contains(anomaly), "{name} {settings:?}: {anomaly}");
    }
}

#[test]
fn contradictions_point_at_the_setting_to_change() {
    assert_eq!(
        contradiction("dual_writes", &[("order", "sink_first"), ("versioned", "true")]).setting,
        "versioned"
    );
    assert_eq!(contradiction("log_cdc", &[("partitions", "4")]).setting, "apply");
    assert_eq!(contradiction("log_cdc", &[("partitions", "4"), ("apply", "rows")]).setting, "position");
    assert_eq!(contradiction("log_cdc", &[("acknowledge", "before_apply")]).setting, "acknowledge");
    assert_eq!(contradiction("log_cdc", &[("resync", "upsert")]).setting, "resync");
    // A consumer whose position outlives the sink never asks whether it was lost; the setting was silently without effect.
    for name in ["log_cdc", "event_sourcing"] {
        assert_eq!(contradiction(name, &[("notes", "true"), ("position", "checkpoint")]).setting, "notes");
    }
    assert_eq!(contradiction("log_cdc", &[("resync", "upsert"), ("apply", "rows")]).setting, "resync");
    assert_eq!(contradiction("log_cdc", &[("connections", "2")]).setting, "connections");
    assert_eq!(contradiction("event_sourcing", &[("release_every", "0")]).setting, "release_every");
    // Where nothing is rolled over nobody meets another form.
    for idle in [("old_events", "as_is"), ("new_events", "skip"), ("projections_behind", "1s")] {
        assert_eq!(contradiction("event_sourcing", &[idle]).setting, idle.0);
    }
    assert_eq!(contradiction("log_cdc", &[("connections", "2"), ("apply", "rows")]).setting, "connections");
    assert_eq!(
        contradiction("outbox", &[("remove", "delete_rows"), ("position", "with_data")]).setting,
        "position"
    );
    assert_eq!(
        contradiction("outbox", &[("remove", "delete_rows"), ("apply", "transaction")]).setting,
        "apply"
    );
    assert_eq!(contradiction("batch_full", &[("every", "0")]).setting, "every");
}
