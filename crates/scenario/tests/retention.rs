//! What a scenario says of how much the log keeps.

use driftlab_model::{Retention, Span};
use driftlab_scenario::{Overrides, Registries, Scenario};
use insta::assert_snapshot;

/// A scenario with more at its end, read with the kinds of this version.
fn parse(more: &str) -> Result<Scenario, String> {
    let text = format!(
        "title = \"t\"\n[workload]\nshape = \"kv\"\n[[sink]]\nkind = \"search\"\n[[strategy]]\nkind = \"log_cdc\"\n{more}"
    );
    let read = Scenario::parse(&text, "case.toml", &Overrides::default(), &Registries::standard());
    read.map_err(|problems| problems.to_string())
}

fn log(more: &str) -> Retention {
    Retention::from_settings(&parse(more).unwrap().log)
}

#[test]
fn a_log_keeps_everything_unless_the_scenario_says_what() {
    assert!(log("").keeps_everything());
    let young = Retention { age_max: Some(Span::from_millis(250)), records_max: None };
    assert_eq!(log("[log]\nretain = \"250ms\""), young);
    assert_eq!(
        log("[log]\nretain = \"250ms\"\nretain_records = 7"),
        Retention { records_max: Some(7), ..young }
    );
}

#[test]
fn a_log_that_keeps_no_record_is_refused() {
    assert_snapshot!(parse("[log]\nretain_records = 0").unwrap_err(), @r"
    error: impossible value for `retain_records`
     --> case.toml:9:18
      |
    9 | retain_records = 0
      |                  ^ expected a whole number, 1 or more, found `0`
    ");
}

#[test]
fn only_the_log_can_be_shortened() {
    parse("[[fault]]\nkind = \"retention\"\nat = \"1s\"").unwrap();
    parse("[[fault]]\nkind = \"retention\"\ntarget = \"log\"\nretain_records = 1").unwrap();
    assert_snapshot!(parse("[[fault]]\nkind = \"retention\"\ntarget = \"search\"").unwrap_err(), @r#"
    error: only the log between capture and sinks has a retention that can be shortened: leave `target` out
      --> case.toml:10:10
       |
    10 | target = "search"
       |          ^^^^^^^^ given here
    "#);
}
