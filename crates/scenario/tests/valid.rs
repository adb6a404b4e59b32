//! What a right file becomes.
#![allow(clippy::disallowed_methods, reason = "scenarios and profiles are files")]

mod support;

use driftlab_check::Anomaly;
use driftlab_model::{Datum, Latency, Span};
use driftlab_scenario::{Claim, Colour, Comparison, LoadError, Measure, Overrides, Registries, Scenario};
use std::path::{Path, PathBuf};
use support::{VALID, parse, parse_with, with};

#[test]
fn a_valid_file_becomes_a_scenario_with_every_default_filled_in() {
    let scenario = parse(VALID).unwrap();
    assert_eq!(scenario.name, "family/story");
    assert_eq!(scenario.file, "scenarios/family/story.toml");
    assert_eq!(scenario.title, "Two writers, two orders");
    assert_eq!(scenario.links, ["https://example.org/incident"]);
    assert_eq!(scenario.world.word("kind"), "virtual");
    assert_eq!((scenario.world.count("seed"), scenario.world.count("seeds")), (7, 3));
    assert_eq!(scenario.world.span("duration"), Span::from_secs(30));
    assert_eq!(scenario.world.span_if_set("settle"), None);

    let workload = &scenario.workload;
    assert_eq!((workload.shape, &workload.database), ("orders", &None));
    assert_eq!(workload.settings.count("keys.count"), 1_000);
    assert_eq!(workload.settings.rate_if_set("rate"), Some(200.0));
    assert_eq!(workload.settings.number("mix.update"), 7.0);
    assert_eq!(workload.settings.number("mix.delete"), 1.0);
    assert_eq!(workload.settings.range("lines"), (1, 5));

    let source = &scenario.source;
    assert_eq!((source.word("isolation"), source.word("stamps")), ("snapshot", "database"));
    assert_eq!((source.count_if_set("retain"), source.count("servers")), (Some(4096), 64));

    let [search, cache] = scenario.sinks.as_slice() else { panic!("two sinks") };
    assert_eq!((search.name.as_str(), search.kind), ("main search", "search"));
    assert_eq!(search.settings.span("refresh"), Span::from_millis(500));
    assert_eq!(search.settings.count("servers"), 16);
    assert_eq!((cache.name.as_str(), cache.kind), ("cache", "cache"));
    assert_eq!(cache.settings.latency("latency"), Latency::Constant(Span::from_micros(200)));
    assert_eq!(cache.settings.span_if_set("ttl"), None);

    let names: Vec<&str> = scenario.strategies.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!(names, ["dual writes", "CDC"]);
    assert_eq!(scenario.strategies[0].settings.word("order"), "sink_first");
    let names: Vec<&str> = scenario.faults.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!(names, ["crash", "crash 2"]);
}

#[test]
fn each_key_of_an_expectation_becomes_one_of_its_own_at_its_line() {
    let scenario = parse(VALID).unwrap();
    let line_of = |text: &str| VALID.lines().position(|line| line.starts_with(text)).unwrap() + 1;
    let claims: Vec<_> = scenario
        .expectations
        .iter()
        .map(|expected| {
            (expected.line, expected.strategy.as_deref(), expected.sink.as_deref(), expected.claim.clone())
        })
        .collect();
    let bound = Claim::Bound {
        measure: Measure::FreshnessP99,
        comparison: Comparison::AtMost,
        bound: Span::from_millis(250),
    };
    let (dual, sink, cdc) = (Some("dual writes"), Some("main search"), Some("CDC"));
    assert_eq!(
        claims,
        [
            (line_of("shows"), dual, sink, Claim::Shows(Anomaly::StaleOverwrite)),
            (line_of("shows"), dual, sink, Claim::Shows(Anomaly::LostUpdate)),
            (line_of("never"), cdc, None, Claim::NeverAny),
            (line_of("converges"), cdc, None, Claim::Converges(true)),
            (line_of("freshness"), cdc, None, bound),
        ]
    );
}

#[test]
fn the_command_line_overrides_the_file() {
    let overrides = Overrides {
        seed: Some(99),
        seeds: Some(5),
        strategies: vec!["CDC".to_owned()],
        world: Some("virtual".to_owned()),
        database: None,
        profile: None,
        duration: Some(Span::from_secs(2)),
    };
    // The world that the command line asks for counts, not the one in the file that this version cannot run.
    let scenario = parse_with(&with("kind = \"virtual\"", "kind = \"embedded\""), &overrides).unwrap();
    assert_eq!(scenario.world.get("seed"), Some(&Datum::Count(99)));
    assert_eq!(scenario.world.get("seeds"), Some(&Datum::Count(5)));
    assert_eq!(scenario.world.span("duration"), Span::from_secs(2));
    assert_eq!(scenario.strategies.len(), 1);
    assert!(scenario.expectations.iter().all(|expected| expected.strategy.as_deref() == Some("CDC")));
}

