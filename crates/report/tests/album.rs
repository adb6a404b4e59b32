//! Reports of real runs: each fault apart, and the first case of each anomaly, drawn.

mod page;

use driftlab_lab::{Experiment, Quiet, RunOptions, dossier, run};
use driftlab_report::{Album, EXPORTERS, Report, Summary};
use driftlab_scenario::{Overrides, Registries, Scenario};

/// Two clients on few keys; the copy is written by the clients, who die now and then.
const TEXT: &str = r#"
title = "Dual writes and a crash"
[world]
duration = "4s"
seeds = 2
[workload]
shape = "kv"
clients = 2
keys = { count = 4, distribution = "uniform" }
mix = { insert = 1, update = 6, delete = 1, read = 4 }
[source]
latency = "exp(2ms)"
[[sink]]
kind = "search"
latency = "exp(2ms)"
[[strategy]]
name = "dual writes"
kind = "dual_writes"
versioned = true
[[strategy]]
name = "CDC"
kind = "log_cdc"
[[fault]]
name = "a client dies"
kind = "crash"
target = "app"
every = "poisson(200ms)"
for = "10ms"
[[fault]]
name = "search is away"
kind = "outage"
target = "search"
at = "1s"
for = "500ms"
"#;

fn experiment() -> Experiment {
    let scenario = Scenario::parse(TEXT, "case.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{problems}"));
    run(&scenario, &RunOptions { jobs: 1 }, &Quiet).unwrap()
}

fn file(experiment: &Experiment, album: &Album, name: &str) -> String {
    let summary = Summary::of(experiment).with(album);
    let exporter = EXPORTERS.iter().find(|exporter| exporter.file() == name).unwrap();
    String::from_utf8(exporter.render(&Report { experiment, summary: &summary, album })).unwrap()
}

/// A run in which several things go wrong does not say which of them the strategy could not bear; each fault alone does.
#[test]
fn each_fault_alone_is_blamed_for_what_it_does() {
    let experiment = experiment();
    let album = Album::of(&experiment, dossier(&experiment, &RunOptions { jobs: 1 }, &Quiet).unwrap());
    let summary = Summary::of(&experiment).with(&album);
    let apart = summary.apart.as_ref().expect("so short a run is run apart");
    assert_eq!(apart.faults, ["a client dies", "search is away"]);
    let shows = |strategy: usize, column: usize, anomaly: &str| {
        apart.strategies[strategy][column]
            .anomalies
            .iter()
            .any(|count| count.anomaly == anomaly && count.permanent > 0)
    };
    // Versions keep the order of writers, so without a fault nothing is lost; a death between the two writes loses one, and so does an outage that nobody retries for long enough.
    assert!(!shows(0, 0, "lost_update"));
    assert!(shows(0, 1, "lost_update"));
    assert!(shows(0, 2, "lost_update"));
    for column in 0..3 {
        assert!(apart.strategies[1][column].anomalies.iter().all(|count| count.permanent == 0), "{column}");
    }
}

#[test]
fn findings_are_drawn_linked_and_can_be_replayed() {
    let experiment = experiment();
    let album = Album::of(&experiment, dossier(&experiment, &RunOptions { jobs: 1 }, &Quiet).unwrap());
    let page = file(&experiment, &album, "report.html");
    page::is_sound(&page);
    page::is_by_itself(&page);
    assert!(
        page.contains("href=\"#finding-0-lost_update\"") && page.contains("id=\"finding-0-lost_update\"")
    );
    assert!(page.contains("class=\"st\"") && page.contains("What would have prevented it: "));
    assert_eq!(page.matches("<style>").count(), 1, "drawings share the page's style");
    let lost = album.plates.iter().find(|plate| plate.anomaly.name() == "lost_update").unwrap();
    let drawn = lost.shrunk.as_ref().expect("so short a run is shrunk");
    assert!(drawn.operations <= 2 && drawn.file.minimal, "{} operations are left", drawn.operations);
    assert!(driftlab_lab::finding::replay(&drawn.file).is_ok(), "the finding is found again");
    assert!(file(&experiment, &album, "report.md").contains(&format!("driftlab replay {}", drawn.path())));
}

/// A report that depends on the machine's cores is no evidence.
#[test]
fn albums_do_not_depend_on_the_number_of_threads() {
    let experiment = experiment();
    let files = |jobs: usize| {
        let album = Album::of(&experiment, dossier(&experiment, &RunOptions { jobs }, &Quiet).unwrap());
        ["summary.json", "report.html", "report.md"].map(|name| file(&experiment, &album, name))
    };
    assert!(files(1) == files(3));
}
