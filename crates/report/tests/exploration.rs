//! What an exploration looks like at the prompt, on a page and in a pull request.
#![allow(missing_docs, reason = "tests")]

mod page;

use driftlab_lab::explore::{ExploreOptions, Policies, case_of_path, exhaust, explore};
use driftlab_lab::{Quiet, Stage, Target, shrink};
use driftlab_report::Verdict;
use driftlab_report::drawing::{Scene, Subject};
use driftlab_report::exploration::{
    Exploration, StrategyExploration, ToldFinding, html, judge, markdown, render,
};
use driftlab_report::terminal::Style;
use driftlab_scenario::{Colour, Overrides, Registries, Scenario};

const TEXT: &str = r#"title = "Two writers <script>alert(1)</script> | and a copy"
[world]
duration = "10s"
[source]
latency = "exp(1ms)"
[workload]
shape = "kv"
clients = 2
operations = 2
keys = { count = 1, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
latency = "exp(1ms)"
[[strategy]]
kind = "dual_writes"
[[expect]]
never = ["stale_overwrite"]
"#;

const PLAIN: Style = Style { width: 100, colour: Colour::Off };

fn scenario() -> Scenario {
    Scenario::parse(TEXT, "case.toml", &Overrides::default(), &Registries::standard()).unwrap()
}

fn options(shard: (u64, u64)) -> ExploreOptions {
    ExploreOptions { first: 1, seeds: 1_200, shard, jobs: 1, policies: Policies::Portfolio }
}

fn explored(scenario: &Scenario, shard: (u64, u64)) -> Exploration {
    let choice = &scenario.strategies[0];
    let make = || Stage::new(scenario, choice, None).unwrap();
    let mut exploration = Exploration::new(scenario, &options(shard));
    exploration.strategies.push(StrategyExploration::of(choice, &explore(&make, &options(shard), &Quiet)));
    exploration
}

#[test]
fn an_exploration_is_a_table_with_intervals() {
    let scenario = scenario();
    let exploration = explored(&scenario, (0, 1));
    let (_, said) = judge(&scenario, &exploration);
    insta::assert_snapshot!("table", render(&exploration, PLAIN));
    insta::assert_snapshot!("said", said.join("\n"));
}

#[test]
fn a_proof_is_a_page_and_a_comment_with_its_drawing() {
    let scenario = scenario();
    let choice = &scenario.strategies[0];
    let staging = |scenario: &Scenario| Stage::new(scenario, choice, None);
    let stage = staging(&scenario).unwrap();
    let every = exhaust(&|| staging(&scenario).unwrap(), 1, u64::MAX, 1, &Quiet);
    let (cause, path) = &every.paths[0];
    let target = Target {
        anomaly: cause.anomaly,
        sink: cause.sink.map(|sink| stage.sinks()[usize::from(sink.0)].clone()),
        is_permanent: cause.is_permanent,
    };
    let shrunk = shrink(&scenario, &staging, &case_of_path(&stage, 1, path), &target).unwrap().unwrap();
    let scene = Scene::of(&Subject {
        history: &shrunk.recording.history,
        passings: &shrunk.recording.passings,
        finding: &shrunk.finding,
        strategy: choice,
        faults: &[],
    });
    assert!(scene.steps() <= 10, "{} steps", scene.steps());
    let finding = ToldFinding {
        headline: "dual_writes: stale_overwrite".to_owned(),
        sentence: shrunk.finding.sentence,
        file: "findings/dual_writes-stale_overwrite.json".to_owned(),
        scene,
    };
    let mut exploration = Exploration::new(&scenario, &options((0, 1)));
    exploration.strategies.push(StrategyExploration::of_every(choice, &every));
    let findings = [finding];
    let page = html(&exploration, &findings, &[]);
    page::is_sound(&page);
    page::is_by_itself(&page);
    // The style is the reports' own and has tests of its own.
    let body = page.split_once("</style>").unwrap().1;
    insta::assert_snapshot!("page", body.replace("><", ">\n<"));
    insta::assert_snapshot!("comment", markdown(&exploration, &findings, &[]));
    insta::assert_snapshot!("proof", render(&exploration, PLAIN));
}

/// A shard that does not show what is expected says nothing of the others; one that shows what must never be says all.
#[test]
fn what_a_shard_lacks_is_unknown_and_what_it_has_counts() {
    let expecting = |claim: &str| {
        let text = TEXT.replace("never = [\"stale_overwrite\"]", claim);
        Scenario::parse(&text, "case.toml", &Overrides::default(), &Registries::standard()).unwrap()
    };
    for (claim, of_shard, of_whole) in [
        ("shows = [\"missed_delete\"]", Verdict::Unknown, Verdict::Fail),
        ("never = [\"stale_overwrite\"]", Verdict::Fail, Verdict::Fail),
    ] {
        let scenario = expecting(claim);
        assert_eq!(judge(&scenario, &explored(&scenario, (0, 3))).0, of_shard, "{claim}");
        assert_eq!(judge(&scenario, &explored(&scenario, (0, 1))).0, of_whole, "{claim}");
    }
}

/// Three machines with a shard each must come to what one machine comes to, and a shard must not count twice.
#[test]
fn shards_add_up_to_the_whole_and_only_once() {
    let scenario = scenario();
    let mut added = explored(&scenario, (2, 3));
    for shard in [0, 1] {
        added.add(&explored(&scenario, (shard, 3))).unwrap();
    }
    assert_eq!(added.shards, [0, 1, 2]);
    assert_eq!(added.missing(), [] as [u64; 0]);
    assert_eq!(added.strategies, explored(&scenario, (0, 1)).strategies);
    let again = explored(&scenario, (1, 3));
    assert_eq!(added.add(&again).unwrap_err(), "shard 1 of 3 is in both");
    let mut foreign = again;
    foreign.digest = "0".repeat(32);
    assert!(added.add(&foreign).unwrap_err().contains("their scenarios differ"));
}
