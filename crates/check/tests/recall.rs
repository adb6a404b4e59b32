//! What stores can still say of the past, each made by hand: three versions of one row, and what is left of them.

use driftlab_check::recall::{Answers, QUESTIONS, Recollection, Told, Truth, testimony};
use driftlab_model::port::{QueueEntry, Record};
use driftlab_model::{
    Cast, Change, ChangeEvent, Commit, CommitIndex, Compacted, Event, Key, Lsn, Moment, Observer, Offset,
    ProcessId, Retained, RetainedPartition, Row, Sequence, SinkCast, SinkForm, SinkId, SinkKind, Span,
    TableId, Testimony, Time, TransactionId, Value, Version, WriteId,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the clock that stamps rows showed at the beginning.
const BEGAN: Time = Time::from_nanos(1_000_000_000_000);

fn key(n: i64) -> Key {
    Key::integer(TableId(0), n)
}

fn second(n: u64) -> Time {
    Time::ZERO + Span::from_secs(n)
}

/// The row that the transaction of this second wrote: stamped half a second before its commit.
fn row(n: i64, at: u64) -> Row {
    let write = WriteId { transaction: TransactionId(at), index: 0 };
    let stamp = BEGAN + Span::from_millis(at * 1_000 - 500);
    Row::new(write, Version(at), stamp, [Value::from(n), Value::from(at as i64)].into())
}

/// The change of a row at a second: what was written before, if anything, and whether it goes.
fn change(n: i64, before: Option<u64>, at: u64, goes: bool) -> Change {
    Change {
        key: key(n),
        before: before.map(|before| row(n, before)),
        after: (!goes).then(|| row(n, at)),
        write: WriteId { transaction: TransactionId(at), index: 0 },
        version: Version(at),
    }
}

/// Row 1 is written at 1, 3 and 5 s; row 2 at 2 s, and deleted at 4 s.
fn changes() -> [(u64, Change); 5] {
    [
        (1, change(1, None, 1, false)),
        (2, change(2, None, 2, false)),
        (3, change(1, Some(1), 3, false)),
        (4, change(2, Some(2), 4, true)),
        (5, change(1, Some(3), 5, false)),
    ]
}

fn moment(at: u64) -> Moment {
    Moment { position: Lsn(at * 100), at: second(at) }
}

fn truth_for(sinks: Vec<SinkCast>) -> Truth {
    let mut truth = Truth::new(&Cast { sinks, ..Cast::default() });
    for (at, change) in changes() {
        let commit = Commit {
            transaction: TransactionId(at),
            index: CommitIndex(at),
            lsn: moment(at).position,
            at: second(at),
            changes: [change].into_iter().collect(),
            watermark: None,
        };
        truth.observe(second(at), &Event::Committed { by: ProcessId(0), commit: Arc::new(commit) });
    }
    truth
}

fn record(offset: u64, (at, change): (u64, Change)) -> Record {
    let event = ChangeEvent {
        position: moment(at).position,
        transaction: TransactionId(at),
        index: 0,
        of: Some(1),
        change,
    };
    Record { offset: Offset(offset), event }
}

/// The tables as they are after all of it.
fn tables() -> Retained {
    Retained { rows: vec![(key(1), row(1, 5))], began: BEGAN, ..Retained::default() }
}

/// A log with the records at these offsets.
fn log(offsets: &[u64], earliest: u64, compacted: Compacted) -> Retained {
    let records = changes().into_iter().zip(0..).filter(|(_, offset)| offsets.contains(offset));
    let records = records.map(|(change, offset)| record(offset, change)).collect();
    let partition = RetainedPartition { records, earliest: Offset(earliest), compacted };
    Retained { log: vec![partition], ..tables() }
}

/// What is said of a row at each second from 0 to 5: the second in which it was written, 0 for no row, `None` for not known.
fn said(testimony: &Testimony, n: i64) -> [Option<i64>; 6] {
    let key = key(n);
    let recollection = Recollection::of(testimony, &BTreeSet::from([&key]));
    [0, 1, 2, 3, 4, 5].map(|at| {
        let told: Told<'_> = recollection.at(&key, moment(at))?;
        Some(told.row.map_or(0, |row| row.values()[1].as_integer().expect("an integer")))
    })
}

fn of(retained: &Retained) -> Testimony {
    testimony(retained, None, "outbox")
}

#[test]
fn tables_know_a_row_since_its_stamp_and_nothing_of_rows_that_are_gone() {
    let tables = of(&tables());
    assert_eq!(said(&tables, 1), [None, None, None, None, None, Some(5)]);
    assert_eq!(said(&tables, 2), [None; 6]);
}

/// Where deletions are marks, the mark says when.
#[test]
fn a_mark_tells_since_when_a_row_is_gone() {
    let stamp = BEGAN + Span::from_millis(3_500);
    let marked = Retained { marked: vec![(key(2), stamp)], ..tables() };
    assert_eq!(said(&of(&marked), 2), [None, None, None, None, Some(0), Some(0)]);
}

#[test]
fn a_log_that_keeps_everything_knows_everything() {
    let whole = of(&log(&[0, 1, 2, 3, 4], 0, Compacted::default()));
    assert_eq!(said(&whole, 1), [Some(0), Some(1), Some(1), Some(3), Some(3), Some(5)]);
    assert_eq!(said(&whole, 2), [Some(0), Some(0), Some(2), Some(2), Some(0), Some(0)]);
    assert_eq!(said(&whole, 3), [Some(0); 6], "a row that there never was");
}

#[test]
fn what_retention_has_removed_is_not_known() {
    let short = of(&log(&[2, 3, 4], 2, Compacted::default()));
    assert_eq!(said(&short, 1), [None, None, None, Some(3), Some(3), Some(5)]);
    assert_eq!(
        said(&short, 2),
        [None, None, None, Some(2), Some(0), Some(0)],
        "the deletion says what it took away"
    );
}

#[test]
fn a_compacted_log_knows_the_newest_of_each_row_and_when_that_was() {
    let compacted = Compacted { below: Offset(4), forgotten: Offset(0) };
    let compacted = of(&log(&[2, 3, 4], 0, compacted));
    assert_eq!(said(&compacted, 1), [None, None, None, Some(3), Some(3), Some(5)]);
    assert_eq!(said(&compacted, 2), [None, None, None, None, Some(0), Some(0)]);
    assert_eq!(said(&compacted, 3), [Some(0); 6], "a row of which nothing is there never changed");
}

/// A log that says nothing of a row may have forgotten that it was deleted.
#[test]
fn a_log_that_has_forgotten_deletions_does_not_vouch_for_rows_it_does_not_know() {
    let compacted = Compacted { below: Offset(5), forgotten: Offset(4) };
    let forgotten = of(&log(&[2, 4], 0, compacted));
    assert_eq!(said(&forgotten, 2), [None, None, None, None, None, Some(0)]);
}

/// A connector that lost its slot began anew, and the change between was never captured.
#[test]
fn a_change_that_is_missing_is_noticed_by_what_stood_before_the_next() {
    let torn = of(&log(&[0, 1, 3, 4], 0, Compacted::default()));
    assert_eq!(said(&torn, 1), [Some(0), None, None, None, None, Some(5)]);
    let cut = of(&log(&[0, 1, 2, 3], 0, Compacted::default()));
    assert_eq!(said(&cut, 1), [Some(0), Some(1), Some(1), None, None, Some(5)], "the tables know better");
}

/// A log that says which table was emptied was taken for one that has lost its place: it said to know nothing of what was before.
#[test]
fn a_truncate_in_the_log_is_the_end_of_every_row_of_its_table_and_no_gap() {
    let mut retained = log(&[0, 1, 2, 3, 4], 0, Compacted::default());
    let truncate =
        Change::truncate(TableId(0), WriteId { transaction: TransactionId(6), index: 0 }, Version(6));
    retained.log[0].records.push(record(5, (6, truncate)));
    retained.rows.clear();
    let testimony = of(&retained);
    assert_eq!(said(&testimony, 1), [Some(0), Some(1), Some(1), Some(3), Some(3), Some(5)]);
    assert_eq!(said(&testimony, 3), [None; 6], "whether there was such a row it does not say");
    for n in 1..=3 {
        let key = key(n);
        let recollection = Recollection::of(&testimony, &BTreeSet::from([&key]));
        assert_eq!(recollection.at(&key, moment(6)).map(|told| told.row), Some(None), "row {n}");
    }
}

/// What the log leaves out was taken for nulls, and every answer for wrong.
#[test]
fn a_part_of_a_row_is_known_by_what_was_told_before_and_not_otherwise() {
    let mut lacks = driftlab_model::ColumnSet::default();
    lacks.insert(1);
    let part = |change: Change| Change {
        before: change.before.map(|row| row.without(lacks)),
        after: change.after.map(|row| row.without(lacks)),
        ..change
    };
    let mut retained = log(&[0, 1, 2, 3, 4], 0, Compacted::default());
    // What is left out at 3 s is what was told at 1 s.
    let third = &mut retained.log[0].records[2].event.change;
    *third = part(third.clone());
    let whole = of(&retained);
    assert_eq!(
        said(&whole, 1),
        [Some(0), Some(1), Some(1), None, None, Some(5)],
        "before 5 s it was another"
    );
    let first = &mut retained.log[0].records[0].event.change;
    *first = part(first.clone());
    let never_told = of(&retained);
    assert_eq!(said(&never_told, 1), [Some(0), None, None, None, None, Some(5)]);
    let answers = Answers::of(&truth_for(Vec::new()), &never_told).expect("rows were written");
    assert_eq!(answers.answered[1].wrong, 0);
}

#[test]
fn an_append_that_came_twice_is_one_change() {
    let mut retained = log(&[0, 1, 2, 3, 4], 0, Compacted::default());
    let again = record(5, changes()[0].clone());
    retained.log[0].records.push(again);
    assert_eq!(said(&of(&retained), 1), [Some(0), Some(1), Some(1), Some(3), Some(3), Some(5)]);
}

fn outbox(removed: bool) -> Retained {
    let entry = |(at, change): (u64, Change)| {
        let record = record(at, (at, change));
        let event = ChangeEvent { position: Lsn(at), ..record.event };
        QueueEntry { sequence: Sequence(at), event }
    };
    Retained { events: changes().map(entry).to_vec(), events_removed: removed, ..tables() }
}

#[test]
fn an_outbox_that_nobody_empties_knows_every_change_and_dates_it_by_its_stamp() {
    assert_eq!(said(&of(&outbox(false)), 1), [Some(0), Some(1), Some(1), Some(3), Some(3), Some(5)]);
    let recollection = of(&outbox(false));
    let key = key(1);
    let recollection = Recollection::of(&recollection, &BTreeSet::from([&key]));
    // Stamped at 2.5 s and committed at 3 s: in between, the outbox is ahead of the truth.
    let between = Moment { position: Lsn(200), at: Time::ZERO + Span::from_millis(2_700) };
    let told = recollection.at(&key, between).and_then(|told| told.row).map(|row| row.values()[1].clone());
    assert_eq!(told, Some(Value::from(3)));
}

#[test]
fn a_sink_that_keeps_every_version_knows_them() {
    let sink = SinkCast {
        joins: None,
        name: "warehouse".to_owned(),
        kind: SinkKind::Warehouse,
        form: SinkForm::Versions,
        served: true,
        preloaded: false,
    };
    let mut truth = truth_for(vec![sink]);
    for (at, change) in changes() {
        let applied =
            Event::Applied { by: ProcessId(0), sink: SinkId(0), key: change.key, write: change.write };
        truth.observe(second(at), &applied);
    }
    let answers = Answers::of(&truth, &of(&tables())).expect("rows were written");
    let every = &answers.answered[2];
    assert_eq!((every.asked, every.right), (5, 5));
    assert_eq!(every.places, ["warehouse"].map(str::to_owned).into());
}

/// The words of each answer: how often it was asked, right, wrong, and how far back.
fn answers(retained: &Retained) -> Vec<(u64, u64, u64, Option<Time>, bool)> {
    let answers = Answers::of(&truth_for(Vec::new()), &of(retained)).expect("rows were written");
    assert_eq!(answers.answered.len(), QUESTIONS.len());
    let told = answers.answered.iter();
    told.map(|told| (told.asked, told.right, told.wrong, told.back_to, told.newest_only)).collect()
}

#[test]
fn answers_are_counted_against_the_truth() {
    let whole = answers(&log(&[0, 1, 2, 3, 4], 0, Compacted::default()));
    let all = |asked| (asked, asked, 0, Some(second(1)), false);
    assert_eq!(whole[1..3], [all(10), all(5)]);
    assert_eq!(whole[3], (5, 0, 0, None, false), "no log says who and why");
    let newest = answers(&tables());
    assert_eq!(newest[0].0, newest[0].1);
    assert_eq!(newest[1], (10, 1, 0, None, true));
    assert_eq!(newest[2], (5, 1, 0, Some(second(5)), true));
    let short = answers(&log(&[2, 3, 4], 2, Compacted::default()));
    assert_eq!(short[1], (10, 6, 0, Some(second(3)), false));
}
