use super::PartitionedLog;
use driftlab_model::port::Fetched;
use driftlab_model::{
    Change, ChangeEvent, Key, Lsn, Offset, Refusal, Retention, Span, TableId, Time, TransactionId, Version,
    WriteId,
};

fn event(n: u64) -> ChangeEvent {
    let write = WriteId { transaction: TransactionId(n), index: 0 };
    let key = Key::integer(TableId(0), n as i64);
    ChangeEvent {
        position: Lsn(n),
        transaction: write.transaction,
        index: 0,
        of: Some(1),
        change: Change { key, before: None, after: None, write, version: Version(n) },
    }
}

fn newest(count: u64) -> Retention {
    Retention { records_max: Some(count), ..Retention::default() }
}

fn younger_than(seconds: u64) -> Retention {
    Retention { age_max: Some(Span::from_secs(seconds)), ..Retention::default() }
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(seconds)
}

fn read(log: &PartitionedLog, partition: u32, from: u64, limit: usize) -> Result<Vec<(u64, u64)>, Refusal> {
    let mut fetched = Fetched::default();
    log.read(partition, Offset(from), limit, &mut fetched)?;
    Ok(fetched.records.iter().map(|record| (record.offset.0, record.event.position.0)).collect())
}

/// A log of one partition with events 0..count, one a second.
fn filled(count: u64) -> PartitionedLog {
    let mut log = PartitionedLog::new(1);
    for n in 0..count {
        assert_eq!(log.append(at(n), 0, vec![event(n)]), Ok(Offset(n)));
    }
    log
}

#[test]
fn each_partition_counts_its_own_offsets_from_zero() {
    let mut log = PartitionedLog::new(2);
    assert_eq!(log.append(at(0), 0, vec![event(1), event(2)]), Ok(Offset(0)));
    assert_eq!(log.append(at(0), 1, vec![event(3)]), Ok(Offset(0)));
    assert_eq!(log.append(at(0), 0, vec![event(4)]), Ok(Offset(2)));
    assert_eq!(read(&log, 0, 0, 9), Ok(vec![(0, 1), (1, 2), (2, 4)]));
    assert_eq!(read(&log, 1, 0, 9), Ok(vec![(0, 3)]));
    assert_eq!((log.end(0), log.end(1)), (Ok(Offset(3)), Ok(Offset(1))));
}

#[test]
fn a_read_takes_up_where_it_is_told_and_stops_at_its_limit() {
    let log = filled(5);
    assert_eq!(read(&log, 0, 1, 2), Ok(vec![(1, 1), (2, 2)]));
    assert_eq!(read(&log, 0, 4, usize::MAX), Ok(vec![(4, 4)]));
    assert_eq!(read(&log, 0, 0, 0), Ok(vec![]));
}

#[test]
fn a_read_at_or_beyond_the_end_waits_for_nothing_and_gets_nothing() {
    let log = filled(2);
    assert_eq!(read(&log, 0, 2, 9), Ok(vec![]));
    assert_eq!(read(&log, 0, u64::MAX, 9), Ok(vec![]));
}

#[test]
fn a_partition_that_does_not_exist_is_refused_and_nothing_is_counted() {
    let mut log = PartitionedLog::new(0);
    assert_eq!(log.append(at(0), 0, vec![event(1)]), Err(Refusal::Unsupported));
    assert_eq!(read(&log, 0, 0, 1), Err(Refusal::Unsupported));
    assert_eq!((log.end(0), log.events()), (Err(Refusal::Unsupported), 0));
}

/// A consumer that was away longer than retention lasts must learn that it missed something, not silently go on with a gap.
#[test]
fn a_reader_below_the_earliest_record_is_told_where_the_log_begins() {
    let mut log = filled(5);
    log.retain(at(5), newest(2));
    assert_eq!(read(&log, 0, 2, 9), Err(Refusal::OutOfRange { earliest: Offset(3) }));
    assert_eq!(read(&log, 0, 3, 9), Ok(vec![(3, 3), (4, 4)]));
}

#[test]
fn retention_by_count_goes_on_after_it_was_set() {
    let mut log = filled(0);
    log.retain(at(0), newest(2));
    log.append(at(0), 0, (0..5).map(event).collect()).unwrap();
    assert_eq!(log.earliest(0), Ok(Offset(3)));
    log.retain(at(0), Retention::default());
    log.append(at(0), 0, (5..9).map(event).collect()).unwrap();
    assert_eq!((log.earliest(0), log.end(0)), (Ok(Offset(3)), Ok(Offset(9))));
}

#[test]
fn retention_by_age_removes_what_is_as_old_as_the_limit() {
    let mut log = filled(10);
    log.retain(at(9), younger_than(3));
    assert_eq!(log.earliest(0), Ok(Offset(7)));
    log.enforce(at(11));
    assert_eq!(log.earliest(0), Ok(Offset(9)));
    log.append(at(50), 0, vec![event(10)]).unwrap();
    assert_eq!(read(&log, 0, 10, 9), Ok(vec![(10, 10)]));
    assert_eq!(log.earliest(0), Ok(Offset(10)));
}

/// An age longer than the run so far must not wrap around and remove what is new.
#[test]
fn retention_longer_than_the_run_removes_nothing() {
    let mut log = filled(3);
    log.retain(at(3), younger_than(10));
    assert_eq!(log.earliest(0), Ok(Offset(0)));
}

/// A retention that was shortened and set back: the end stays where it was, and what is gone is gone.
#[test]
fn removal_never_moves_the_end_and_never_brings_anything_back() {
    let mut log = filled(4);
    let bytes = log.bytes();
    log.retain(at(4), younger_than(0));
    assert_eq!((log.earliest(0), log.end(0)), (Ok(Offset(4)), Ok(Offset(4))));
    log.retain(at(4), Retention::default());
    assert_eq!(read(&log, 0, 3, 9), Err(Refusal::OutOfRange { earliest: Offset(4) }));
    assert_eq!((log.events(), log.bytes()), (4, bytes), "removed records still count as moved");
    assert_eq!(bytes, 4 * event(0).size() as u64);
    assert_eq!(log.append(at(4), 0, vec![event(4)]), Ok(Offset(4)));
    assert_eq!(read(&log, 0, 4, 9), Ok(vec![(4, 4)]));
}

#[test]
fn a_reset_log_is_as_a_new_one() {
    let mut log = filled(4);
    log.retain(at(9), newest(1).and(younger_than(1)));
    log.reset();
    assert_eq!((log.end(0), log.earliest(0)), (Ok(Offset(0)), Ok(Offset(0))));
    assert_eq!((log.events(), log.bytes()), (0, 0));
    log.append(at(0), 0, (0..3).map(event).collect()).unwrap();
    log.enforce(at(100));
    assert_eq!(read(&log, 0, 0, 9).map(|records| records.len()), Ok(3));
}
