//! A matrix as it is drawn: at the prompt, as Markdown, as JSON.

mod fixture;

use driftlab_lab::Experiment;
use driftlab_report::Verdict;
use driftlab_report::sweep::Sweep;
use driftlab_report::terminal::Style;
use driftlab_scenario::{Colour, Matrix, Overrides, Registries};
use std::path::Path;

/// A matrix of two combinations, with the same experiment for each.
fn sweep() -> Sweep {
    let matrix = matrix();
    let mut sweep = Sweep::begun(&matrix);
    for cell in &matrix.cells {
        let scenario = cell.scenario.clone();
        sweep.add(cell, &Experiment { scenario, ..fixture::experiment() });
    }
    sweep
}

fn matrix() -> Matrix {
    let text = format!("{}\n[matrix]\nworkload.clients = [1, 16]\n", fixture::experiment().scenario.text);
    Matrix::parse(&text, "scenarios/swept.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|why| panic!("{why}"))
}

fn plain(width: usize) -> Style {
    Style { width, colour: Colour::Off }
}

#[test]
fn the_tables_at_140_columns() {
    insta::assert_snapshot!(sweep().render(plain(140), Some(Path::new("results/x"))));
}

#[test]
fn the_tables_at_90_columns() {
    insta::assert_snapshot!(sweep().render(plain(90), None));
}

#[test]
fn the_report_in_markdown() {
    insta::assert_snapshot!(sweep().markdown());
}

#[test]
fn the_summary_in_json_is_read_back_as_it_was() {
    let sweep = sweep();
    let read: Sweep = serde_json::from_str(&sweep.json()).expect("its own form");
    assert_eq!(read, sweep);
    insta::assert_snapshot!(sweep.json());
}

/// The whole is never better than the worst of its combinations, and what was not run is not passed.
#[test]
fn the_verdict_is_the_worst_of_all_and_never_a_pass_where_combinations_are_missing() {
    assert_eq!(sweep().verdict, Verdict::Fail);
    let mut interrupted = Sweep::begun(&matrix());
    interrupted.interrupt();
    assert_eq!(interrupted.verdict, Verdict::Unknown);
}
