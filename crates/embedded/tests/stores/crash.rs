//! Stores whose process is killed at any moment: bookmark and rows must agree exactly, or a consumer would lose changes or apply them twice.

use super::*;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "DRIFTLAB_STORE_CRASH_FOLDER";
const KIND: &str = "DRIFTLAB_STORE_CRASH_KIND";
/// Every so many steps a load takes the place of everything.
const LOAD_EVERY: u64 = 25;

/// What step `n` does to which key; the state is a function of the steps taken.
fn deliveries(n: u64) -> Vec<Delivery> {
    let keys = [n % 7, 7 + n % 5, 20 + n % 40];
    let deliveries = keys.iter().map(|&key| {
        let deletes = (n + key).is_multiple_of(4);
        if deletes { delete(key as i64, n, Condition::Newer) } else { set(key as i64, n, Condition::Newer) }
    });
    deliveries.collect()
}

fn load(n: u64) -> Vec<(Key, Row)> {
    (0..30).map(|place| (key(place), row(place, n))).collect()
}

fn state(bookmark: u64) -> Vec<(Key, Row)> {
    let mut rows = BTreeMap::new();
    for n in 1..=bookmark {
        if n.is_multiple_of(LOAD_EVERY) {
            rows = load(n).into_iter().collect();
            continue;
        }
        for delivery in deliveries(n) {
            match delivery.after {
                Some(row) => drop(rows.insert(delivery.key, row)),
                None => drop(rows.remove(&delivery.key)),
            }
        }
    }
    rows.into_iter().collect()
}

/// The process that the tests below start, and kill.
#[test]
#[ignore = "started by the tests below"]
fn takes_steps_until_it_is_killed() {
    let (Ok(folder), Ok(kind)) = (std::env::var(FOLDER), std::env::var(KIND)) else { return };
    let mut sink = sink(&kind, &[], Path::new(&folder));
    let mut held = sink.bookmark().unwrap_or_default();
    loop {
        let next = held + 1;
        if next.is_multiple_of(LOAD_EVERY) {
            let mut begun = None;
            for part in load(next).chunks(10) {
                begun = Some(sink.stage(begun, part).unwrap());
            }
            sink.publish(begun.expect("a load has rows"), next).unwrap();
        } else {
            sink.step(deliveries(next), held, next).unwrap();
        }
        held = next;
        println!("\nacknowledged {held}");
        sink.now += Span::from_millis(100);
    }
}

fn survives(kind: &str, rounds: u64, spread: Duration) {
    let rounds =
        std::env::var("DRIFTLAB_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(rounds);
    let folder = tempfile::tempdir().unwrap();
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["crash::takes_steps_until_it_is_killed", "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .env(KIND, kind)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.by_ref().map_while(Result::ok).find_map(|line| acknowledged(&line));
        let first = first.expect("the process takes steps");
        // Moments that fall into every part of a step, and are others in every round.
        std::thread::sleep(spread.mul_f64((round * 619 % 1_000) as f64 / 1_000.0));
        child.kill().unwrap();
        child.wait().unwrap();
        let least =
            lines.map_while(Result::ok).filter_map(|line| acknowledged(&line)).last().unwrap_or(first);
        let mut sink = sink(kind, &[], folder.path());
        let held = sink.bookmark().unwrap_or_default();
        assert!(held >= least, "round {round}: step {least} was acknowledged, the bookmark is {held}");
        assert_eq!(sink.contents(), state(held), "round {round}: the rows at bookmark {held}");
    }
}

#[test]
fn a_warehouse_that_is_killed_at_any_moment_has_rows_and_bookmark_of_one_step() {
    survives("warehouse", 8, Duration::from_millis(60));
}

#[test]
fn a_search_index_that_is_killed_at_any_moment_has_rows_and_bookmark_of_one_step() {
    survives("search", 3, Duration::from_millis(400));
}

fn acknowledged(line: &str) -> Option<u64> {
    line.strip_prefix("acknowledged ")?.parse().ok()
}
