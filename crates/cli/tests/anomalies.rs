//! docs/anomalies.md speaks of every anomaly, in its words, and names scenarios that expect it.
#![allow(clippy::disallowed_methods, reason = "a test of a page reads files")]

use driftlab_check::ANOMALIES;
use driftlab_scenario::{Claim, Overrides, Registries, Scenario};
use std::path::Path;

/// The page's sections, by their headings.
fn sections(page: &str) -> Vec<(&str, &str)> {
    page.split("\n## ")
        .skip(1)
        .map(|section| section.split_once('\n').expect("a heading has a text"))
        .collect()
}

/// The scenarios that a section sends its readers to.
fn scenarios(section: &str) -> impl Iterator<Item = &str> {
    let lines = section.lines().filter(|line| line.starts_with("- See it: "));
    lines.flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn every_anomaly_has_its_section_in_the_order_of_reports() {
    let page = include_str!("../../../docs/anomalies.md");
    let headings: Vec<&str> = sections(page).into_iter().map(|(heading, _)| heading).collect();
    let names: Vec<&str> = ANOMALIES.iter().map(|entry| entry.name).collect();
    assert_eq!(headings, names, "docs/anomalies.md");
}

/// A reader who follows the page to a scenario sees there what the page promised.
#[test]
fn a_scenario_that_the_page_names_expects_the_anomaly() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = include_str!("../../../docs/anomalies.md");
    let mut named = 0;
    for (anomaly, section) in sections(page) {
        for path in scenarios(section) {
            let text =
                std::fs::read_to_string(top.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            let scenario = Scenario::parse(&text, path, &Overrides::default(), &Registries::standard())
                .unwrap_or_else(|problems| panic!("{problems}"));
            let expected = scenario.expectations.iter().any(
                |expectation| matches!(&expectation.claim, Claim::Shows(shown) if shown.name() == anomaly),
            );
            assert!(
                expected,
                "{path} does not expect {anomaly}, which docs/anomalies.md sends readers there for"
            );
            named += 1;
        }
    }
    assert!(named >= ANOMALIES.len(), "only {named} scenarios are named");
}