#[test]
fn a_digest_changes_with_the_text_and_with_each_override() {
    let digest = |text: &str, overrides: Overrides| parse_with(text, &overrides).unwrap().digest;
    let plain = digest(VALID, Overrides::default());
    assert_eq!(plain.len(), 32);
    assert_eq!(plain, digest(VALID, Overrides::default()));
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let others = [
        digest(&with("seed = 7", "seed = 8"), Overrides::default()),
        digest(VALID, Overrides { seed: Some(8), ..Overrides::default() }),
        digest(VALID, Overrides { seeds: Some(8), ..Overrides::default() }),
        digest(VALID, Overrides { duration: Some(Span::from_secs(8)), ..Overrides::default() }),
        digest(VALID, Overrides { strategies: names(&["CDC"]), ..Overrides::default() }),
        digest(VALID, Overrides { world: Some("virtual".to_owned()), ..Overrides::default() }),
    ];
    let distinct: std::collections::BTreeSet<&String> = others.iter().chain([&plain]).collect();
    assert_eq!(distinct.len(), others.len() + 1);
    let either_order = ["CDC", "dual writes"];
    let swapped = ["dual writes", "CDC"];
    assert_eq!(
        digest(VALID, Overrides { strategies: names(&either_order), ..Overrides::default() }),
        digest(VALID, Overrides { strategies: names(&swapped), ..Overrides::default() })
    );
}

#[test]
fn a_database_is_looked_for_beside_the_scenario_or_where_the_command_line_says() {
    let text = with("shape = \"orders\"", "shape = \"database\"\ndatabase = \"data/chinook.sqlite\"");
    let beside = parse(&text).unwrap().workload.database;
    assert_eq!(beside, Some(PathBuf::from("scenarios/family/data/chinook.sqlite")));
    let overrides = Overrides { database: Some(PathBuf::from("mine.sqlite")), ..Overrides::default() };
    for text in [text, with("shape = \"orders\"", "shape = \"database\"")] {
        let said = parse_with(&text, &overrides).unwrap().workload.database;
        assert_eq!(said, Some(PathBuf::from("mine.sqlite")));
    }
}

#[test]
fn sections_with_defaults_may_be_left_out() {
    let text = "title = \"Least\"
workload = { shape = \"orders\" }
sink = [{ kind = \"cache\" }]
strategy = [{ kind = \"log_cdc\" }]
";
    let scenario = parse(text).unwrap();
    assert_eq!(scenario.world.span("duration"), Span::from_secs(60));
    assert_eq!(scenario.strategies[0].name, "log_cdc");
    assert!(scenario.story.is_empty() && scenario.expectations.is_empty());
}

#[test]
fn nameless_faults_of_a_kind_are_numbered_around_the_names_that_are_given() {
    let more = "[[fault]]\nkind = \"crash\"\n\n[[fault]]\nname = \"crash 2\"\nkind = \"crash\"\n\n[[expect]]";
    let scenario = parse(&with("[[expect]]", more)).unwrap();
    let names: Vec<&str> = scenario.faults.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!(names, ["crash", "crash 3", "crash 4", "crash 2"]);
}

/// The command's exit status depends on it: a file that is missing is no mistake in a scenario.
#[test]
fn a_missing_file_is_unreadable_and_a_wrong_one_invalid() {
    let missing = Scenario::load(Path::new("scenarios/no such file.toml"), &Overrides::default());
    let Err(error @ LoadError::Unreadable { .. }) = missing else { panic!("{missing:?}") };
    assert!(error.to_string().starts_with("cannot read the scenario scenarios/no such file.toml: "));

    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let Err(LoadError::Invalid(problems)) = Scenario::load(&manifest, &Overrides::default()) else {
        panic!("a manifest is no scenario")
    };
    assert!(problems.to_string().contains("unknown section or key `package`"));
    assert!(
        problems.render(Colour::On).contains("\u{1b}[") && !problems.render(Colour::Off).contains('\u{1b}')
    );
}

#[test]
#[allow(clippy::disallowed_methods, reason = "loading reads a file, so there must be one")]
fn a_file_that_is_not_text_is_refused_at_its_first_wrong_byte() {
    let folder = std::env::temp_dir().join(format!("driftlab-scenario-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("bytes.toml");
    std::fs::write(&path, b"title = \"\xff\xfe\"\n").unwrap();
    let loaded = Scenario::load(&path, &Overrides::default());
    std::fs::remove_dir_all(&folder).unwrap();
    let Err(LoadError::Invalid(problems)) = loaded else { panic!("{loaded:?}") };
    let position = problems.all()[0].position.unwrap();
    assert_eq!((position.line, position.column), (1, 10));
}

/// A profile is worth nothing where the latencies that a scenario declares hide it, and a result that does not depend on it would pass for another's.
#[test]
fn a_profile_takes_the_place_of_declared_times() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = |name: &str| {
        let text = format!(
            "title = \"t\"\n[world]\nprofile = \"{name}\"\n[source]\nlatency = \"9s\"\n[workload]\nshape = \"kv\"\n[[sink]]\nkind = \"cache\"\n[[strategy]]\nkind = \"none\"\n"
        );
        let file = folder.path().join("s.toml");
        Scenario::parse(&text, file.to_str().unwrap(), &Overrides::default(), &Registries::standard())
    };
    let absent = scenario("here.toml").unwrap_err();
    assert_eq!(absent.all()[0].position.map(|at| (at.line, at.column)), Some((3, 11)));

    let profile = |source: &str| {
        std::fs::write(
            folder.path().join("here.toml"),
            format!("[latency]\nsource = \"{source}\"\ncache = \"7us\"\n"),
        )
        .unwrap();
        scenario("here.toml").unwrap()
    };
    let (slow, fast) = (profile("3ms"), profile("80us"));
    assert_eq!(fast.source.latency("latency"), Latency::Constant(Span::from_micros(80)));
    assert_eq!(fast.sinks[0].settings.latency("latency"), Latency::Constant(Span::from_micros(7)));
    assert_eq!(fast.log.latency("latency"), Latency::Constant(Span::from_micros(500)));
    assert_ne!(slow.digest, fast.digest);
}
