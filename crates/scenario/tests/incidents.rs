//! The incidents under `scenarios/`: folders with a `broken.toml` and a `fixed.toml`, one option apart.
#![allow(clippy::disallowed_methods, reason = "these tests read the scenario files")]

mod files;

use driftlab_scenario::{Claim, Overrides, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What may differ between two files of an incident beside the option: words, and what is expected.
const WORDS: [&str; 3] = ["title", "story", "expect"];

/// The options of a file, by dotted path: `strategy.0.lookback`.
fn options(file: &Path) -> BTreeMap<String, String> {
    fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::Table(table) => table.iter().for_each(|(key, value)| flatten(&below(key), value, into)),
            Value::Array(items) if items.iter().all(Value::is_table) => {
                (0..).zip(items).for_each(|(n, item): (u32, _)| flatten(&below(&n.to_string()), item, into));
            }
            other => {
                into.insert(path.to_owned(), other.to_string());
            }
        }
    }
    let text = std::fs::read_to_string(file).expect("a scenario file can be read");
    let mut table: Table = text.parse().unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    WORDS.iter().for_each(|key| drop(table.remove(*key)));
    let mut options = BTreeMap::new();
    flatten("", &Value::Table(table), &mut options);
    options
}

/// The paths of options that are not the same in both files.
fn differences(one: &Path, other: &Path) -> BTreeSet<String> {
    let (one, other) = (options(one), options(other));
    let paths = one.keys().chain(other.keys());
    paths.filter(|path| one.get(*path) != other.get(*path)).cloned().collect()
}

/// The incidents: folders with a `fixed.toml`, each with its files that are broken, `broken.toml` first.
fn incidents() -> Vec<(PathBuf, Vec<PathBuf>)> {
    let all = files::scenarios();
    let fixed = all.iter().filter(|file| file.ends_with("fixed.toml"));
    fixed
        .map(|fixed| {
            let folder = fixed.parent().expect("a file lies in a folder").to_owned();
            let mut broken: Vec<PathBuf> =
                all.iter().filter(|file| file.parent() == Some(&folder) && *file != fixed).cloned().collect();
            broken.sort_by_key(|file| !file.ends_with("broken.toml"));
            (folder, broken)
        })
        .collect()
}

fn load(file: &Path) -> Scenario {
    Scenario::load(file, &Overrides::default()).unwrap_or_else(|why| panic!("{why}"))
}

/// A reader who compares the two files must see the cure, and nothing else.
#[test]
fn broken_and_fixed_are_one_option_apart() {
    assert!(incidents().len() >= 15);
    for (folder, broken) in incidents() {
        let first = broken.first().filter(|file| file.ends_with("broken.toml"));
        let first = first.unwrap_or_else(|| panic!("{} has no broken.toml", folder.display()));
        let cure = differences(first, &folder.join("fixed.toml"));
        assert_eq!(cure.len(), 1, "{}: broken and fixed differ in {cure:?}", folder.display());
        for other in &broken[1..] {
            let variant = differences(first, other);
            assert_eq!(variant.len(), 1, "{} differs from broken.toml in {variant:?}", other.display());
        }
    }
}

#[test]
fn broken_expects_an_anomaly_and_fixed_expects_none() {
    for (folder, broken) in incidents() {
        for file in &broken {
            let shows = |claim: &Claim| matches!(claim, Claim::Shows(_));
            assert!(load(file).expectations.iter().any(|one| shows(&one.claim)), "{}", file.display());
        }
        let fixed = load(&folder.join("fixed.toml"));
        let claims = || fixed.expectations.iter().map(|one| &one.claim);
        assert!(claims().any(|claim| *claim == Claim::NeverAny), "{}", folder.display());
        assert!(!claims().any(|claim| matches!(claim, Claim::Shows(_))), "{}", folder.display());
    }
}

/// What is said to have happened to somebody can be read where they told it.
#[test]
fn every_incident_tells_its_story_and_names_the_public_report() {
    for (folder, broken) in incidents() {
        for file in broken.iter().chain([&folder.join("fixed.toml")]) {
            let scenario = load(file);
            assert!(scenario.story.len() > 100, "{} tells no story", file.display());
            assert!(!scenario.links.is_empty(), "{} names no report", file.display());
        }
    }
}
