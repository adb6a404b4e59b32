//! Compaction against the log that it was made from: what is left gives the same state, at the same positions, to whoever reads it and however slowly.

use super::PartitionedLog;
use driftlab_model::port::{Fetched, Record};
use driftlab_model::{
    Change, ChangeEvent, Compacted, Compaction, Key, Lsn, Offset, Row, Span, TableId, Time, TransactionId,
    Version, WriteId,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const EVERY: u64 = 10;

#[derive(Clone, Debug)]
enum Step {
    /// Events about these keys are appended, some of them deletions.
    Append(Vec<(i64, bool)>),
    /// The last few appends come again.
    Repeat(usize),
    /// So many seconds pass.
    Wait(u64),
    /// The reader reads so many records.
    Read(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec((0..6i64, prop::bool::weighted(0.4)), 1..5).prop_map(Step::Append),
        1 => (1..6usize).prop_map(Step::Repeat),
        3 => (1..9u64).prop_map(Step::Wait),
        2 => (1..9usize).prop_map(Step::Read),
    ]
}

fn event(position: u64, key: i64, deletes: bool) -> ChangeEvent {
    let write = WriteId { transaction: TransactionId(position), index: 0 };
    let row = Row::new(write, Version(position), Time::ZERO, [key.into()].into());
    let change = Change {
        key: Key::integer(TableId(0), key),
        before: None,
        after: (!deletes).then_some(row),
        write,
        version: Version(position),
    };
    ChangeEvent { position: Lsn(position), transaction: write.transaction, index: 0, of: Some(1), change }
}

/// A copy: each row with the position of the write that it shows, and deletions too.
#[derive(Clone, Debug, Default, PartialEq)]
struct Replica(BTreeMap<Key, (Lsn, Option<Row>)>);

impl Replica {
    fn take(&mut self, event: &ChangeEvent) {
        let fresh = (event.position, event.change.after.clone());
        let held = self.0.entry(event.change.key.clone()).or_insert_with(|| fresh.clone());
        if fresh.0 > held.0 {
            *held = fresh;
        }
    }

    /// What readers see.
    fn rows(&self) -> Vec<(Key, Row)> {
        self.0.iter().filter_map(|(key, (_, row))| Some((key.clone(), row.clone()?))).collect()
    }

    fn of<'a>(events: impl IntoIterator<Item = &'a ChangeEvent>) -> Self {
        let mut copy = Self::default();
        events.into_iter().for_each(|event| copy.take(event));
        copy
    }
}

/// A reader who keeps a copy, and begins anew where it is told that it has missed deletions.
#[derive(Default)]
struct Reader {
    next: Offset,
    copy: Replica,
    forgotten: Option<Offset>,
}

impl Reader {
    fn read(&mut self, log: &PartitionedLog, limit: usize) {
        let mut fetched = fetch(log, self.next, limit);
        let known = self.forgotten.replace(fetched.compacted.forgotten);
        if fetched.compacted.forgotten > self.next && known != self.forgotten {
            *self = Self { forgotten: self.forgotten, ..Self::default() };
            fetched = fetch(log, self.next, limit);
        }
        for record in fetched.records {
            self.copy.take(&record.event);
            self.next = record.offset.next();
        }
    }
}

