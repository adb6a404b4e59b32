use super::*;
use driftlab_model::{Compacted, Compaction, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

const KEYS: i64 = 25;

/// A write of one of a few keys, some of them deletions.
fn change(n: u64) -> ChangeEvent {
    let mut event = event(n + 1);
    let key = (n * 7 % KEYS as u64) as i64;
    event.change.key = Key::integer(TableId(0), key);
    if key % 4 == 0 {
        event.change.after = None;
    }
    event
}

fn compaction(tombstones: u64) -> Compaction {
    Compaction { every: Span::from_secs(1), tombstones: Span::from_secs(tombstones) }
}

/// A log of events 0..count, one a second, in segments of some kilobytes.
fn filled(folder: &Path, count: u64) -> SegmentLog {
    let log = open(folder, &LogOptions { segment_bytes: 2_000, ..options() });
    for n in 0..count {
        log.append(at(n), 0, &[change(n)]).unwrap();
    }
    log
}

fn all(log: &SegmentLog) -> Vec<Record> {
    log.read(0, Offset(0), usize::MAX, Duration::ZERO).unwrap().records
}

/// What they come to: the row of each key.
fn state(records: &[Record]) -> BTreeMap<Key, Row> {
    let mut rows = BTreeMap::new();
    for Record { event, .. } in records {
        match &event.change.after {
            Some(row) => drop(rows.insert(event.change.key.clone(), row.clone())),
            None => drop(rows.remove(&event.change.key)),
        }
    }
    rows
}

#[test]
fn a_compacted_log_gives_the_same_state_and_leaves_each_record_where_and_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path(), 400);
    let whole = all(&log);
    let active = segments(folder.path(), 0).pop().unwrap();
    let untouched = std::fs::read(&active).unwrap();
    let told = log.compact(at(400), compaction(10_000)).unwrap();
    assert_eq!(told.keys, KEYS as u64);
    assert!(
        told.bytes_after * 5 < told.bytes_before && told.records_after * 5 < told.records_before,
        "{told:?}"
    );
    let left = all(&log);
    assert!(left.iter().all(|record| record == &whole[record.offset.0 as usize]));
    assert!(left.is_sorted_by_key(|record| record.offset));
    assert_eq!(state(&left), state(&whole));
    assert_eq!(std::fs::read(&active).unwrap(), untouched, "the active segment was touched");
    let base: u64 = active.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let fetched = log.read(0, Offset(0), 1, Duration::ZERO).unwrap();
    assert_eq!(fetched.compacted, Compacted { below: Offset(base), forgotten: Offset(0) });
    // A second time there is nothing to do.
    let again = log.compact(at(400), compaction(10_000)).unwrap();
    assert_eq!((again.bytes_after, again.records_after), (told.bytes_after, told.records_after));
    drop(log);
    let log = open(folder.path(), &options());
    assert_eq!(all(&log), left);
    assert_eq!(log.read(0, Offset(0), 1, Duration::ZERO).unwrap().compacted, fetched.compacted);
    assert_eq!(log.append(at(401), 0, &[change(400)]).unwrap(), Offset(400));
}

#[test]
fn forgotten_deletions_are_told_of_after_every_opening() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path(), 200);
    log.close_segments().unwrap();
    let (first, second) = (log.compact(at(300), compaction(50)), log.compact(at(300), compaction(50)));
    assert!(
        second.unwrap().records_after < first.unwrap().records_after,
        "deletions go once nothing is below them"
    );
    assert!(all(&log).iter().rev().skip(1).all(|record| record.event.change.after.is_some()));
    let told = log.read(0, Offset(0), 1, Duration::ZERO).unwrap().compacted;
    assert!(told.forgotten > Offset(100) && told.below == Offset(200), "{told:?}");
    drop(log);
    let log = open(folder.path(), &options());
    assert_eq!(log.read(0, Offset(199), 1, Duration::ZERO).unwrap().compacted, told);
}

/// Every compaction would leave a small segment more, and a log that runs for a year would be a folder of a million files.
#[test]
fn small_segments_are_put_together() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), &options());
    for n in 0..60 {
        log.append(at(n), 0, &[change(n)]).unwrap();
        log.close_segments().unwrap();
        log.compact(at(n), compaction(10_000)).unwrap();
        assert!(segments(folder.path(), 0).len() <= 3);
    }
    assert_eq!(log.end(0).unwrap(), Offset(60));
}

/// Segments go away under readers at work: each must see what is left, in order, and never a damaged record.
#[test]
fn readers_and_an_appender_go_on_beside_compactions() {
    const COUNT: u64 = 4_000;
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(open(folder.path(), &LogOptions { segment_bytes: 4_000, ..options() }));
    let readers: Vec<_> = (1..4)
        .map(|reader| {
            let log = Arc::clone(&log);
            std::thread::spawn(move || {
                let (mut next, mut records) = (Offset(0), Vec::new());
                while next < Offset(COUNT) {
                    let fetched = log.read(0, next, 17 * reader, Duration::from_secs(60)).unwrap();
                    for record in fetched.records {
                        assert!(record.offset >= next && record.event == change(record.offset.0));
                        next = record.offset.next();
                        records.push(record);
                    }
                }
                state(&records)
            })
        })
        .collect();
    for n in 0..COUNT {
        log.append(at(n), 0, &[change(n)]).unwrap();
        if n % 100 == 0 {
            log.compact(at(n), compaction(1_000_000)).unwrap();
        }
    }
    let expected = state(&all(&log));
    for reader in readers {
        assert_eq!(reader.join().unwrap(), expected);
    }
}

/// To drop what cannot be read would turn a damaged disk into lost events.
#[test]
fn a_damaged_log_is_not_compacted() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path(), 200);
    let before = segments(folder.path(), 0);
    let mut bytes = std::fs::read(&before[2]).unwrap();
    bytes[1_000] ^= 4;
    std::fs::write(&before[2], bytes).unwrap();
    let refused = log.compact(at(400), compaction(0)).unwrap_err();
    let LogError::Damaged { path, position, .. } = &refused else { panic!("{refused}") };
    assert_eq!(path, &before[2]);
    assert!(*position <= 1_000 && *position > 800);
    assert_eq!(segments(folder.path(), 0), before);
}
