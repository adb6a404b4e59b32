//! The project's own scenarios in the embedded world: real stores, real time, the same judge.

#![allow(clippy::disallowed_methods, reason = "a test that reads scenario files")]

use driftlab_lab::{
    Experiment, Quiet, Reproducible, RunError, RunOptions, StrategyResult, WORLDS, WorldEntry, calibrate,
    predicting, run,
};
use driftlab_model::{Latency, RequestKind, Span};
use driftlab_scenario::{Colour, Overrides, Registries, Scenario};
use std::collections::BTreeSet;
use std::path::Path;

fn embedded(file: &str, duration: Span, strategies: &[&str]) -> Experiment {
    let overrides = Overrides {
        world: Some("embedded".to_owned()),
        seeds: Some(1),
        duration: Some(duration),
        strategies: strategies.iter().map(|&name| name.to_owned()).collect(),
        ..Overrides::default()
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(file);
    let scenario = Scenario::load(&path, &overrides).unwrap_or_else(|error| panic!("{error}"));
    run(&scenario, &RunOptions { jobs: 2 }, &Quiet).unwrap_or_else(|error| panic!("{error}"))
}

/// Every copy that the strategy serves equals the source at the end, and nothing stayed wrong.
fn assert_right(strategy: &StrategyResult) {
    let judgement = &strategy.runs[0].judgement;
    assert!(judgement.quiescent, "{} never came to rest", strategy.name);
    assert!(judgement.evidence.commits > 0, "{}: {:?}", strategy.name, judgement.evidence);
    for sink in judgement.sinks.iter().filter(|sink| sink.served) {
        assert_eq!((sink.divergent_at_end, sink.never_shown), (0, 0), "{} in {}", strategy.name, sink.name);
        let stayed: Vec<_> = sink.seen().filter(|(_, tally)| tally.permanent > 0).collect();
        assert!(stayed.is_empty(), "{} in {}: {stayed:?}", strategy.name, sink.name);
        assert!(sink.freshness.count() > 0, "{} in {}", strategy.name, sink.name);
    }
}

#[test]
fn the_quickstart_with_a_log_converges_and_without_anything_drifts() {
    let experiment = embedded("quickstart.toml", Span::from_secs(3), &["none", "log CDC"]);
    assert_right(&experiment.strategies[1]);
    for judged in &experiment.expectations {
        assert_eq!(judged.verdict, driftlab_lab::Verdict::Pass, "{}", judged.reason);
    }
    let run = &experiment.strategies[0].runs[0];
    assert!(run.judgement.quiescent);
    for sink in &run.judgement.sinks {
        assert!(sink.divergent_at_end > 5, "{} differs in {} keys", sink.name, sink.divergent_at_end);
    }
    assert_eq!(run.steps, 0);
    assert_ne!(run.trace, 0);
}

#[test]
fn what_is_fixed_in_the_virtual_world_is_fixed_on_real_stores() {
    for file in [
        "dual-write/crash-between/fixed.toml",
        "dual-write/two-writers/fixed.toml",
        "cdc/primary-key-change/fixed.toml",
        "cdc/truncate-vanishes/fixed.toml",
    ] {
        let experiment = embedded(file, Span::from_secs(3), &[]);
        assert_right(&experiment.strategies[0]);
        for judged in &experiment.expectations {
            assert_eq!(judged.verdict, driftlab_lab::Verdict::Pass, "{file}: {}", judged.reason);
        }
    }
}

/// Streams of events in SQLite's file, projections out of a log of segment files: with expected versions no seat is sold twice, and a projection that dies has counted nothing twice.
#[test]
fn event_sourcing_holds_on_real_stores_what_it_promises() {
    for file in ["event-sourcing/double-booking/fixed.toml", "event-sourcing/checkpoint-split/fixed.toml"] {
        let experiment = embedded(file, Span::from_millis(2_500), &[]);
        let strategy = &experiment.strategies[0];
        let judgement = &strategy.runs[0].judgement;
        assert!(judgement.quiescent && judgement.evidence.commits > 100, "{file}: {:?}", judgement.evidence);
        for judged in &experiment.expectations {
            assert_eq!(judged.verdict, driftlab_lab::Verdict::Pass, "{file}: {}", judged.reason);
        }
    }
}

/// Three releases write into SQLite's file while the index and the warehouse are copied, an index is lost, and a book of payments is set up when all three are over: the same code reads the same forms.
#[test]
fn events_in_three_forms_are_read_as_one_history_on_real_stores() {
    let run = |options: &str| {
        let text = format!(
            "title = \"t\"\n[world]\nkind = \"embedded\"\nduration = \"2500ms\"\n[workload]\nshape = \"seats\"\nclients = 4\nthink = \"exp(5ms)\"\n\
             keys = {{ count = 400 }}\nmix = {{ insert = 3, update = 2, delete = 2, read = 0 }}\n\
             [[sink]]\nkind = \"search\"\nrefresh = \"50ms\"\n[[sink]]\nname = \"payments\"\nkind = \"warehouse\"\njoins = \"2s\"\n\
             [[strategy]]\nkind = \"event_sourcing\"\nrebuild = \"log\"\nrelease_every = \"600ms\"\n{options}\n\
             [[fault]]\nkind = \"wipe\"\ntarget = \"search\"\nat = \"1500ms\"\n"
        );
        run(&scenario(&text), &RunOptions { jobs: 1 }, &Quiet).unwrap_or_else(|e| panic!("{e}"))
    };
    let shown = |experiment: &Experiment, anomaly: &str| -> u64 {
        let judgement = &experiment.strategies[0].runs[0].judgement;
        assert!(judgement.quiescent && judgement.evidence.commits > 100, "{:?}", judgement.evidence);
        let sinks = judgement.sinks.iter().flat_map(|sink| sink.seen());
        sinks.filter(|(found, _)| found.name() == anomaly).map(|(_, tally)| tally.permanent).sum()
    };
    let upcast = run("projections_behind = \"200ms\"");
    for sink in &upcast.strategies[0].runs[0].judgement.sinks {
        assert_eq!((sink.divergent_at_end, sink.never_shown), (0, 0), "{}", sink.name);
    }
    for anomaly in ["lost_update", "phantom", "broken_invariant"] {
        assert_eq!(shown(&upcast, anomaly), 0, "{anomaly}");
    }
    let as_is = run("old_events = \"as_is\"");
    assert!(shown(&as_is, "phantom") > 0 && shown(&as_is, "lost_update") > 0);
}

/// An index whose disk is gone, a warehouse whose files are: each is made anew, out of the log or out of the database.
#[test]
fn a_real_store_that_has_lost_everything_is_made_anew() {
    for rebuild in ["log", "source"] {
        let text = format!(
            "title = \"t\"\n[world]\nkind = \"embedded\"\nduration = \"2s\"\n[workload]\nshape = \"seats\"\nclients = 4\nthink = \"exp(5ms)\"\n\
             keys = {{ count = 40 }}\nmix = {{ insert = 3, update = 2, delete = 2, read = 0 }}\n\
             [[sink]]\nkind = \"search\"\nrefresh = \"50ms\"\n[[sink]]\nkind = \"warehouse\"\n\
             [[strategy]]\nkind = \"event_sourcing\"\nrebuild = \"{rebuild}\"\n[[fault]]\nkind = \"wipe\"\nat = \"1s\"\n"
        );
        let experiment =
            run(&scenario(&text), &RunOptions { jobs: 1 }, &Quiet).unwrap_or_else(|e| panic!("{e}"));
        let judgement = &experiment.strategies[0].runs[0].judgement;
        assert!(judgement.quiescent && judgement.evidence.commits > 100, "{:?}", judgement.evidence);
        for sink in &judgement.sinks {
            assert_eq!(sink.divergent_at_end, 0, "{}, out of the {rebuild}", sink.name);
            let [recovery] = sink.recoveries[..] else { panic!("{} was struck once", sink.name) };
            assert!(recovery.took.is_some(), "{}, out of the {rebuild}: {recovery:?}", sink.name);
            // It was empty: hundreds of rows were missing at once.
            assert!(sink.divergent.max > 40.0, "{}, out of the {rebuild}: {:?}", sink.name, sink.divergent);
        }
    }
}

/// A process that dies between its two writes loses the second in every world.
#[test]
fn what_is_broken_in_the_virtual_world_is_never_said_to_be_ruled_out_on_real_stores() {
    let experiment = embedded("dual-write/crash-between/broken.toml", Span::from_millis(500), &[]);
    for judged in &experiment.expectations {
        assert_ne!(judged.verdict, driftlab_lab::Verdict::Fail, "{}", judged.reason);
    }
}

const TEXT: &str = r#"title = "t"

[world]
kind = "embedded"
duration = "300ms"

[workload]
shape = "kv"

[source]
latency = "3ms"

[[sink]]
kind = "search"
bulk_failures = 0.1

[[strategy]]
kind = "none"
"#;

fn scenario(text: &str) -> Scenario {
    Scenario::parse(text, "t.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{}", problems.render(Colour::Off)))
}

