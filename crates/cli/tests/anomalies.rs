//! docs/anomalies.md speaks of every anomaly, in its words, and names scenarios that expect it.

use driftlab_check::ANOMALIES;
use driftlab_scenario::{Claim, Matrix, Overrides};
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
    let list = section.split("- See it: ").nth(1).and_then(|rest| rest.split("\n- ").next());
    list.unwrap_or_default().split('`').skip(1).step_by(2)
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
            let matrix = Matrix::load(&top.join(path), &Overrides::default())
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            let mut expectations = matrix.cells.iter().flat_map(|cell| &cell.scenario.expectations);
            let expected = expectations.any(
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
