//! The schema that is committed is that of this version; every scenario fits it, and what is wrong does not.
//!
//! The validator is not ours, so the schema means to others what it means to us.
#![allow(clippy::disallowed_methods, reason = "these tests read the scenario files")]

mod files;

use driftlab_scenario::{Registries, scenario_schema};
use jsonschema::Validator;
use serde_json::Value;

const COMMITTED: &str = "scenario.schema.json";

fn validator() -> Validator {
    jsonschema::draft202012::new(&scenario_schema(&Registries::standard())).expect("a schema is a schema")
}

fn json(text: &str) -> Value {
    let table: toml::Table = text.parse().unwrap_or_else(|why| panic!("{why}\n{text}"));
    serde_json::to_value(table).expect("TOML without dates is JSON")
}

#[test]
fn the_committed_schema_is_of_this_version() {
    let committed = std::fs::read_to_string(files::folder().join(COMMITTED)).expect("the committed schema");
    let current = format!("{:#}\n", scenario_schema(&Registries::standard()));
    assert!(committed == current, "driftlab schema > scenarios/{COMMITTED}");
}

#[test]
fn every_scenario_fits_the_schema_and_names_it_in_its_first_line() {
    let validator = validator();
    let files = files::scenarios();
    assert!(files.len() > 30);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a scenario can be read");
        let errors: Vec<String> =
            validator.iter_errors(&json(&text)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
        let named = text.lines().next().and_then(|line| line.strip_prefix("#:schema "));
        let named = named.unwrap_or_else(|| panic!("{} names no schema", file.display()));
        let path = file.parent().expect("a file lies in a folder").join(named);
        assert_eq!(path.canonicalize().ok(), Some(files::folder().join(COMMITTED)), "{}", file.display());
    }
}

/// What is left to a default is explained by it: an editor that shows another default than the one that holds misleads.
#[test]
fn every_default_in_the_schema_is_one_that_its_place_takes() {
    fn check(schema: &Value, root: &Value, path: &str, checked: &mut usize) {
        match schema {
            Value::Object(fields) => {
                if let (Some(default), true) = (fields.get("default"), fields.contains_key("description")) {
                    let mut own = schema.clone();
                    own["$defs"] = root["$defs"].clone();
                    assert!(jsonschema::is_valid(&own, default), "{path}: {default}");
                    *checked += 1;
                }
                fields
                    .iter()
                    .for_each(|(name, below)| check(below, root, &format!("{path}/{name}"), checked));
            }
            Value::Array(items) => items.iter().for_each(|below| check(below, root, path, checked)),
            _ => {}
        }
    }
    let schema = scenario_schema(&Registries::standard());
    let mut checked = 0;
    check(&schema, &schema, "", &mut checked);
    assert!(checked > 100, "{checked}");
}

/// A scenario that is right, into which mistakes are put.
const RIGHT: &str = r#"
title = "right"
[world]
seeds = 2
[workload]
shape = "kv"
rate = "10/s"
keys = { count = 10 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "dual_writes"
order = "sink_first"
[[fault]]
kind = "crash"
every = "poisson(2s)"
[matrix]
workload.keys.count = [1, 10]
[[expect]]
shows = ["phantom"]
freshness_p99 = "<= 10ms"
"#;

/// An editor that accepts what driftlab refuses is worse than none.
#[test]
fn what_is_wrong_does_not_fit() {
    let validator = validator();
    let errors: Vec<String> = validator.iter_errors(&json(RIGHT)).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for (right, wrong) in [
        ("title = \"right\"", ""),
        ("title = \"right\"", "title = 7"),
        ("[world]", "[wolrd]"),
        ("seeds = 2", "seeds = 0"),
        ("seeds = 2", "sedes = 2"),
        ("shape = \"kv\"", "shape = \"kw\""),
        ("rate = \"10/s\"", "rate = \"10\""),
        ("keys = { count = 10 }", "keys = { cuont = 10 }"),
        ("refresh = \"0\"", "refresh = \"soon\""),
        ("[[sink]]\nkind = \"search\"\nrefresh = \"0\"", ""),
        ("kind = \"search\"", "kind = \"serach\""),
        ("kind = \"search\"", "kind = \"cache\""),
        ("order = \"sink_first\"", "order = \"first\""),
        ("order = \"sink_first\"", "partitions = 4"),
        ("every = \"poisson(2s)\"", "every = \"poisson 2s\""),
        ("workload.keys.count = [1, 10]", "workload.keys.count = 10"),
        ("workload.keys.count = [1, 10]", "workloda.keys.count = [10]"),
        ("shows = [\"phantom\"]", "shows = [\"fantom\"]"),
        ("shows = [\"phantom\"]", "shows = [\"*\"]"),
        ("freshness_p99 = \"<= 10ms\"", "freshness_p99 = \"10ms\""),
    ] {
        assert!(RIGHT.contains(right), "{right}");
        let text = RIGHT.replacen(right, wrong, 1);
        assert!(!validator.is_valid(&json(&text)), "the schema takes `{wrong}` for `{right}`");
    }
}
