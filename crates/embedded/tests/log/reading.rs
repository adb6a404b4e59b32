use super::*;
use driftlab_model::{Failure, Refusal};
use std::sync::Arc;
use std::time::Instant;

#[test]
fn each_partition_counts_its_own_offsets_from_zero() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), &LogOptions { partitions: 2, ..options() });
    assert_eq!(log.append(at(0), 0, &[event(1), event(2)]).unwrap(), Offset(0));
    assert_eq!(log.append(at(0), 1, &[event(3)]).unwrap(), Offset(0));
    assert_eq!(log.append(at(0), 0, &[event(4)]).unwrap(), Offset(2));
    assert_eq!(log.append(at(0), 0, &[]).unwrap(), Offset(3));
    assert_eq!(read(&log, 0, 0, 9).unwrap(), [(0, 1), (1, 2), (2, 4)]);
    assert_eq!(read(&log, 1, 0, 9).unwrap(), [(0, 3)]);
    assert_eq!((log.end(0).unwrap(), log.end(1).unwrap()), (Offset(3), Offset(1)));
}

#[test]
fn a_read_takes_up_where_it_is_told_and_stops_at_its_limit_across_segments() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), &LogOptions { segment_bytes: 300, ..options() });
    for n in 0..20 {
        log.append(at(n), 0, &[event(n)]).unwrap();
    }
    assert!(segments(folder.path(), 0).len() > 4);
    for from in 0..=21 {
        for limit in 0..=21 {
            let expected: Vec<(u64, u64)> = (from..20).take(limit).map(|n| (n, n)).collect();
            assert_eq!(read(&log, 0, from, limit).unwrap(), expected, "from {from}, at most {limit}");
        }
    }
    assert_eq!(read(&log, 0, u64::MAX, 9).unwrap(), []);
}

#[test]
fn a_log_that_was_closed_goes_on_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let options = LogOptions { segment_bytes: 500, partitions: 2, ..options() };
    for round in 0..5 {
        let log = open(folder.path(), &options);
        assert_eq!(log.repairs(), []);
        assert_eq!(
            log.append(at(round), 1, &[event(2 * round), event(2 * round + 1)]).unwrap(),
            Offset(2 * round)
        );
        let all: Vec<(u64, u64)> = (0..2 * round + 2).map(|n| (n, n)).collect();
        assert_eq!(read(&log, 1, 0, 99).unwrap(), all);
    }
}

/// A key's partition follows from their number: opened with another, half of the keys would be read in two orders.
#[test]
fn a_log_is_not_opened_with_another_number_of_partitions_and_not_twice() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), &LogOptions { partitions: 2, ..options() });
    let refused = |partitions| {
        SegmentLog::open(folder.path(), &LogOptions { partitions, ..options() }).unwrap_err().to_string()
    };
    assert!(refused(2).contains("open already"));
    drop(log);
    assert!(refused(3).contains("holds 2 partitions and 3 were asked for"));
    assert!(
        SegmentLog::open(&folder.path().join("none"), &LogOptions { partitions: 0, ..options() }).is_err()
    );
}

#[test]
fn a_partition_that_does_not_exist_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), &options());
    let refused = log.append(at(0), 7, &[event(1)]).unwrap_err();
    assert_eq!(refused.as_failure(), Some(Failure::Refused(Refusal::Unsupported)));
    assert!(read(&log, 7, 0, 1).is_err() && log.end(7).is_err());
}

#[test]
fn a_waiting_reader_is_woken_by_an_append_and_gives_up_after_its_wait() {
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(open(folder.path(), &options()));
    let begun = Instant::now();
    assert_eq!(log.read(0, Offset(0), 9, Duration::from_millis(30)).unwrap().records, []);
    assert!(begun.elapsed() >= Duration::from_millis(30));
    let reader = std::thread::spawn({
        let log = Arc::clone(&log);
        move || log.read(0, Offset(0), 9, Duration::from_secs(60)).unwrap().records
    });
    std::thread::sleep(Duration::from_millis(20));
    log.append(at(0), 0, &[event(5)]).unwrap();
    assert_eq!(numbers(&reader.join().unwrap()), [(0, 5)]);
}

/// Readers at work while the log grows and rolls must see every record once, in order, whole.
#[test]
fn readers_beside_an_appender_see_every_record_in_order() {
    const COUNT: u64 = 3_000;
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(open(folder.path(), &LogOptions { segment_bytes: 20_000, ..options() }));
    let readers: Vec<_> = (1..4)
        .map(|reader| {
            let log = Arc::clone(&log);
            std::thread::spawn(move || {
                let mut next = 0;
                while next < COUNT {
                    let records =
                        log.read(0, Offset(next), 17 * reader, Duration::from_secs(60)).unwrap().records;
                    assert!(!records.is_empty(), "record {next} never came");
                    for (offset, n) in numbers(&records) {
                        assert_eq!((offset, n), (next, next));
                        next += 1;
                    }
                }
            })
        })
        .collect();
    for n in (0..COUNT).step_by(3) {
        log.append(at(0), 0, &[event(n), event(n + 1), event(n + 2)]).unwrap();
    }
    readers.into_iter().for_each(|reader| reader.join().unwrap());
}