#[test]
fn what_only_a_simulated_store_can_do_is_refused_with_its_line() {
    let error = run(&scenario(TEXT), &RunOptions { jobs: 1 }, &Quiet).expect_err("bulk_failures is refused");
    assert_eq!(error.exit_code(), 64);
    let RunError::Refused(problems) = error else { panic!("{error}") };
    assert_eq!(problems.all()[0].position.map(|at| at.line), Some(15));
    assert!(problems.render(Colour::Off).contains("bulk"), "{problems:?}");
}

/// Whoever asks what a consumer does when its records are gone must not be shown one whose records are all there.
#[test]
fn a_log_that_is_to_forget_is_refused_wherever_that_is_said() {
    let base = TEXT.replace("bulk_failures = 0.1\n", "");
    for more in [
        "[log]\nretain = \"1s\"",
        "[log]\nretain_records = 5",
        "[[fault]]\nkind = \"retention\"\nat = \"1s\"",
    ] {
        let text = format!("{base}\n{more}\n");
        let error = WorldEntry::admit(&scenario(&text)).expect_err(more);
        let RunError::Refused(problems) = error else { panic!("{error}") };
        assert_eq!(problems.all()[0].position.map(|at| at.line), Some(20), "{more}");
    }
    assert!(WorldEntry::admit(&scenario(&base)).is_ok());
}

