//! What strategies can still answer when a run has ended, out of what they really kept.

use driftlab_check::recall::{Answered, QUESTIONS};
use driftlab_lab::{Experiment, Quiet, RunOptions, run};
use driftlab_scenario::{Overrides, Registries, Scenario};

/// Seats that change hands under a crash now and then, a log as it is told, and these strategies.
fn seats(seed: u64, log: &str, strategies: &str) -> Experiment {
    let text = format!(
        r#"
        title = "who had the seat"
        [world]
        seed = {seed}
        duration = "12s"
        [source]
        latency = "exp(2ms)"
        [workload]
        shape = "seats"
        clients = 6
        think = "exp(50ms)"
        keys = {{ count = 20, distribution = "zipf", theta = 0.8 }}
        mix = {{ insert = 5, update = 3, delete = 4, read = 1 }}
        transaction = {{ rows = "1..=2" }}
        [log]
        {log}
        [[sink]]
        kind = "warehouse"
        [[fault]]
        kind = "crash"
        target = "app"
        every = "poisson(4s)"
        {strategies}
        "#
    );
    let scenario = Scenario::parse(&text, "recall.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|error| panic!("{error:?}"));
    run(&scenario, &RunOptions { jobs: 1 }, &Quiet).unwrap_or_else(|error| panic!("{error}"))
}

/// What one strategy answered: current state, state at a time, every change, who and why.
fn answered(experiment: &Experiment, strategy: &str) -> [Answered; 4] {
    let found = experiment.strategies.iter().find(|found| found.name == strategy);
    let answers = found.and_then(|found| found.runs[0].answers.clone()).expect("the first run is asked");
    assert_eq!(answers.answered.len(), QUESTIONS.len());
    answers.answered.try_into().expect("four questions")
}

fn is_complete(answered: &Answered) -> bool {
    answered.asked > 20 && answered.right == answered.asked
}

/// A stamp is older than its commit, so now and then who has stamps alone is ahead of what was true.
fn is_seldom_wrong(answered: &Answered) -> bool {
    answered.wrong * 100 < answered.asked
}

const KINDS: &str = r#"
[[strategy]]
name = "events"
kind = "event_sourcing"
snapshots = 10
[[strategy]]
name = "log"
kind = "log_cdc"
[[strategy]]
name = "dual"
kind = "dual_writes"
[[strategy]]
name = "outbox"
kind = "outbox"
gaps = "wait"
[[strategy]]
name = "emptied"
kind = "outbox"
gaps = "wait"
remove = "delete_rows"
"#;

#[test]
fn what_happened_is_known_where_it_is_kept_and_who_and_why_where_that_was_written_down() {
    for seed in 1..=5 {
        let experiment = seats(seed, "", KINDS);
        let [now, past, changes, causes] = answered(&experiment, "events");
        assert!([&now, &past, &changes, &causes].iter().all(|one| is_complete(one)), "seed {seed}: {past:?}");
        let [now, past, changes, causes] = answered(&experiment, "log");
        assert!([&now, &past, &changes].iter().all(|one| is_complete(one)), "seed {seed}: {past:?}");
        assert_eq!((causes.right, causes.wrong), (0, 0), "seed {seed}");
        for state_based in ["dual", "emptied"] {
            let [now, past, changes, causes] = answered(&experiment, state_based);
            assert!(
                now.right == now.asked && past.newest_only && changes.newest_only,
                "seed {seed}: {past:?}"
            );
            assert!(past.right > 0 && past.right < past.asked && causes.right == 0, "seed {seed}: {past:?}");
        }
        let [_, past, changes, causes] = answered(&experiment, "outbox");
        assert!(is_complete(&changes) && causes.right == 0, "seed {seed}");
        assert!(is_seldom_wrong(&past) && past.right + past.wrong == past.asked, "seed {seed}: {past:?}");
    }
}

/// Three releases wrote the events, and whoever asks afterwards has the code of the last.
#[test]
fn a_history_in_several_forms_answers_as_one_does_unless_it_is_read_as_it_is() {
    let releases = |old_events: &str| {
        format!(
            "[[strategy]]\nname = \"events\"\nkind = \"event_sourcing\"\nrelease_every = \"4s\"\nold_events = \"{old_events}\""
        )
    };
    for seed in 1..=5 {
        let experiment = seats(seed, "", &releases("upcast"));
        let [now, past, changes, causes] = answered(&experiment, "events");
        assert!([&now, &past, &changes, &causes].iter().all(|one| is_complete(one)), "seed {seed}: {past:?}");
        let experiment = seats(seed, "retain = \"2s\"", &releases("as_is"));
        let [_, past, changes, causes] = answered(&experiment, "events");
        assert!(past.wrong > 0 && changes.right < changes.asked, "seed {seed}: {past:?}, {changes:?}");
        assert!(causes.right < causes.asked, "seed {seed}: {causes:?}");
    }
}

/// Compaction takes from a log of rows what it takes from a table, only later; a log of events has no two of one key.
#[test]
fn compaction_takes_the_past_of_rows_and_not_that_of_events() {
    for seed in 1..=5 {
        let experiment = seats(seed, "compact = \"2s\"\ntombstones = \"3s\"", KINDS);
        let [_, past, changes, causes] = answered(&experiment, "events");
        assert!([&past, &changes, &causes].iter().all(|one| is_complete(one)), "seed {seed}: {past:?}");
        let [now, past, changes, _] = answered(&experiment, "log");
        assert!(is_complete(&now) && is_seldom_wrong(&past) && changes.wrong == 0, "seed {seed}: {past:?}");
        assert!(past.right < past.asked && past.back_to.is_some(), "seed {seed}: {past:?}");
        assert!(changes.right < changes.asked && !changes.newest_only, "seed {seed}: {changes:?}");
        let log = experiment.strategies[1].runs[0].compacted_log.expect("it was compacted");
        assert!(log.events_held < log.events && log.bytes_held < log.bytes, "seed {seed}: {log:?}");
    }
}

#[test]
fn retention_takes_the_past_and_events_in_tables_stay() {
    for seed in 1..=5 {
        let experiment = seats(seed, "retain = \"2s\"", KINDS);
        let [_, past, ..] = answered(&experiment, "log");
        assert!(is_seldom_wrong(&past) && past.right < past.asked, "seed {seed}: {past:?}");
        let [_, past, changes, causes] = answered(&experiment, "events");
        assert!(is_complete(&changes) && is_complete(&causes), "seed {seed}");
        // Where the log no longer dates an event, its stamp does.
        assert!(is_seldom_wrong(&past) && past.right + past.wrong == past.asked, "seed {seed}: {past:?}");
        assert_eq!(experiment.strategies[1].runs[0].compacted_log, None, "it is not compacted");
    }
}
