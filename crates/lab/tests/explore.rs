//! Exploring, shrinking, replaying: what is found is found again, and what is left of it is as little as can be.
#![allow(missing_docs, reason = "tests")]

use driftlab_check::Anomaly;
use driftlab_lab::explore::{
    ExploreOptions, Policies, Tally, case_of, case_of_path, exhaust, explore, interval,
};
use driftlab_lab::finding::{FindingError, FindingFile, ReplayError, Sighting, replay};
use driftlab_lab::{Case, Quiet, Stage, Target, shrink};
use driftlab_model::{Event, History, View};
use driftlab_scenario::{Overrides, Registries, Scenario};

fn scenario(text: &str) -> Scenario {
    Scenario::parse(text, "case.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn race(writers: usize, strategy: &str) -> Scenario {
    scenario(&format!(
        r#"title = "a race"
[world]
duration = "10s"
[source]
latency = "exp(1ms)"
[workload]
shape = "kv"
clients = {writers}
operations = {writers}
keys = {{ count = 1, distribution = "uniform" }}
mix = {{ insert = 0, update = 1, delete = 0, read = 0 }}
[[sink]]
kind = "warehouse"
latency = "exp(1ms)"
[[strategy]]
{strategy}
"#
    ))
}

const DUAL_WRITES: &str = "kind = \"dual_writes\"";
const VERSIONED: &str = "kind = \"dual_writes\"\nversioned = true";

fn staging(scenario: &Scenario) -> Result<Stage, driftlab_lab::RunError> {
    Stage::new(scenario, &scenario.strategies[0], None)
}

fn explored(scenario: &Scenario, seeds: u64, shard: (u64, u64), jobs: usize) -> Tally {
    let options = ExploreOptions { first: 1, seeds, shard, jobs, policies: Policies::Portfolio };
    explore(&|| staging(scenario).unwrap(), &options, &Quiet).tally
}

/// A search that skips schedules, or runs some twice, proves nothing: of K writers with two steps each there are (2K)! / 2^K.
#[test]
fn an_exhaustive_search_runs_every_schedule_once() {
    for (writers, schedules) in [(2, 6), (3, 90), (4, 2_520)] {
        let scenario = race(writers, DUAL_WRITES);
        for jobs in [1, 2] {
            let all = exhaust(&|| staging(&scenario).unwrap(), 1, u64::MAX, jobs, &Quiet);
            assert!(all.is_complete);
            assert_eq!(all.schedules, schedules, "{writers} writers, {jobs} threads");
            assert!(all.tally.anomalies.contains_key(&Anomaly::StaleOverwrite));
        }
    }
}

/// A job that tried three times and reached nobody has not found that there is nothing to do. The world was taken for settled, and what the next run would have loaded was called lost for good.
#[test]
fn a_world_whose_job_fails_again_and_again_is_not_at_rest() {
    let scenario = scenario(
        r#"title = "A copy that answers too late now and then"
[world]
duration = "200ms"
[source]
latency = "1ms"
[workload]
shape = "kv"
clients = 1
operations = 2
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
latency = "uniform(1ms, 10ms)"
timeout = "7ms"
[[strategy]]
kind = "batch_incremental"
every = "20ms"
lookback = "1s"
deletes = "key_diff"
"#,
    );
    let options =
        ExploreOptions { first: 1, seeds: 400, shard: (0, 1), jobs: 1, policies: Policies::Only(0) };
    let tally = explore(&|| staging(&scenario).unwrap(), &options, &Quiet).tally;
    assert_eq!((tally.schedules.total(), tally.unsettled), (400, 0));
    let lasting: Vec<_> = tally.causes.keys().filter(|cause| cause.is_permanent).collect();
    assert!(lasting.is_empty(), "{lasting:?}");
}

/// Versions compared by the copy cure the order of two writers; a search that still found something would be wrong about one of the two.
#[test]
fn no_schedule_of_versioned_dual_writes_overwrites_the_newer() {
    let scenario = race(3, VERSIONED);
    let all = exhaust(&|| staging(&scenario).unwrap(), 1, u64::MAX, 1, &Quiet);
    assert_eq!(all.schedules, 90);
    assert!(all.tally.anomalies.is_empty(), "{:?}", all.tally.anomalies);
}

/// Two orders of two commits, each followed by its put: of the six schedules of two writers, two end with the older value.
#[test]
fn a_third_of_the_schedules_of_two_writers_go_wrong() {
    let scenario = race(2, DUAL_WRITES);
    let all = exhaust(&|| staging(&scenario).unwrap(), 1, u64::MAX, 1, &Quiet);
    assert_eq!(all.tally.anomalies[&Anomaly::StaleOverwrite].schedules.total(), 2);
}

/// Law 3: where database and copy are equally fast, two writers leave their copy behind in a quarter of all runs. The rate that an exploration gives has to agree, or its
/// intervals say nothing.
#[test]
fn the_rate_of_two_writers_agrees_with_the_law() {
    let scenario = race(2, DUAL_WRITES);
    let options =
        ExploreOptions { first: 1, seeds: 20_000, shard: (0, 1), jobs: 2, policies: Policies::Only(0) };
    let tally = explore(&|| staging(&scenario).unwrap(), &options, &Quiet).tally;
    let seen = tally.anomalies[&Anomaly::StaleOverwrite].schedules.total();
    let (low, high) = interval(seen, 20_000);
    assert!(low < 0.25 && 0.25 < high, "{seen} of 20000: {low} to {high}");
    assert!(high - low < 0.013);
}

/// What an exploration counts must not depend on who counted: two threads, or two machines with a shard each.
#[test]
fn counts_depend_neither_on_threads_nor_on_shards() {
    let scenario = race(2, DUAL_WRITES);
    let whole = explored(&scenario, 1_200, (0, 1), 1);
    assert_eq!(whole, explored(&scenario, 1_200, (0, 1), 2));
    let mut added = explored(&scenario, 1_200, (0, 3), 1);
    added.add(&explored(&scenario, 1_200, (1, 3), 1));
    added.add(&explored(&scenario, 1_200, (2, 3), 2));
    assert_eq!(whole, added);
    assert!(whole.anomalies[&Anomaly::StaleOverwrite].schedules.total() > 200);
}

/// A zombie: a writer stands still after its commit, more than forty operations of others pass, and then it writes the copy. Latencies as the scenario has them never take
/// so long, not in a million runs.
#[test]
fn a_writer_paused_past_forty_operations_is_found_within_a_thousand_schedules() {
    let scenario = scenario(&race(4, DUAL_WRITES).text.replace("operations = 4", "operations = 240"));
    let stage = staging(&scenario).unwrap();
    let options =
        ExploreOptions { first: 1, seeds: 1_000, shard: (0, 1), jobs: 1, policies: Policies::Portfolio };
    let policies = 6;
    let furthest = |policy: u64| {
        let seeds = (1..=1_000).filter(|seed| (seed - 1) % policies == policy);
        seeds.map(|seed| overtaken(&case_of(&stage, &options, seed).record(&stage).history)).max().unwrap()
    };
    let (declared, frozen) = (furthest(0), furthest(5));
    assert!(declared < 40, "latencies as declared let {declared} operations pass");
    assert!(frozen >= 40, "of one who stands still, {frozen} operations took the lead");
}

/// The most commits by which a value was behind when it was shown.
fn overtaken(history: &History) -> usize {
    let (mut commits, mut most) = (Vec::new(), 0);
    for (_, event) in &history.events {
        match event {
            Event::Committed { commit, .. } => commits.push(commit.transaction),
            Event::Shown { keys, .. } => {
                let rows = keys.iter().filter_map(|shown| match &shown.view {
                    View::Row(row) => Some(row.write().transaction),
                    _ => None,
                });
                let places = rows.filter_map(|id| commits.iter().rposition(|commit| *commit == id));
                most = places.map(|place| commits.len() - 1 - place).fold(most, usize::max);
            }
            _ => {}
        }
    }
    most
}

/// Whatever a policy finds is found again without the policy: by seed, pace and the lengths of legs alone.
#[test]
fn every_first_case_shows_its_anomaly_again() {
    let scenario = race(3, DUAL_WRITES);
    let options =
        ExploreOptions { first: 1, seeds: 600, shard: (0, 1), jobs: 1, policies: Policies::Portfolio };
    let stage = staging(&scenario).unwrap();
    let mut cases = 0;
    for seed in 1..=60 {
        let found = explored_one(&scenario, &options, seed);
        cases += usize::from(!found.is_empty());
        let recording = case_of(&stage, &options, seed).record(&stage);
        let mut again: Vec<Anomaly> = recording.judgement.findings.iter().map(|f| f.anomaly).collect();
        again.sort_unstable();
        again.dedup();
        assert_eq!(found, again, "seed {seed}");
    }
    assert!(cases > 20, "only {cases} of 60 seeds found anything to show again");
}

fn explored_one(scenario: &Scenario, options: &ExploreOptions, seed: u64) -> Vec<Anomaly> {
    let only = ExploreOptions { shard: (seed - options.first, options.seeds), ..*options };
    let tally = explore(&|| staging(scenario).unwrap(), &only, &Quiet).tally;
    tally.anomalies.into_keys().collect()
}

/// The race of two writers is two transactions and nothing else, however long the run that showed it.
#[test]
fn a_long_run_shrinks_to_two_transactions() {
    let text = race(4, DUAL_WRITES).text.replace("operations = 4", "operations = 400");
    let text = text.replace("[[strategy]]", "[[sink]]\nkind = \"search\"\n[[strategy]]");
    let scenario = scenario(&text);
    let target =
        Target { anomaly: Anomaly::StaleOverwrite, sink: Some("warehouse".to_owned()), is_permanent: false };
    let shrunk = shrink(&scenario, &staging, &Case::of_seed(3), &target).unwrap().expect("seed 3 shows it");
    assert!(shrunk.is_minimal);
    assert_eq!(shrunk.case.script.as_ref().unwrap().len(), 2);
    assert_eq!(shrunk.sinks, ["warehouse"]);
    let waits = shrunk.case.lengths.values().filter(|length| !length.is_zero()).count();
    assert!(waits <= 1, "{:?}", shrunk.case.lengths);
}

fn found() -> (Scenario, FindingFile) {
    let scenario = race(2, DUAL_WRITES);
    let all = exhaust(&|| staging(&scenario).unwrap(), 1, u64::MAX, 1, &Quiet);
    let (cause, path) = &all.paths[0];
    let stage = staging(&scenario).unwrap();
    let target = Target {
        anomaly: cause.anomaly,
        sink: cause.sink.map(|sink| stage.sinks()[usize::from(sink.0)].clone()),
        is_permanent: cause.is_permanent,
    };
    let case = case_of_path(&stage, 1, path);
    let shrunk = shrink(&scenario, &staging, &case, &target).unwrap().expect("the path shows it");
    let file = FindingFile::of(&scenario, &scenario.strategies[0], &shrunk, Sighting::ONCE);
    (scenario, file)
}

#[test]
fn a_finding_is_replayed_from_its_file_bit_for_bit() {
    let (_, file) = found();
    let read = FindingFile::parse(&file.json()).unwrap();
    assert_eq!(read, file);
    let again = replay(&read).unwrap();
    assert_eq!(format!("{:032x}", again.recording.summary.trace), file.trace);
    assert_eq!(again.finding.sentence, file.sentence);
}

/// A finding that silently replays as something else is worse than one that does not replay.
#[test]
fn a_finding_that_would_replay_differently_is_refused_with_the_reason() {
    let (_, file) = found();
    let text = file.json();
    let newer =
        text.replace("\"format\": 1", "\"format\": 9").replace("\"driftlab\": \"", "\"driftlab\": \"9.");
    assert!(matches!(FindingFile::parse(&newer), Err(FindingError::Newer { format: 9, .. })));
    let half = &text[..text.len() / 2];
    let said = FindingFile::parse(half).unwrap_err().to_string();
    assert!(said.contains("ends in the middle"), "{said}");
    assert!(FindingFile::parse("{}").unwrap_err().to_string().contains("no `format`"));
    assert!(FindingFile::parse("not JSON").unwrap_err().to_string().contains("not JSON"));

    let refused = |change: &dyn Fn(&mut FindingFile)| {
        let mut changed = file.clone();
        change(&mut changed);
        match replay(&changed) {
            Err(ReplayError::Finding(error)) => error.to_string(),
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("it was replayed"),
        }
    };
    assert!(refused(&|f| f.strategy = "CDC".to_owned()).contains("no strategy \"CDC\", only dual_writes"));
    assert!(refused(&|f| f.scenario.sinks = vec!["cache".to_owned()]).contains("no copy \"cache\""));
    assert!(refused(&|f| f.scenario.text = "title = 1".to_owned()).contains("cannot read it"));
    assert!(refused(&|f| f.case.lengths.values_mut().for_each(|nanos| *nanos += 7)).contains("its trace is"));
    assert!(refused(&|f| f.anomaly = "gremlins".to_owned()).contains("no anomaly is named \"gremlins\""));
    let said = refused(&|f| {
        f.driftlab = "0.0.9".to_owned();
        f.trace = "0".repeat(32);
    });
    assert!(said.contains("found by driftlab 0.0.9"), "{said}");
}