/// SQLite's log tells rows, whole: an option that gets wrong what other logs tell would look harmless here.
#[test]
fn what_other_logs_tell_otherwise_is_refused_wherever_it_is_asked_for() {
    let base = TEXT.replace("bulk_failures = 0.1\n", "");
    for more in ["toast = 100", "neighbours = 5"] {
        let text = base.replace("latency = \"3ms\"", more);
        let error = WorldEntry::admit(&scenario(&text)).expect_err(more);
        let RunError::Refused(problems) = error else { panic!("{error}") };
        let line = text.lines().position(|line| line == more).map(|place| place + 1);
        assert_eq!(problems.all()[0].position.map(|at| at.line), line, "{more}");
    }
    for (naive, knowing) in [
        ("truncates = \"ignore\"", "truncates = \"apply\""),
        ("key_changes = \"update\"", "key_changes = \"delete_and_insert\""),
        ("partial_rows = \"null\"", "partial_rows = \"merge\""),
    ] {
        let with = |option: &str| base.replace("kind = \"none\"", &format!("kind = \"log_cdc\"\n{option}"));
        let error = WorldEntry::admit(&scenario(&with(naive))).expect_err(naive);
        assert!(error.to_string().contains("whole and under its own key"), "{error}");
        assert!(WorldEntry::admit(&scenario(&with(knowing))).is_ok(), "{knowing}");
    }
}

/// That one run in real time did not show it does not say that the next one will not.
#[test]
fn what_was_expected_and_not_seen_on_real_stores_is_unknown() {
    let text = TEXT.replace("bulk_failures = 0.1\n", "").replace("kind = \"none\"", "kind = \"log_cdc\"");
    let text = format!("{text}[[expect]]\nshows = [\"phantom\"]\nconverges = false\n");
    let experiment = run(&scenario(&text), &RunOptions { jobs: 1 }, &Quiet).unwrap_or_else(|e| panic!("{e}"));
    let reasons = ["another run of the same seed may show it", "every copy equalled the source"];
    assert_eq!(experiment.expectations.len(), reasons.len());
    for (judged, reason) in experiment.expectations.iter().zip(reasons) {
        assert_eq!(judged.verdict, driftlab_lab::Verdict::Unknown, "{}", judged.reason);
        assert!(judged.reason.contains(reason), "{}", judged.reason);
    }
}

