//! `[matrix]`: what it becomes, and what is said of one that is wrong.

mod support;

use driftlab_model::Datum;
use driftlab_scenario::{Claim, Matrix, Overrides, Problems};
use insta::assert_snapshot;
use std::collections::BTreeSet;
use support::{REGISTRIES, VALID, parse};

/// The valid file with more below it.
fn with_more(more: &str) -> String {
    format!("{VALID}\n{more}")
}

fn matrix(more: &str) -> Result<Matrix, Problems> {
    let overrides = Overrides::default();
    Matrix::parse(&with_more(more), "scenarios/family/story.toml", &overrides, &REGISTRIES)
}

fn message(more: &str) -> String {
    matrix(more).expect_err("this matrix is wrong").to_string()
}

#[test]
fn a_file_without_a_matrix_is_one_scenario() {
    let overrides = Overrides::default();
    let matrix = Matrix::parse(VALID, "scenarios/family/story.toml", &overrides, &REGISTRIES).unwrap();
    assert!(!matrix.is_swept());
    assert_eq!(matrix.single().unwrap(), parse(VALID).unwrap());
}

#[test]
fn every_combination_becomes_a_scenario_the_last_option_varying_fastest() {
    let matrix = matrix(
        r#"
[matrix]
workload.rate = ["100/s", "200/s"]
"strategy.CDC.partitions" = [1, 8, 16]
"#,
    )
    .unwrap();
    let told: Vec<String> = matrix.cells.iter().map(|cell| cell.told(&matrix.axes)).collect();
    assert_eq!(
        told[..2],
        [
            "workload.rate = 100/s, strategy.CDC.partitions = 1",
            "workload.rate = 100/s, strategy.CDC.partitions = 8"
        ]
    );
    assert_eq!(told.len(), 6);
    for (rates, cells) in [100.0, 200.0].iter().zip(matrix.cells.chunks(3)) {
        for (partitions, cell) in [1, 8, 16].iter().zip(cells) {
            assert_eq!(cell.scenario.workload.settings.rate_if_set("rate"), Some(*rates));
            assert_eq!(cell.scenario.strategies[1].settings.count("partitions"), *partitions);
            // What is not swept stays.
            assert_eq!(cell.scenario.workload.settings.count("keys.count"), 1_000);
        }
    }
}

/// Results are kept in folders by digest: two combinations must not overwrite each other's.
#[test]
fn every_combination_has_a_title_and_a_digest_of_its_own() {
    let matrix = matrix("[matrix]\nworkload.clients = [1, 2, 3]").unwrap();
    let of = |tell: fn(&driftlab_scenario::Scenario) -> String| -> BTreeSet<String> {
        matrix.cells.iter().map(|cell| tell(&cell.scenario)).collect()
    };
    assert_eq!(of(|scenario| scenario.digest.clone()).len(), 3);
    assert!(of(|scenario| scenario.title.clone()).contains("Two writers, two orders (workload.clients = 2)"));
}

#[test]
fn nested_options_and_things_by_name_are_reached_however_they_are_written() {
    for more in [
        "[matrix]\nworkload.keys.theta = [0.5]\nstrategy.\"dual writes\".order = [\"database_first\"]\nsink.\"main search\".refresh = [\"2s\"]",
        "[matrix]\n\"workload.keys.theta\" = [0.5]\n\"strategy.dual writes.order\" = [\"database_first\"]\n\"sink.main search.refresh\" = [\"2s\"]",
        "[matrix.workload.keys]\ntheta = [0.5]\n[matrix.strategy.\"dual writes\"]\norder = [\"database_first\"]\n[matrix.sink.\"main search\"]\nrefresh = [\"2s\"]",
    ] {
        let matrix = matrix(more).unwrap_or_else(|why| panic!("{why}"));
        let [cell] = matrix.cells.as_slice() else { panic!("one combination") };
        assert_eq!(cell.scenario.workload.settings.number("keys.theta"), 0.5);
        assert_eq!(cell.scenario.strategies[0].settings.word("order"), "database_first");
        assert_eq!(cell.scenario.sinks[0].settings.span("refresh"), driftlab_model::Span::from_secs(2));
        assert_eq!(matrix.axes.len(), 3);
    }
}