fn fetch(log: &PartitionedLog, from: Offset, limit: usize) -> Fetched {
    let mut fetched = Fetched::default();
    log.read(0, from, limit, &mut fetched).expect("nothing is removed from the front");
    fetched
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_compacted_log_is_a_part_of_the_whole_that_gives_the_same_state(
        steps in prop::collection::vec(any_step(), 1..60),
        tombstones in 0..40u64,
    ) {
        let mut log = PartitionedLog::new(1);
        log.compact(Compaction { every: Span::from_secs(EVERY), tombstones: Span::from_secs(tombstones) });
        let mut whole: Vec<(u64, ChangeEvent)> = Vec::new();
        let (mut seconds, mut position) = (0, 0);
        let mut reader = Reader::default();
        for step in steps {
            let now = Time::ZERO + Span::from_secs(seconds);
            match step {
                Step::Append(changes) => {
                    let events: Vec<ChangeEvent> = changes.into_iter().map(|(key, deletes)| {
                        position += 1;
                        event(position, key, deletes)
                    }).collect();
                    whole.extend(events.iter().map(|event| (seconds, event.clone())));
                    log.append(now, 0, events).unwrap();
                }
                Step::Repeat(count) => {
                    let last = whole.len().saturating_sub(count);
                    let events: Vec<ChangeEvent> = whole[last..].iter().map(|(_, event)| event.clone()).collect();
                    whole.extend(events.iter().map(|event| (seconds, event.clone())));
                    log.append(now, 0, events).unwrap();
                }
                Step::Wait(more) => seconds += more,
                Step::Read(limit) => {
                    log.enforce(now);
                    reader.read(&log, limit);
                }
            }
        }
        let now = Time::ZERO + Span::from_secs(seconds);
        log.enforce(now);
        let Fetched { records, compacted } = fetch(&log, Offset(0), usize::MAX);
        prop_assert_eq!(log.end(0), Ok(Offset(whole.len() as u64)));
        // Each at its place, as it was, in order.
        for Record { offset, event } in &records {
            prop_assert_eq!(event, &whole[offset.0 as usize].1);
        }
        prop_assert!(records.is_sorted_by_key(|record| record.offset));
        // What was appended since the last compaction, and the last before it, is all there.
        let active = seconds / EVERY * EVERY;
        for (offset, (at, _)) in whole.iter().enumerate() {
            let is_there = records.iter().any(|record| record.offset.0 == offset as u64);
            prop_assert!(is_there || (*at < active && offset as u64 + 1 < compacted.below.0), "{} is gone", offset);
        }
        let bytes: usize = records.iter().map(|record| record.event.size()).sum();
        prop_assert_eq!(log.bytes_held(), bytes as u64);
        let all = Replica::of(whole.iter().map(|(_, event)| event)).rows();
        prop_assert_eq!(&Replica::of(records.iter().map(|record| &record.event)).rows(), &all);
        // Reading goes on in small steps, so that a compaction may come between any two of them.
        while reader.next < Offset(whole.len() as u64) {
            reader.read(&log, 1);
        }
        prop_assert_eq!(&reader.copy.rows(), &all);
    }
}

/// A log whose rows 0..count were written twice and then deleted, one event a second, and two that have not changed since.
fn settled(count: u64, tombstones: u64) -> PartitionedLog {
    let mut log = PartitionedLog::new(1);
    log.compact(Compaction { every: Span::from_secs(EVERY), tombstones: Span::from_secs(tombstones) });
    let keys = 0..count as i64;
    let events = keys.clone().chain(keys.clone()).map(|key| (key, false)).chain(keys.map(|key| (key, true)));
    for ((key, deletes), n) in events.chain([(100, false), (101, false)]).zip(0..) {
        log.append(Time::ZERO + Span::from_secs(n), 0, vec![event(n, key, deletes)]).unwrap();
    }
    log
}

fn left(log: &PartitionedLog) -> (Vec<u64>, Compacted) {
    let fetched = fetch(log, Offset(0), usize::MAX);
    (fetched.records.iter().map(|record| record.offset.0).collect(), fetched.compacted)
}

#[test]
fn deletions_outlive_the_rows_that_they_cover_and_then_go() {
    let mut log = settled(4, 30);
    log.enforce(Time::ZERO + Span::from_secs(20));
    assert_eq!(
        left(&log),
        (vec![8, 9, 10, 11, 12, 13], Compacted { below: Offset(14), forgotten: Offset(0) })
    );
    log.enforce(Time::ZERO + Span::from_secs(40));
    assert_eq!(left(&log), (vec![11, 12, 13], Compacted { below: Offset(14), forgotten: Offset(11) }));
    log.enforce(Time::ZERO + Span::from_secs(50));
    assert_eq!(left(&log), (vec![12, 13], Compacted { below: Offset(14), forgotten: Offset(12) }));
}

/// Retention counts records, not offsets, and a reader below what it has removed is told so as ever.
#[test]
fn retention_goes_by_what_is_left() {
    let mut log = settled(4, 30);
    log.enforce(Time::ZERO + Span::from_secs(20));
    log.retain(
        Time::ZERO + Span::from_secs(20),
        driftlab_model::Retention { records_max: Some(3), ..Default::default() },
    );
    assert_eq!((log.earliest(0), log.end(0)), (Ok(Offset(11)), Ok(Offset(14))));
    let refused = log.read(0, Offset(10), 9, &mut Fetched::default());
    assert_eq!(refused, Err(driftlab_model::Refusal::OutOfRange { earliest: Offset(11) }));
}

#[test]
fn a_log_that_is_not_compacted_keeps_every_event() {
    let mut log = settled(4, 0);
    log.reset();
    log.append(Time::ZERO, 0, vec![event(1, 1, false), event(2, 1, true)]).unwrap();
    log.enforce(Time::ZERO + Span::from_secs(99));
    assert_eq!(left(&log), (vec![0, 1], Compacted::default()));
}
