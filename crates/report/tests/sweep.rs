//! A matrix as it is drawn: at the prompt, as Markdown, as JSON, as a page.

mod fixture;
mod page;

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

/// A terminal of 80 columns is what most have: nothing may run over its edge.
#[test]
fn the_tables_at_80_columns() {
    let text = sweep().render(plain(80), None);
    for line in text.lines().filter(|line| !line.contains("<script>")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_report_in_markdown() {
    insta::assert_snapshot!(sweep().markdown());
}

/// A build server is to show which combination failed.
#[test]
fn the_test_cases_as_xml() {
    let text = sweep().junit();
    assert!(roxmltree::Document::parse(&text).is_ok());
    insta::assert_snapshot!(text);
}

/// The command that stands on the page.
const AGAIN: &str = "driftlab run scenarios/swept.toml --seed 7 --seeds 2";

/// The page's body: what is on it, without the style that all pages share.
#[test]
fn the_page_as_html() {
    let html = sweep().html(AGAIN);
    let body = &html[html.find("<body>").expect("a page has a body")..];
    insta::assert_snapshot!(body.replace("><", ">\n<"));
}

#[test]
fn the_page_has_its_headings_in_order_and_names_its_tables_and_drawings() {
    page::is_sound(&sweep().html(AGAIN));
}

/// A page is mailed and opened years later: it loads nothing, and runs nothing that a scenario's author wrote into a title.
#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    page::is_by_itself(&sweep().html(AGAIN));
    assert!(sweep().html(AGAIN).contains("Two writers, &lt;script&gt;alert(1)&lt;/script&gt;"));
}

/// A thousand combinations of eight strategies make a page that a mail server takes and a browser opens at once.
#[test]
fn the_page_of_the_largest_matrix_is_small() {
    let mut sweep = sweep();
    let one = sweep.cells[0].clone();
    let strategy = one.strategies[0].clone();
    for options in [vec![1_000], vec![10, 10, 10], vec![500, 2]] {
        sweep.axes.truncate(1);
        let axis = sweep.axes[0].clone();
        sweep.axes = options.iter().map(|_| axis.clone()).collect();
        for (axis, &values) in sweep.axes.iter_mut().zip(&options) {
            axis.values = (0..values).map(|value| format!("{value}/s")).collect();
        }
        sweep.cells.clear();
        for number in 0..1_000 {
            let mut cell = one.clone();
            let (mut rest, mut values) = (number, Vec::new());
            for axis in sweep.axes.iter().rev() {
                values.insert(0, axis.values[rest % axis.values.len()].clone());
                rest /= axis.values.len();
            }
            cell.values = values;
            cell.strategies = vec![strategy.clone(); 8];
            sweep.cells.push(cell);
        }
        for (file, size) in [("report.html", sweep.html(AGAIN).len()), ("report.md", sweep.markdown().len())]
        {
            assert!(size < 2_000_000, "{file} of {options:?} has {size} bytes");
        }
    }
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
