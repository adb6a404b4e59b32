//! A compaction that dies at any of its steps leaves a log that comes to the same.

use super::partition::Partition;
use super::{LogError, LogOptions, SyncPolicy};
use driftlab_model::{
    Change, ChangeEvent, Compaction, Heading, Key, Lsn, Offset, Row, Span, TableId, Time, TransactionId,
    Version, WriteId,
};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::Duration;

const COMPACTION: Compaction = Compaction { every: Span::from_secs(1), tombstones: Span::from_secs(20) };

fn event(position: u64, key: i64, deletes: bool) -> ChangeEvent {
    let write = WriteId { transaction: TransactionId(position), index: 0 };
    let row = Row::new(write, Version(position), Time::ZERO, [key.into(), "some text".into()].into());
    let change = Change {
        key: Key::integer(TableId(0), key),
        before: None,
        after: (!deletes).then_some(row),
        write,
        version: Version(position),
    };
    ChangeEvent { position: Lsn(position), transaction: write.transaction, index: 0, of: Some(1), change }
}

/// The events that a log is filled with, one a second: rows that are written, deleted, and for some written again, with some appends repeated.
fn events() -> Vec<ChangeEvent> {
    let mut events: Vec<ChangeEvent> = (0..90)
        .map(|n: u64| {
            let key = (n * 7 % 17) as i64;
            event(n + 1, key, n > 20 && key % 3 == 0)
        })
        .collect();
    let again: Vec<ChangeEvent> = events[20..26].to_vec();
    events.splice(30..30, again);
    events
}

fn open(folder: &Path) -> Partition {
    let options = LogOptions { segment_bytes: 700, sync: SyncPolicy::Never, ..LogOptions::default() };
    let mut repairs = Vec::new();
    let partition =
        Partition::open(folder.to_path_buf(), &options, &mut repairs).expect("the partition opens");
    assert!(repairs.is_empty(), "nothing was torn: {repairs:?}");
    partition
}

/// What the records come to, by the newest event of each key; and each is as it was appended, where it was.
fn state(partition: &Partition, all: &[ChangeEvent]) -> Vec<(Key, Row)> {
    let fetched = partition.read(Offset(0), usize::MAX, Duration::ZERO).expect("all can be read");
    assert!(fetched.records.is_sorted_by_key(|record| record.offset));
    let mut newest = BTreeMap::new();
    for record in &fetched.records {
        assert_eq!(record.event, all[record.offset.0 as usize], "at offset {}", record.offset);
        let place = Heading::from(&record.event).place;
        let held = newest.entry(record.event.change.key.clone()).or_insert((place, None));
        if place >= held.0 {
            *held = (place, record.event.change.after.clone());
        }
    }
    newest.into_iter().filter_map(|(key, (_, row))| Some((key, row?))).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

/// Compacts at a moment and dies before the step of a number; gives how many steps were taken, and whether it came to its end.
fn compact_until(partition: &Partition, seconds: u64, most: usize) -> (usize, bool) {
    let mut steps = 0;
    let horizon = COMPACTION.horizon(Time::ZERO + Span::from_secs(seconds));
    let done = partition.compact(horizon, &mut |step| {
        if steps == most {
            return Err(LogError::io(step, Path::new("the disk"))(io::Error::other("it died here")));
        }
        steps += 1;
        Ok(())
    });
    (steps, done.is_ok())
}

/// A crash between two files must not bring a row back whose deletion is gone, and must not lose one.
#[test]
fn a_compaction_that_dies_at_any_step_leaves_a_log_that_comes_to_the_same() {
    let all = events();
    let original = tempfile::tempdir().unwrap();
    let partition = open(original.path());
    for (event, second) in all.iter().zip(0..) {
        partition.append(Time::ZERO + Span::from_secs(second), std::slice::from_ref(event)).unwrap();
    }
    let expected = state(&partition, &all);
    let whole = partition.bytes();
    drop(partition);
    let mut most = 0;
    loop {
        let folder = tempfile::tempdir().unwrap();
        copy(original.path(), folder.path());
        // The first compaction leaves deletions alone, the second forgets them: it dies once in each.
        let mut is_done = true;
        for seconds in [100, 200] {
            let (_, done) = compact_until(&open(folder.path()), seconds, most);
            is_done &= done;
            let partition = open(folder.path());
            assert_eq!(state(&partition, &all), expected, "it died before step {most}");
            assert_eq!(partition.end(), Offset(all.len() as u64));
            // And the next one does what this one did not.
            assert!(compact_until(&partition, seconds, usize::MAX).1);
            assert_eq!(state(&partition, &all), expected, "after one that died before step {most}");
        }
        let partition = open(folder.path());
        assert!(partition.bytes() < whole / 2, "{} of {whole} bytes are left", partition.bytes());
        if is_done {
            break;
        }
        most += 1;
    }
    assert!(most > 20, "a compaction of many files has many steps, not {most}");
}

/// What a compaction has left unfinished must not be taken for a segment, nor pile up.
#[test]
fn nothing_is_left_behind() {
    let all = events();
    let folder = tempfile::tempdir().unwrap();
    let partition = open(folder.path());
    for (event, second) in all.iter().zip(0..) {
        partition.append(Time::ZERO + Span::from_secs(second), std::slice::from_ref(event)).unwrap();
    }
    for most in 0..40 {
        compact_until(&partition, 100, most);
    }
    drop(partition);
    let partition = open(folder.path());
    assert!(compact_until(&partition, 200, usize::MAX).1);
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let segments = names.iter().filter(|name| name.ends_with(".log")).count();
    assert_eq!(names.len(), segments + 2, "segments, and two notes: {names:?}");
    let bytes: u64 = names
        .iter()
        .filter(|name| name.ends_with(".log"))
        .map(|name| std::fs::metadata(folder.path().join(name)).unwrap().len())
        .sum();
    assert_eq!(partition.bytes(), bytes, "what the log says that it takes");
}
