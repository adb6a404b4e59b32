//! Searching every schedule: what is turned back from is counted as if it had been run.
#![allow(missing_docs, reason = "tests")]

use driftlab_check::Anomaly;
use driftlab_lab::explore::{Cause, Exhausted, Memory, exhaust, exhaust_by_state, exhaust_remembering};
use driftlab_lab::{Quiet, Stage};
use driftlab_scenario::{Overrides, Registries, Scenario};

fn scenario(workload: &str, sinks: &str, strategy: &str) -> Scenario {
    let text = format!(
        r#"title = "every schedule"
[world]
duration = "400ms"
settle = "10min"
[source]
latency = "exp(1ms)"
[workload]
shape = "kv"
{workload}
{sinks}
[[strategy]]
{strategy}
"#
    );
    Scenario::parse(&text, "case.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn staging(scenario: &Scenario) -> Stage {
    Stage::new(scenario, &scenario.strategies[0], None).unwrap_or_else(|why| panic!("{why}"))
}

fn each(scenario: &Scenario, seed: u64, limit: u64) -> Exhausted {
    exhaust(&|| staging(scenario), seed, limit, 1, &Quiet)
}

fn by_state(scenario: &Scenario, seed: u64) -> Exhausted {
    exhaust_by_state(&|| staging(scenario), seed, 100_000, 1, &Quiet)
}

/// What was counted, without the runs that showed it first.
#[derive(Debug, PartialEq)]
struct Counts {
    schedules: u64,
    unsettled: u64,
    causes: Vec<(Cause, u64)>,
    anomalies: Vec<(Anomaly, u64)>,
}

fn counts(all: &Exhausted) -> Counts {
    let causes = all.tally.causes.iter().map(|(cause, seen)| (*cause, seen.schedules.total()));
    let anomalies = all.tally.anomalies.iter().map(|(anomaly, seen)| (*anomaly, seen.schedules.total()));
    Counts {
        schedules: all.schedules,
        unsettled: all.tally.unsettled,
        causes: causes.collect(),
        anomalies: anomalies.collect(),
    }
}

fn writers(clients: usize, operations: usize, more: &str) -> String {
    format!("clients = {clients}\noperations = {operations}\n{more}")
}

const ONE_KEY: &str = "keys = { count = 1, distribution = \"uniform\" }\nmix = { insert = 0, update = 1, delete = 0, read = 0 }";
const WAREHOUSE: &str = "[[sink]]\nkind = \"warehouse\"\nlatency = \"exp(1ms)\"";
const COPIES: &str = "[[sink]]\nkind = \"warehouse\"\nlatency = \"exp(1ms)\"\n[[sink]]\nkind = \"search\"\nlatency = \"exp(1ms)\"\nrefresh = \"0\"";

/// Every strategy, and the ways in which each goes wrong.
const STRATEGIES: &[&str] = &[
    "kind = \"none\"",
    "kind = \"batch_full\"\nevery = \"50ms\"",
    "kind = \"batch_full\"\nevery = \"50ms\"\nload = \"in_place\"\npage = 1",
    "kind = \"batch_full\"\nevery = \"50ms\"\nread = \"paged\"\npage = 1",
    "kind = \"batch_incremental\"\nevery = \"50ms\"",
    "kind = \"batch_incremental\"\nevery = \"50ms\"\nlookback = \"1s\"\ndeletes = \"key_diff\"",
    "kind = \"dual_writes\"",
    "kind = \"dual_writes\"\nversioned = true",
    "kind = \"dual_writes\"\norder = \"sink_first\"",
    "kind = \"dual_writes\"\norder = \"concurrent\"",
    "kind = \"dual_writes\"\nretries = 2",
    "kind = \"cache_aside\"",
    "kind = \"cache_aside\"\nleases = true",
    "kind = \"cache_aside\"\ninvalidate = \"before_commit\"",
    "kind = \"outbox\"",
    "kind = \"outbox\"\nrelays = 2\nversioned = false",
    "kind = \"trigger_cdc\"\nversioned = false",
    "kind = \"log_cdc\"",
    "kind = \"log_cdc\"\nversioned = false",
    "kind = \"log_cdc\"\nsnapshot = \"naive\"\nversioned = false",
];

/// What two or three clients do: small enough to run every schedule of it.
fn workloads() -> Vec<String> {
    let mix = |insert: u32, update: u32, delete: u32, read: u32| {
        format!("mix = {{ insert = {insert}, update = {update}, delete = {delete}, read = {read} }}")
    };
    let keys = |count: u32| format!("keys = {{ count = {count}, distribution = \"uniform\" }}");
    vec![
        writers(2, 2, ONE_KEY),
        writers(3, 3, ONE_KEY),
        writers(2, 3, ONE_KEY),
        writers(2, 2, &format!("{}\n{}", keys(2), mix(0, 1, 0, 0))),
        writers(2, 3, &format!("{}\n{}", keys(1), mix(0, 1, 1, 0))),
        writers(3, 3, &format!("{}\n{}", keys(2), mix(1, 1, 1, 0))),
        writers(2, 3, &format!("{}\n{}", keys(1), mix(0, 1, 0, 1))),
        writers(2, 2, &format!("{}\n{}\ntransaction = {{ rows = \"2\" }}", keys(2), mix(0, 1, 0, 0))),
        writers(2, 2, &format!("{}\n{}\ntransaction = {{ rollback = 0.5 }}", keys(1), mix(0, 1, 1, 0))),
    ]
}

/// More schedules than these are not run one by one here.
const FEW: u64 = 600;

/// A state that is taken for another one hides what hangs below it. So what was counted by states must be what was counted by schedules, for every strategy and
/// for all that can be run in full: how many schedules there are, and how many of them show each anomaly, where, and for good or not.
#[test]
fn counting_by_states_gives_what_counting_by_schedules_gives() {
    let (mut compared, mut telling, mut saved) = (0, 0, 0);
    for workload in workloads() {
        for strategy in STRATEGIES {
            let cache = "[[sink]]\nkind = \"cache\"\nlatency = \"exp(1ms)\"";
            let sinks: &[&str] =
                if strategy.contains("cache_aside") { &[cache] } else { &[WAREHOUSE, COPIES] };
            for sinks in sinks {
                for seed in [1, 2] {
                    let scenario = scenario(&workload, sinks, strategy);
                    let each = each(&scenario, seed, FEW);
                    if !each.is_complete {
                        continue;
                    }
                    let by_state = by_state(&scenario, seed);
                    assert!(by_state.is_complete);
                    assert_eq!(counts(&by_state), counts(&each), "seed {seed}\n{}", scenario.text);
                    compared += 1;
                    telling += u64::from(!each.tally.causes.is_empty());
                    saved += u64::from(by_state.states.is_some_and(|states| 4 * states < each.schedules));
                }
            }
        }
    }
    // Where nothing was found, or nothing saved, nothing was compared.
    assert!(
        compared > 400 && telling > 150 && saved > 30,
        "{compared} compared, {telling} telling, {saved} saved"
    );
}

/// Ways of setting up processes that say what they remember.
const REMEMBERING: &[&str] = &[
    "kind = \"log_cdc\"",
    "kind = \"log_cdc\"\nbatch = 1",
    "kind = \"log_cdc\"\nversioned = false",
    "kind = \"log_cdc\"\nposition = \"checkpoint\"",
    "kind = \"log_cdc\"\napply = \"rows\"\nposition = \"checkpoint\"",
    "kind = \"log_cdc\"\napply = \"rows\"\nposition = \"checkpoint\"\npartitions = 2",
    "kind = \"log_cdc\"\napply = \"rows\"\nposition = \"checkpoint\"\nconnections = 2\nversioned = false",
    "kind = \"log_cdc\"\napply = \"rows\"\nposition = \"checkpoint\"\nacknowledge = \"before_apply\"",
    "kind = \"log_cdc\"\nsnapshot = \"naive\"\nversioned = false",
    "kind = \"log_cdc\"\nsnapshot = \"watermarked\"",
];

/// More runs than these are not made by whole pasts here.
const MANY: u64 = 600;

/// A process that forgets to say something that it remembers hides what hangs on it. So what is counted where processes are believed must be what is counted where each is all that it has
/// heard, of which there are many more than can be run schedule by schedule.
#[test]
fn processes_that_say_what_they_remember_are_worth_believing() {
    let (mut compared, mut schedules, mut saved) = (0, 0, 0);
    for workload in workloads() {
        for strategy in REMEMBERING {
            let sum = "[[sink]]\nkind = \"warehouse\"\nmode = \"sum\"\nlatency = \"exp(1ms)\"";
            for sinks in [WAREHOUSE, COPIES, sum] {
                let scenario = scenario(&workload, sinks, strategy);
                let search = |memory| exhaust_remembering(&|| staging(&scenario), 1, MANY, memory, &Quiet);
                let (whole, said) = (search(Memory::Whole), search(Memory::AsTheySay));
                if !whole.is_complete {
                    continue;
                }
                assert_eq!(counts(&said), counts(&whole), "{}", scenario.text);
                compared += 1;
                schedules += whole.schedules;
                saved += u64::from(said.states < whole.states);
            }
        }
    }
    assert!(
        compared > 60 && saved > 20 && schedules > 100_000,
        "{compared} compared, over {schedules} schedules; {saved} saved"
    );
}

/// Of `K` writers with two steps each there are `(2K)! / 2^K` schedules; a search that skips one, or counts one twice, proves nothing.
#[test]
fn five_writers_have_113_400_schedules_however_they_are_counted() {
    let scenario = scenario(&writers(5, 5, ONE_KEY), WAREHOUSE, "kind = \"dual_writes\"");
    let (each, by_state) = (each(&scenario, 1, u64::MAX), by_state(&scenario, 1));
    assert_eq!(each.schedules, 113_400);
    assert_eq!(counts(&each), counts(&by_state));
}

#[test]
fn eight_writers_are_proved_by_their_states() {
    let plain = by_state(&scenario(&writers(8, 8, ONE_KEY), WAREHOUSE, "kind = \"dual_writes\""), 1);
    let versioned = "kind = \"dual_writes\"\nversioned = true";
    let versioned = by_state(&scenario(&writers(8, 8, ONE_KEY), WAREHOUSE, versioned), 1);
    for all in [&plain, &versioned] {
        assert!(all.is_complete);
        assert_eq!(all.schedules, 81_729_648_000);
    }
    assert!(plain.tally.anomalies.contains_key(&Anomaly::StaleOverwrite));
    assert!(versioned.tally.anomalies.is_empty());
}

/// The scenario of a file below `scenarios/`, with its strategies replaced by this one, where one is given.
#[allow(clippy::disallowed_methods, reason = "the committed scenario is the one that is searched")]
fn committed(file: &str, strategy: Option<&str>) -> Scenario {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(file);
    let mut text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    if let Some(strategy) = strategy {
        let kept = text.split("[[strategy]]").next().expect("a split text has a first part");
        text = format!("{kept}[[strategy]]\n{strategy}\n");
    }
    Scenario::parse(&text, file, &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// The race of the committed scenario, two copies and four operations, to its end: whatever writes twice without versions overwrites new with old in some schedule, and whatever
/// reads the log does so in none.
#[test]
fn every_schedule_of_the_committed_race_is_searched() {
    let search = |strategy: &str| {
        let all = by_state(&committed("dual-write/two-writers/broken.toml", Some(strategy)), 1);
        assert!(all.is_complete, "{strategy}: {:?} states and no end", all.states);
        all
    };
    for order in ["database_first", "sink_first", "concurrent"] {
        let all = search(&format!("kind = \"dual_writes\"\norder = \"{order}\""));
        assert!(all.tally.anomalies.contains_key(&Anomaly::StaleOverwrite), "{order}");
    }
    let versioned = search("kind = \"dual_writes\"\nversioned = true");
    assert!(!versioned.tally.anomalies.contains_key(&Anomaly::StaleOverwrite));
    for log_cdc in ["kind = \"log_cdc\"", "kind = \"log_cdc\"\nversioned = false"] {
        let all = search(log_cdc);
        assert_eq!(all.tally.anomalies.keys().collect::<Vec<_>>(), [] as [&Anomaly; 0], "{log_cdc}");
        assert!(all.schedules > 1_000_000, "{} schedules", all.schedules);
    }
}

/// A finding below a state that was met before is found all the same, and the path that is kept for it shows it.
#[test]
fn every_cause_has_a_path_that_shows_it() {
    let scenario = scenario(&writers(3, 3, ONE_KEY), COPIES, "kind = \"dual_writes\"");
    let all = by_state(&scenario, 1);
    assert_eq!(all.paths.len(), all.tally.causes.len());
    let stage = staging(&scenario);
    for (cause, path) in &all.paths {
        let case = driftlab_lab::explore::case_of_path(&stage, 1, path);
        let shown = case.record(&stage).judgement.findings.iter().any(|finding| Cause::of(finding) == *cause);
        assert!(shown, "{cause:?} by {path:?}");
    }
}

/// Traces depend neither on the number of threads nor on what a thread ran before: here over a few hundred seeds, by `--example digest` over as many as one likes, in other processes and at other
/// optimisation levels.
#[test]
fn traces_depend_on_seeds_alone() {
    for strategy in ["kind = \"dual_writes\"", "kind = \"log_cdc\"", "kind = \"outbox\""] {
        let scenario = scenario(&writers(3, 12, ONE_KEY), COPIES, strategy);
        let digest = |first, jobs| driftlab_lab::digest(&|| staging(&scenario), first, 200, jobs);
        assert_eq!(digest(1, 1), digest(1, 2));
        assert_ne!(digest(1, 1), digest(2, 1));
    }
}
