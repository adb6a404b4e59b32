use super::*;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const FOLDER: &str = "DRIFTLAB_LOG_CRASH_FOLDER";
const BATCH: u64 = 7;

fn crash_options() -> LogOptions {
    LogOptions { segment_bytes: 20_000, ..options() }
}

/// The process that the test below starts, and kills.
#[test]
#[ignore = "started by the test below"]
fn appends_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let log = open(Path::new(&folder), &crash_options());
    let mut next = log.end(0).unwrap().0;
    loop {
        let events: Vec<ChangeEvent> = (next..next + BATCH).map(event).collect();
        log.append(at(0), 0, &events).unwrap();
        next += BATCH;
        println!("\nacknowledged {next}");
    }
}

/// Whatever was acknowledged is there after the death of the process, and what was not is there up to some record, whole and in order.
#[test]
fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    let rounds = std::env::var("DRIFTLAB_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let folder = tempfile::tempdir().unwrap();
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["crash::appends_until_it_is_killed", "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.by_ref().map_while(Result::ok).find_map(|line| acknowledged(&line));
        let mut least = first.expect("the process appends");
        // Moments that differ from round to round by less than an append takes.
        std::thread::sleep(Duration::from_micros(700 + 1_337 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        least = lines.map_while(Result::ok).filter_map(|line| acknowledged(&line)).last().unwrap_or(least);
        let log = open(folder.path(), &crash_options());
        let end = log.end(0).unwrap().0;
        assert!(end >= least, "round {round}: {least} events were acknowledged, {end} are there");
        let all: Vec<(u64, u64)> = (0..end).map(|n| (n, n)).collect();
        assert_eq!(read(&log, 0, 0, usize::MAX).unwrap(), all, "round {round}");
        // A batch that was cut short is completed, as a producer would do it, so that the next round begins at a batch.
        let missing: Vec<ChangeEvent> = (end..end.next_multiple_of(BATCH)).map(event).collect();
        log.append(at(0), 0, &missing).unwrap();
    }
}

fn acknowledged(line: &str) -> Option<u64> {
    line.strip_prefix("acknowledged ")?.parse().ok()
}