#[test]
fn a_table_changes_several_options_together_and_has_a_label() {
    let matrix = matrix(
        r#"
[[matrix.fault.crash]]
label = "of the consumer, rarely"
target = "consumer"
every = "exp(1min)"

[[matrix.fault.crash]]
label = "as it stands"
"#,
    )
    .unwrap();
    assert_eq!(matrix.axes[0].values, ["of the consumer, rarely", "as it stands"]);
    let target = |cell: usize| matrix.cells[cell].scenario.faults[0].settings.get("target").cloned();
    assert_eq!(target(0), Some(Datum::Text("consumer".to_owned())));
    assert_eq!(target(1), Some(Datum::Text("app".to_owned())));
}

#[test]
fn an_expectation_may_be_meant_for_some_combinations() {
    let matrix = matrix(
        r#"
[matrix]
workload.rate = ["100/s", "200/s", "400/s"]
[[expect]]
strategy = "CDC"
when = { workload.rate = ["100/s", "400/s"] }
shows = ["unbounded_lag"]
"#,
    )
    .unwrap();
    let shows = |cell: usize| {
        let expectations = &matrix.cells[cell].scenario.expectations;
        expectations.iter().any(|one| one.claim == Claim::Shows(driftlab_check::Anomaly::UnboundedLag))
    };
    assert_eq!([shows(0), shows(1), shows(2)], [true, false, true]);
}

