//! Every report that is drawn, from an experiment built by hand.

mod fixture;

use driftlab_model::Datum;
use driftlab_report::terminal::{Style, render, table};
use driftlab_report::{EXPORTERS, Report, Summary, Verdict};
use driftlab_scenario::Colour;
use std::path::Path;

fn rendered(file: &str) -> String {
    let experiment = fixture::experiment();
    let summary = Summary::of(&experiment);
    let exporter =
        EXPORTERS.iter().find(|exporter| exporter.file() == file).expect("the exporter is registered");
    exporter.render(&Report { experiment: &experiment, summary: &summary })
}

fn plain(width: usize) -> Style {
    Style { width, colour: Colour::Off }
}

#[test]
fn the_table_reads_well_at_120_columns() {
    insta::assert_snapshot!(render(
        &Summary::of(&fixture::experiment()),
        plain(120),
        Some(Path::new("results/x"))
    ));
}

#[test]
fn the_table_reads_well_at_100_columns() {
    insta::assert_snapshot!(render(&Summary::of(&fixture::experiment()), plain(100), None));
}

#[test]
fn the_table_reads_well_at_80_columns() {
    insta::assert_snapshot!(render(&Summary::of(&fixture::experiment()), plain(80), None));
}

#[test]
fn no_line_of_the_table_is_wider_than_the_terminal() {
    let summary = Summary::of(&fixture::experiment());
    for width in [60, 70, 80, 90, 100, 110, 140] {
        for line in table(&summary, width).lines() {
            assert!(line.trim_end().chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn colours_are_the_only_difference_between_a_terminal_and_a_pipe() {
    let summary = Summary::of(&fixture::experiment());
    let coloured = render(&summary, Style { width: 100, colour: Colour::On }, None);
    let mut stripped = String::new();
    for (index, part) in coloured.split("\u{1b}[").enumerate() {
        stripped.push_str(if index == 0 {
            part
        } else {
            part.split_once('m').expect("every code ends in m").1
        });
    }
    assert_ne!(coloured, stripped);
    assert_eq!(stripped, render(&summary, plain(100), None));
}

#[test]
fn the_summary_as_json() {
    insta::assert_snapshot!(rendered("summary.json"));
}

#[test]
fn the_summary_is_read_back_as_it_was_written() {
    let summary = Summary::of(&fixture::experiment());
    assert_eq!(serde_json::from_str::<Summary>(&rendered("summary.json")).unwrap(), summary);
}

#[test]
fn the_report_as_markdown() {
    insta::assert_snapshot!(rendered("report.md"));
}

/// A result that anybody may take for reproducible, and that nobody can reproduce, costs an afternoon.
#[test]
fn a_result_of_real_stores_says_so_and_promises_no_second_run() {
    let mut experiment = fixture::experiment();
    experiment.scenario.world.set("kind", Datum::Word("embedded"));
    experiment.scenario.overrides.world = Some("embedded".to_owned());
    let summary = Summary::of(&experiment);
    let report = Report { experiment: &experiment, summary: &summary };
    let rendered = |file: &str| {
        let exporter = EXPORTERS.iter().find(|exporter| exporter.file() == file).unwrap();
        exporter.render(&report)
    };
    let markdown = rendered("report.md");
    let told: Vec<&str> = markdown.lines().filter(|line| line.contains("world")).collect();
    let table = render(&summary, plain(100), None);
    let table: Vec<&str> =
        table.lines().filter(|line| line.contains("world") || line.contains("eal")).collect();
    insta::assert_snapshot!(format!("{}\n\n{}", told.join("\n"), table.join("\n")));
    let page = rendered("report.html");
    assert!(page.contains("embedded world") && !page.contains("give the same run"));
    assert!(!summary.world.reproducible);
}

#[test]
fn equal_experiments_make_equal_files() {
    for exporter in EXPORTERS {
        assert_eq!(rendered(exporter.file()), rendered(exporter.file()), "{}", exporter.file());
    }
}

/// A report is mailed, archived and opened years later: it must not depend on anybody's server, nor run what a scenario's author wrote into a title.
#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let page = rendered("report.html");
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("<b>T14</b>") && page.contains("&lt;b&gt;T14&lt;/b&gt;"));
    assert!(!page.contains("href=\"javascript:"));
    for load in ["src=", "<link", "@import", "url(", "<iframe", "<img", " onload", " onclick"] {
        assert!(!page.contains(load), "{load}");
    }
    for (at, _) in page.match_indices("http") {
        let before = &page[..at];
        assert!(before.ends_with("href=\""), "...{}", &page[at.saturating_sub(40)..at + 20]);
    }
}

#[test]
fn the_page_has_its_headings_in_order_and_names_its_tables_and_drawings() {
    let page = rendered("report.html");
    let levels: Vec<u8> =
        page.match_indices("<h").filter_map(|(at, _)| page.as_bytes().get(at + 2).copied()).collect();
    let levels: Vec<u8> = levels.into_iter().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert_eq!(levels.first(), Some(&1));
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    let count = |what: &str| page.matches(what).count();
    assert_eq!(count("<table"), count("<caption>"));
    assert_eq!(count("<svg role=\"img\""), count("<desc "));
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id is used twice");
    for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&target), "nothing is called {target}");
    }
}

#[test]
fn the_page_holds_what_people_come_for() {
    let page = rendered("report.html");
    for text in [
        "1 of 3 expectations does not hold over 2 seeds.",
        "github.com/OpenAgentsInc/openagents/issues/8409",
        "lost_update",
        "8 of 18",
        "violates monotonic writes",
        "driftlab run scenarios/dual-write/two-writers/broken.toml --seed 7 --seeds 2",
        "class=\"fault\"",
        "index outage",
        "product 7 shows T12 for ever",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

/// An experiment that was stopped with Control-C may hold strategies without a single run.
#[test]
fn an_interrupted_experiment_is_reported_and_never_passes() {
    let mut experiment = fixture::experiment();
    experiment.interrupted = true;
    experiment.expectations.truncate(1);
    experiment.strategies[1].runs.clear();
    experiment.baseline.runs.clear();
    let summary = Summary::of(&experiment);
    assert_eq!(summary.verdict, Verdict::Unknown);
    let report = Report { experiment: &experiment, summary: &summary };
    for exporter in EXPORTERS {
        assert!(!exporter.render(&report).is_empty());
    }
    let text = render(&summary, plain(100), None);
    assert!(text.contains("interrupted") && text.contains("not run"), "{text}");
}