#[test]
fn declared_times_are_said_to_be_left_aside() {
    let scenario = scenario(TEXT);
    let world = WorldEntry::of(&scenario);
    assert_eq!(world.reproducible, Reproducible::Statistically);
    let notes = world.notes(&scenario).join("\n");
    assert!(notes.contains("the source are not simulated") && !notes.contains("search"), "{notes}");
}

/// Who declares sixteen servers must not take the queue before one for the store's own slowness.
#[test]
fn declared_servers_are_said_to_be_left_aside_where_there_is_one_thread() {
    let text = TEXT.replace("bulk_failures = 0.1\n", "");
    let notes = |text: &str| {
        let scenario = scenario(text);
        WorldEntry::of(&scenario).notes(&scenario).join("\n")
    };
    assert!(!notes(&text).contains("`servers`"));
    let told = notes(&text.replace("kind = \"search\"", "kind = \"search\"\nservers = 4"));
    assert!(told.contains("`servers` that the scenario declares for search are not heeded"), "{told}");
    // The source has a connection for each of its servers.
    assert!(!notes(&text.replace("latency = \"3ms\"", "servers = 4")).contains("`servers`"));
}

#[test]
fn every_world_has_a_name_of_its_own_and_can_be_named_by_a_scenario() {
    let names: BTreeSet<&str> = WORLDS.iter().map(|world| world.name).collect();
    assert_eq!(names.len(), WORLDS.len());
    for world in WORLDS {
        let text = TEXT.replace("embedded", world.name).replace("bulk_failures = 0.1\n", "");
        assert_eq!(WorldEntry::of(&scenario(&text)).name, world.name);
    }
}

#[test]
fn every_store_of_this_machine_gets_a_latency_and_a_scenario_can_take_it() {
    let calibration = calibrate(Span::from_secs(1), &|| false).unwrap_or_else(|error| panic!("{error}"));
    let profile = calibration.profile();
    let nodes: Vec<&str> = profile.latencies.keys().map(String::as_str).collect();
    assert_eq!(nodes, ["cache", "checkpoint", "log", "search", "source", "warehouse"]);
    let times = profile.times.as_ref().expect("what was measured is in the profile");
    assert_eq!(times.nodes.keys().map(String::as_str).collect::<Vec<_>>(), nodes);
    assert!(times.sleep.is_some() && times.notice.is_some() && times.capture.is_some());
    let is_measured = |node: &str, kind| times.nodes[node].contains_key(&kind);
    for kind in [RequestKind::Put, RequestKind::Apply, RequestKind::Stage, RequestKind::Publish] {
        assert!(["cache", "search", "warehouse"].iter().all(|sink| is_measured(sink, kind)), "{kind:?}");
    }
    assert!(is_measured("cache", RequestKind::Invalidate) && is_measured("search", RequestKind::Refresh));
    for node in &calibration.nodes() {
        assert!(node.requests > 0 && !node.median.is_zero() && node.median <= node.p99, "{node:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("here.toml"), profile.render(&[])).unwrap();
    let text =
        TEXT.replace("kind = \"embedded\"", "profile = \"here.toml\"").replace("bulk_failures = 0.1", "");
    let file = folder.path().join("t.toml");
    let scenario =
        Scenario::parse(&text, file.to_str().unwrap(), &Overrides::default(), &Registries::standard());
    let scenario = scenario.unwrap_or_else(|problems| panic!("{}", problems.render(Colour::Off)));
    assert_ne!(scenario.source.latency("latency"), Latency::Constant(Span::from_millis(3)));
}

#[test]
fn a_real_run_of_a_scenario_with_a_profile_has_a_virtual_twin() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("here.toml"), "[latency]\nsource = \"1ms\"\n").unwrap();
    let text = TEXT.replace("kind = \"embedded\"", "kind = \"embedded\"\nprofile = \"here.toml\"");
    let file = folder.path().join("t.toml");
    let real = Scenario::parse(&text, file.to_str().unwrap(), &Overrides::default(), &Registries::standard())
        .unwrap();
    let twin = predicting(&real).expect("the scenario names a profile");
    assert_eq!(WorldEntry::of(&twin).name, "virtual");
    assert_eq!(twin.source.latency("latency"), Latency::Constant(Span::from_millis(1)));
    assert!(predicting(&twin).is_none() && predicting(&scenario(TEXT)).is_none());
}
