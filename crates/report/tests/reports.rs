//! Every report that is drawn, from an experiment built by hand.

mod fixture;
mod page;

use driftlab_check::{Held, Joining, Meanwhile, Past, SeriesPoint};
use driftlab_lab::{Experiment, StrategyResult};
use driftlab_model::{Datum, SinkId, Span, Time};
use driftlab_report::terminal::{Style, render, table};
use driftlab_report::{Album, EXPORTERS, Report, Summary, Verdict};
use driftlab_scenario::Colour;
use std::path::Path;

fn bytes(experiment: &Experiment, file: &str) -> Vec<u8> {
    let album = Album::default();
    let summary = Summary::of(experiment).with(&album);
    let exporter =
        EXPORTERS.iter().find(|exporter| exporter.file() == file).expect("the exporter is registered");
    exporter.render(&Report { experiment, summary: &summary, album: &album })
}

fn rendered(file: &str) -> String {
    String::from_utf8(bytes(&fixture::experiment(), file)).expect("the file is text")
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
    let album = Album::default();
    let report = Report { experiment: &experiment, summary: &summary, album: &album };
    let rendered = |file: &str| {
        let exporter = EXPORTERS.iter().find(|exporter| exporter.file() == file).unwrap();
        String::from_utf8(exporter.render(&report)).unwrap()
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
fn what_was_predicted_stands_beside_what_was_measured() {
    let experiment = fixture::experiment();
    let mut predicted = Summary::of(&experiment);
    let others = predicted.strategies[0].sinks[0].wrong.anomalies.clone();
    predicted.strategies[1].sinks[0].wrong.anomalies = others;
    let summary = Summary::of(&experiment).predicted_by(&predicted, "here.toml");
    let markdown = EXPORTERS.iter().find(|exporter| exporter.file() == "report.md").unwrap();
    let album = Album::default();
    let markdown = String::from_utf8(markdown.render(&Report {
        experiment: &experiment,
        summary: &summary,
        album: &album,
    }))
    .unwrap();
    let from = |text: &str, start: &str, end: &str| {
        let section = &text[text.find(start).unwrap()..];
        section[..section.find(end).unwrap()].to_owned()
    };
    let table = render(&summary, plain(100), None);
    insta::assert_snapshot!(format!(
        "{}{}",
        from(&markdown, "## Predicted", "## What it looked"),
        from(&table, "Predicted and", "What it looked")
    ));
    let page = EXPORTERS.iter().find(|exporter| exporter.file() == "report.html").unwrap();
    let page =
        String::from_utf8(page.render(&Report { experiment: &experiment, summary: &summary, album: &album }))
            .unwrap();
    assert!(page.contains("Predicted and measured") && page.contains("here.toml"));
    assert!(!rendered("report.html").contains("Predicted and measured"));
}

#[test]
fn equal_experiments_make_equal_files() {
    for exporter in EXPORTERS {
        let make = || bytes(&fixture::experiment(), exporter.file());
        assert_eq!(make(), make(), "{}", exporter.file());
    }
}

/// A report is mailed, archived and opened years later: it must not depend on anybody's server, nor run what a scenario's author wrote into a title.
#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let page = rendered("report.html");
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("<b>T14</b>") && page.contains("&lt;b&gt;T14&lt;/b&gt;"));
    page::is_by_itself(&page);
}

#[test]
fn the_page_has_its_headings_in_order_and_names_its_tables_and_drawings() {
    page::is_sound(&rendered("report.html"));
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
        "What remains, and why the others do not.",
        "updates are lost for good: lost_update 6",
        "class=\"fault\"",
        "index outage",
        "product 7 shows T12 for ever",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn the_test_cases_as_xml() {
    insta::assert_snapshot!(rendered("junit.xml"));
}

/// Build servers drop a whole file that is no XML, and show every test as passed. The reader here is not ours.
#[test]
fn the_test_cases_are_xml_and_count_themselves_rightly() {
    let mut experiment = fixture::experiment();
    "nul \u{0}, bell \u{7}, <b>, ]]>, \"quote\", two\nlines"
        .clone_into(&mut experiment.expectations[1].reason);
    let text = String::from_utf8(bytes(&experiment, "junit.xml")).unwrap();
    let document = roxmltree::Document::parse(&text).expect("well-formed XML");
    let all = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).collect::<Vec<_>>();
    let cases = all("testcase");
    for (suite, attribute, count) in [
        ("testsuites", "tests", cases.len()),
        ("testsuite", "tests", cases.len()),
        ("testsuite", "failures", all("failure").len()),
        ("testsuite", "errors", all("error").len()),
    ] {
        let suites = all(suite);
        assert_eq!(suites.len(), 1);
        assert_eq!(suites[0].attribute(attribute), Some(count.to_string().as_str()), "{suite} {attribute}");
    }
    assert_eq!((cases.len(), all("failure").len(), all("error").len()), (3, 1, 1));
    let mut names: Vec<&str> = cases.iter().filter_map(|case| case.attribute("name")).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), cases.len(), "a build server keeps one of two cases with one name");
    assert!(all("failure")[0].attribute("message").unwrap().contains("<b>, ]]>, \"quote\", two lines"));
}