/// Mistakes are told once, however many combinations have them, and at the place where they stand.
#[test]
fn wrong_options_and_values() {
    assert_snapshot!(message("[matrix]\nworkload.raet = [\"100/s\", \"200/s\"]"), @r#"
    error: unknown setting `raet`
      --> scenarios/family/story.toml:67:10
       |
    67 | workload.raet = ["100/s", "200/s"]
       |          ^^^^
       |
       = note: the shape `orders` takes `lines`, `clients`, `rate`, `arrivals`, `think`, `keys`, `mix`,
               `transaction`
       = help: did you mean `rate`?
    "#);
    assert_snapshot!(message("[matrix]\nworkload.rate = [\"100/s\", \"200\"]"), @r#"
    error: impossible value for `rate`
      --> scenarios/family/story.toml:67:27
       |
    67 | workload.rate = ["100/s", "200"]
       |                           ^^^^^ expected a rate above zero such as "200/s" (or /min, /h), found `200`
    "#);
    assert_snapshot!(message("[matrix]\nstrategy.CDD.partitions = [1, 2]"), @"
    error: no strategy of this scenario is called `CDD`
      --> scenarios/family/story.toml:67:14
       |
    67 | strategy.CDD.partitions = [1, 2]
       |              ^^^^^^^^^^ expected one of `dual writes`, `CDC`
       |
       = help: did you mean `CDC`?
    ");
    assert_snapshot!(message("[matrix]\nwokload.rate = [\"100/s\"]"), @r#"
    error: `wokload.rate` leads to no option
      --> scenarios/family/story.toml:67:9
       |
    67 | wokload.rate = ["100/s"]
       |         ^^^^
       |
       = note: expected one of `world`, `workload`, `source`, `log`, `checkpoint`, `sink`, `strategy`,
               `fault` as the beginning of its path
       = help: did you mean `workload`?
    "#);
    assert_snapshot!(message("[matrix]\nstrategy.\"dual writes\".versioned = [true, false]"), @r#"
    error: only the database gives versions: write it first
      --> scenarios/family/story.toml:39:9
       |
    39 | order = "sink_first"
       |         ^^^^^^^^^^^^ given here
       |
       = help: in the combination `strategy.dual writes.versioned = true`
    "#);
}

#[test]
fn a_matrix_of_the_wrong_form() {
    assert_snapshot!(message("[matrix]\nworkload.rate = \"100/s\""), @r#"
    error: impossible value for `workload.rate`
      --> scenarios/family/story.toml:67:17
       |
    67 | workload.rate = "100/s"
       |                 ^^^^^^^ expected a list of values, such as ["100/s"], found `100/s`
    "#);
    assert_snapshot!(message("[[matrix]]\nworkload.rate = [\"100/s\"]"), @"
    error: `matrix` is a section
      --> scenarios/family/story.toml:66:3
       |
    66 | [[matrix]]
       |   ^^^^^^ write `[matrix]`, and below it options with lists of values
    ");
    assert_snapshot!(message("[matrix]"), @r#"
    error: this matrix sweeps nothing
      --> scenarios/family/story.toml:66:1
       |
    66 | [matrix]
       | ^^^^^^^^ add an option with its values, such as `workload.rate = ["100/s", "200/s"]`
    "#);
    assert_snapshot!(message("[matrix]\nworkload.rate = []"), @"
    error: `workload.rate` has no values
      --> scenarios/family/story.toml:67:17
       |
    67 | workload.rate = []
       |                 ^^ expected at least one
    ");
    assert_snapshot!(message("[matrix]\nworkload.clients = [1, 2, 1]"), @"
    error: `1` is listed twice
      --> scenarios/family/story.toml:67:27
       |
    67 | workload.clients = [1, 2, 1]
       |                           ^ expected it once: reports could not tell the two apart
    ");
    assert_snapshot!(message("[matrix]\nworld.seed = [1, 2]"), @"
    error: seeds are no option to sweep
      --> scenarios/family/story.toml:67:7
       |
    67 | world.seed = [1, 2]
       |       ^^^^ every combination is run for all seeds: give `seeds` under `[world]`
    ");
}

/// A slip of the finger must not begin a run of years.
#[test]
fn a_matrix_that_is_absurdly_large_is_refused_with_its_size() {
    let values: Vec<String> = (1..=300).map(|n| n.to_string()).collect();
    let values = values.join(", ");
    let more = format!(
        "[matrix]\nworkload.clients = [{values}]\nworkload.keys.count = [{values}]\nstrategy.CDC.partitions = [{values}]"
    );
    assert_snapshot!(message(&more), @"
    error: this matrix has 27000000 combinations
      --> scenarios/family/story.toml:66:1
       |
    66 | [matrix]
       | ^^^^^^^^ expected at most 1000: give fewer values, or write several scenarios
    ");
}

#[test]
fn conditions_that_no_combination_fulfils() {
    let when = |when: &str| {
        message(&format!(
            "[matrix]\nworkload.rate = [\"100/s\", \"200/s\"]\n[[expect]]\nwhen = {when}\nnever = [\"*\"]"
        ))
    };
    assert_snapshot!(when("{ workload.rat = \"100/s\" }"), @r#"
    error: `workload.rat` is no option of the matrix
      --> scenarios/family/story.toml:69:19
       |
    69 | when = { workload.rat = "100/s" }
       |                   ^^^ expected `workload.rate`
       |
       = help: did you mean `workload.rate`?
    "#);
    assert_snapshot!(when("{ workload.rate = \"300/s\" }"), @r#"
    error: the matrix does not have this value of `workload.rate`
      --> scenarios/family/story.toml:69:26
       |
    69 | when = { workload.rate = "300/s" }
       |                          ^^^^^^^ expected one of `100/s`, `200/s`
       |
       = help: did you mean `100/s`?
    "#);
    assert_snapshot!(when("\"100/s\""), @r#"
    error: impossible value for `when`
      --> scenarios/family/story.toml:69:8
       |
    69 | when = "100/s"
       |        ^^^^^^^
       |
       = note: expected options of the matrix with their values, such as { workload.rate = "100/s" },
               found `100/s`
    "#);
}

#[test]
fn where_a_single_scenario_is_wanted_a_matrix_is_refused() {
    let problems = parse(&with_more("[matrix]\nworkload.clients = [1, 2]")).expect_err("this is a matrix");
    assert_snapshot!(problems, @"
    error: this file has a scenario for each of 2 combinations
      --> scenarios/family/story.toml:66:2
       |
    66 | [matrix]
       |  ^^^^^^ `driftlab run` runs them all; where a single scenario is wanted, leave `[matrix]` out
    ");
}
