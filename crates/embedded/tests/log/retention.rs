use super::*;
use driftlab_embedded::log::Retention;
use driftlab_model::Span;

fn filled(folder: &Path, retention: Retention) -> SegmentLog {
    let log = open(folder, &LogOptions { segment_bytes: 300, retention, ..options() });
    for n in 0..20 {
        log.append(at(n), 0, &[event(n)]).unwrap();
    }
    log
}

/// A consumer that was away longer than retention lasts must learn that it missed something, not silently go on with a gap.
#[test]
fn a_reader_below_the_earliest_record_is_told_where_the_log_begins() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention { bytes_max: Some(900), ..Retention::default() };
    let log = filled(folder.path(), retention);
    assert_eq!(log.earliest(0).unwrap(), Offset(0));
    log.enforce(at(20)).unwrap();
    assert!(log.bytes() <= 900);
    let earliest = log.earliest(0).unwrap();
    assert!(earliest > Offset(5));
    assert_eq!(out_of_range(read(&log, 0, 0, 9)), earliest);
    assert_eq!(out_of_range(read(&log, 0, earliest.0 - 1, 9)), earliest);
    assert_eq!(read(&log, 0, earliest.0, 1).unwrap(), [(earliest.0, earliest.0)]);
    drop(log);
    let log = open(folder.path(), &options());
    assert_eq!((log.earliest(0).unwrap(), log.end(0).unwrap()), (earliest, Offset(20)));
}

#[test]
fn retention_by_age_removes_segments_whose_newest_record_is_as_old_as_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention { age_max: Some(Span::from_secs(10)), ..Retention::default() };
    drop(filled(folder.path(), retention));
    // What was closed before must be read to know its age.
    let log = open(folder.path(), &LogOptions { segment_bytes: 300, retention, ..options() });
    log.enforce(at(9)).unwrap();
    assert_eq!(log.earliest(0).unwrap(), Offset(0), "an age longer than the run removes nothing");
    log.enforce(at(20)).unwrap();
    let earliest = log.earliest(0).unwrap().0;
    assert!(earliest <= 11 && earliest > 7, "the log begins at {earliest}");
    log.enforce(at(1_000)).unwrap();
    assert!(segments(folder.path(), 0).len() == 1 && log.end(0).unwrap() == Offset(20));
}

#[test]
fn truncation_is_exact_survives_and_never_moves_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path(), Retention::default());
    log.truncate_before(0, Offset(8)).unwrap();
    log.truncate_before(0, Offset(3)).unwrap();
    assert_eq!(out_of_range(read(&log, 0, 7, 9)), Offset(8));
    assert_eq!(read(&log, 0, 8, 1).unwrap(), [(8, 8)]);
    drop(log);
    let log = open(folder.path(), &LogOptions { segment_bytes: 300, ..options() });
    assert_eq!(log.earliest(0).unwrap(), Offset(8));
    log.truncate_before(0, Offset(99)).unwrap();
    assert_eq!((log.earliest(0).unwrap(), log.end(0).unwrap()), (Offset(20), Offset(20)));
    assert_eq!(log.append(at(30), 0, &[event(20)]).unwrap(), Offset(20));
    assert_eq!(read(&log, 0, 20, 9).unwrap(), [(20, 20)]);
}