#[test]
fn the_picture_is_xml_and_tells_what_it_shows() {
    let text = rendered("staleness.svg");
    let document = roxmltree::Document::parse(&text).expect("well-formed XML");
    let root = document.root_element();
    assert_eq!(root.tag_name().namespace(), Some("http://www.w3.org/2000/svg"));
    for name in ["title", "desc"] {
        let told = root.children().find(|node| node.has_tag_name(("http://www.w3.org/2000/svg", name)));
        assert!(told.and_then(|node| node.text()).is_some_and(|text| !text.is_empty()), "{name}");
    }
    assert!(!text.contains("<script"));
}

/// A nightly job of a thousand runs makes a report that a mail server takes and a browser opens at once.
#[test]
fn the_report_of_a_thousand_runs_is_small() {
    let mut experiment = fixture::experiment();
    experiment.seeds = (1..=500).collect();
    // No two points of two series are alike, so nothing can be packed that would not be in earnest: staleness of up to some hours, up to a million keys.
    let mut state = 1_u64;
    let mut noise = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 20) % most
    };
    for strategy in &mut experiment.strategies {
        let one = strategy.runs[0].clone();
        strategy.runs =
            experiment.seeds.iter().map(|&seed| driftlab_lab::Run { seed, ..one.clone() }).collect();
        for sink in strategy.runs.iter_mut().flat_map(|run| &mut run.judgement.sinks) {
            let point = |place: u64| SeriesPoint {
                at: Time::from_nanos(place * 200_000_000),
                staleness: Span::from_nanos(noise(10_000_000_000_000)),
                divergent: noise(1_000_000),
            };
            sink.series = (1..=300).map(point).collect();
        }
    }
    for exporter in EXPORTERS {
        let size = bytes(&experiment, exporter.file()).len();
        assert!(size < 2_000_000, "{} has {size} bytes", exporter.file());
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
    let album = Album::default();
    let report = Report { experiment: &experiment, summary: &summary, album: &album };
    for exporter in EXPORTERS {
        assert!(!exporter.render(&report).is_empty());
    }
    let text = render(&summary, plain(100), None);
    assert!(text.contains("interrupted") && text.contains("not run"), "{text}");
}

/// A copy that was set up in the middle of the run, by a strategy that still has everything and by one that has what stands.
#[test]
fn how_far_back_a_copy_reaches_that_joined_is_told_in_every_report() {
    let millis = |n: u64| Time::from_nanos(n * 1_000_000);
    let past = |held: u64, reach: Span, is_whole| Past {
        subjects_name: "customers",
        reach,
        is_whole,
        before: Held { held, of: 1_200 },
        since: Held { held: 900, of: 900 },
        subjects: Held { held: held / 12, of: 100 },
        standing: Held { held: 80, of: 80 },
    };
    let joining = |loaded, past| Joining {
        joined: millis(5_000),
        loaded,
        taken: 2_500,
        past: Some(past),
        meanwhile: vec![Meanwhile {
            sink: SinkId(0),
            before: Span::from_millis(90),
            staleness_max: Span::from_millis(140),
        }],
    };
    let mut experiment = fixture::experiment();
    let pasts = [past(1_200, Span::from_secs(5), true), past(84, Span::from_millis(850), false)];
    for (strategy, past) in experiment.strategies.iter_mut().zip(pasts) {
        for (run, loaded) in strategy.runs.iter_mut().zip([Some(millis(5_400)), Some(millis(5_700))]) {
            run.judgement.sinks[1].joining = Some(joining(loaded, past.clone()));
            run.judgement.sinks[1].served = true;
        }
    }
    // The third cannot take it on.
    let other = StrategyResult {
        name: "outbox".to_owned(),
        kind: "outbox",
        runs: experiment.strategies[0].runs.clone(),
    };
    experiment.strategies.push(other);
    for run in &mut experiment.strategies[2].runs {
        run.judgement.sinks[1].joining = None;
        run.judgement.sinks[1].served = false;
    }
    let summary = Summary::of(&experiment);
    let album = Album::default();
    let report = Report { experiment: &experiment, summary: &summary, album: &album };
    let rendered = |file: &str| {
        let exporter = EXPORTERS.iter().find(|exporter| exporter.file() == file).unwrap();
        String::from_utf8(exporter.render(&report)).unwrap()
    };
    let part = |text: &str, from: &str, to: &str| {
        let start = text.find(from).unwrap_or_else(|| panic!("{from} is missing"));
        let end = text[start..].find(to).map_or(text.len(), |end| start + end);
        text[start..end].to_owned()
    };
    let markdown = part(&rendered("report.md"), "## Set up in", "## What it looked like");
    let table = part(&render(&summary, plain(100), None), "Set up in", "What it looked like");
    insta::assert_snapshot!(format!("{markdown}\n{table}"));
    let page = rendered("report.html");
    let section = part(&page, "<h2 id=\"joined\">", "</section>");
    for told in [
        "5 s, to the beginning",
        "168 of 2,400",
        "850 ms",
        "customers",
        "not taken on",
        "140 ms (before: 90 ms)",
    ] {
        assert!(section.contains(told), "{told}: {section}");
    }
    let json: Summary = serde_json::from_str(&rendered("summary.json")).unwrap();
    assert_eq!(json, summary);
    let told = json.strategies[1].sinks[1].joining.as_ref().expect("it joined");
    assert_eq!((told.runs, told.filled, told.given, told.filled_max_nanos), (2, 2, 5_000, Some(700_000_000)));
    assert!(json.strategies[2].sinks[1].joining.is_none());
}
