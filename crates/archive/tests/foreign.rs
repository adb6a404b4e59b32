//! Histories that somebody else recorded: few columns, names of their own, values that name their writes.
#![allow(clippy::disallowed_methods, reason = "tests write files")]

#[path = "common/sheet.rs"]
mod sheet;

use driftlab_archive::{Reader, read};
use driftlab_check::{ANOMALIES, Checker, Judgement, Until};
use driftlab_model::{Cast, Event, View, WriteId};
use sheet::{Cell, Rows};

fn judged(rows: &Rows) -> (Judgement, Cast) {
    let folder = tempfile::tempdir().unwrap();
    let mut reader = Reader::open(&rows.write(folder.path())).unwrap_or_else(|error| panic!("{error}"));
    let mut checker = Checker::new(reader.cast());
    reader.tell(&mut checker).unwrap_or_else(|error| panic!("{error}"));
    (checker.finish(), reader.cast().clone())
}

/// The names of what was found, with `!` where it is permanent.
fn found(rows: &Rows) -> Vec<String> {
    let (judgement, _) = judged(rows);
    let mut all: Vec<String> = judgement
        .findings
        .iter()
        .map(|finding| {
            let entry = ANOMALIES.iter().find(|entry| entry.anomaly == finding.anomaly).unwrap();
            format!("{}{}", entry.name, if finding.until == Until::Permanent { "!" } else { "" })
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

fn two_writers() -> Rows {
    Rows::default()
        .row(0, "load", &[("key", 7.into()), ("value", r#"{"price":10}"#.into())])
        .committed(1, 1, r#"{"price":11}"#)
        .committed(2, 2, r#"{"price":12}"#)
}

#[test]
fn a_copy_that_follows_is_clean_and_one_that_turns_back_is_not() {
    let right = two_writers().shown(3, r#"{"price":11}"#).shown(4, r#"{"price":12}"#).quiescent(5);
    assert_eq!(found(&right), Vec::<String>::new());
    let wrong = two_writers().shown(3, r#"{"price":12}"#).shown(4, r#"{"price":11}"#).quiescent(5);
    assert!(found(&wrong).contains(&"stale_overwrite!".to_owned()), "{:?}", found(&wrong));
}

/// Without its end a recording says nothing of what lasts.
#[test]
fn without_quiescence_nothing_is_permanent() {
    let rows = two_writers().shown(3, r#"{"price":12}"#).shown(4, r#"{"price":11}"#);
    let (judgement, _) = judged(&rows);
    assert!(!judgement.quiescent && !judgement.findings.is_empty());
    assert!(judgement.findings.iter().all(|finding| finding.until != Until::Permanent));
}

/// An exporter that writes `{"price": 12, "name": null}` on one side and `{"price":12}` on the other means the same row, and so does one
/// whose document store keeps fields in another order.
#[test]
fn fields_in_another_order_and_fields_that_are_null_make_no_difference() {
    let rows = Rows::default()
        .committed(1, 1, r#"{"a":1,"b":{"y":[1,2],"x":null},"c":null}"#)
        .shown(2, r#"{ "b": {"x":null, "y":[1, 2]}, "a": 1 }"#)
        .quiescent(3);
    assert_eq!(found(&rows), Vec::<String>::new());
}

#[test]
fn a_value_that_nobody_wrote_is_a_phantom() {
    let rows = two_writers().shown(3, r#"{"price":99}"#).shown(4, r#"{"price":12}"#).quiescent(5);
    assert_eq!(found(&rows), ["not_a_prefix", "phantom"]);
}

#[test]
fn a_value_shown_before_its_commit_is_early() {
    let rows = Rows::default().shown(1, r#"{"price":11}"#).committed(2, 1, r#"{"price":11}"#).quiescent(3);
    assert!(found(&rows).contains(&"early_visibility".to_owned()), "{:?}", found(&rows));
}

/// Of two writes of one value nobody can say which is shown: the sink is given the benefit of the doubt.
#[test]
fn of_equal_values_the_newest_counts() {
    let rows = two_writers().committed(3, 3, r#"{"price":11}"#).shown(4, r#"{"price":11}"#).quiescent(5);
    assert_eq!(found(&rows), Vec::<String>::new());
    // Who knows better may say so.
    let said = [
        ("sink", "search".into()),
        ("key", 7.into()),
        ("value", r#"{"price":11}"#.into()),
        ("transaction", 1.into()),
    ];
    let rows = two_writers().committed(3, 3, r#"{"price":11}"#).row(4, "shown", &said).quiescent(5);
    assert_eq!(found(&rows), ["lost_update!"]);
}

#[test]
fn deletions_are_nulls() {
    let delete = |rows: Rows| rows.row(3, "committed", &[("transaction", 3.into()), ("key", 7.into())]);
    let gone = |rows: Rows, at: i64| rows.row(at, "shown", &[("sink", "search".into()), ("key", 7.into())]);
    assert_eq!(found(&gone(delete(two_writers()), 4).quiescent(5)), Vec::<String>::new());
    let kept = delete(two_writers().shown(3, r#"{"price":12}"#)).quiescent(5);
    assert_eq!(found(&kept), ["missed_delete!"]);
    let risen = gone(delete(two_writers()), 4).shown(5, r#"{"price":12}"#).quiescent(6);
    assert!(found(&risen).contains(&"resurrected!".to_owned()), "{:?}", found(&risen));
}

/// A cache that evicts a key says nothing of it.
#[test]
fn in_a_cache_null_means_that_it_does_not_hold_the_key() {
    let rows = two_writers().row(3, "shown", &[("sink", "search".into()), ("key", 7.into())]);
    let folder = tempfile::tempdir().unwrap();
    let path = rows.clone().with(r#"{"sinks":[{"name":"search","kind":"cache"}]}"#).write(folder.path());
    let view = |event: &Event| match event {
        Event::Shown { keys, .. } => Some(keys[0].view.clone()),
        _ => None,
    };
    let history = read(&path).unwrap();
    assert_eq!(history.events.iter().find_map(|(_, event)| view(event)), Some(View::NotHeld));
    let history = read(&rows.write(folder.path())).unwrap();
    assert_eq!(history.events.iter().find_map(|(_, event)| view(event)), Some(View::Deleted(WriteId::LOAD)));
}

/// Change data capture tells of every change; a commit has net ones.
#[test]
fn a_row_that_a_transaction_changed_twice_counts_once() {
    let rows = Rows::default()
        .committed(1, 1, r#"{"price":1}"#)
        .committed(1, 1, r#"{"price":2}"#)
        .shown(2, r#"{"price":2}"#)
        .quiescent(3);
    assert_eq!(found(&rows), Vec::<String>::new());
    assert_eq!(judged(&rows).0.evidence.row_changes, 1);
}

/// pandas makes floats of whole numbers as soon as one is missing, and columns of nothing have no type.
#[test]
fn what_pandas_makes_of_numbers_is_read() {
    let mut rows = two_writers().shown(3, r#"{"price":11}"#).shown(4, r#"{"price":12}"#).quiescent(5);
    for cell in rows.rows.iter_mut().flatten().filter(|(name, _)| name == "key" || name == "transaction") {
        if let Cell::Number(n) = cell.1 {
            cell.1 = Cell::Real(n as f64);
        }
    }
    rows.empty = ["process", "before", "group", "updated_at"].map(str::to_owned).to_vec();
    assert_eq!(found(&rows), Vec::<String>::new());
    rows.rows[1].iter_mut().find(|(name, _)| name == "transaction").unwrap().1 = Cell::Real(1.5);
    let folder = tempfile::tempdir().unwrap();
    let error = read(&rows.write(folder.path())).unwrap_err();
    assert_eq!((error.row, error.column), (Some(1), Some("transaction")), "{error}");
}

#[test]
fn timestamps_count_from_the_first_row() {
    let mut rows = two_writers().shown(3, r#"{"price":11}"#).shown(4, r#"{"price":12}"#).quiescent(5);
    for cell in rows.rows.iter_mut().flatten().filter(|(name, _)| name == "at") {
        if let Cell::Number(n) = cell.1 {
            cell.1 = Cell::Millis(1_700_000_000_000 + n);
        }
    }
    let (judgement, _) = judged(&rows);
    assert!(judgement.findings.is_empty());
    assert_eq!(judgement.ended.nanos(), 4_000_000);
}

#[test]
fn names_are_gathered_and_transactions_keep_theirs() {
    let commit = |rows: Rows, at: i64, by: &str, transaction: &str, key: &str| {
        let cells = [
            ("process", by.into()),
            ("transaction", transaction.into()),
            ("table", "order line".into()),
            ("key", key.into()),
            ("value", r#"{"n":1}"#.into()),
        ];
        rows.row(at, "committed", &cells)
    };
    let rows =
        commit(commit(Rows::default(), 1, "alice", "0/16B3748", "[3,1]"), 2, "bob", "0/16B3749", "SKU-1");
    let folder = tempfile::tempdir().unwrap();
    let mut reader = Reader::open(&rows.write(folder.path())).unwrap();
    let cast = reader.cast().clone();
    assert_eq!(cast.processes, ["alice", "bob"]);
    assert_eq!(cast.schema.tables().map(|(_, table)| table.name.clone()).collect::<Vec<_>>(), ["order line"]);
    let mut history = driftlab_model::History::default();
    reader.tell(&mut history).unwrap();
    let Event::Committed { commit, .. } = &history.events[1].1 else { panic!("it is a commit") };
    assert_eq!(reader.transaction_name(commit.transaction), Some("0/16B3749"));
    assert_eq!(commit.changes[0].key.to_string(), "\"SKU-1\"");
}

/// What driftlab reads and writes anew it judges as before.
#[test]
fn a_history_that_is_archived_anew_is_judged_alike() {
    let rows = two_writers().shown(3, r#"{"price":12}"#).shown(4, r#"{"price":11}"#).quiescent(5);
    let (online, _) = judged(&rows);
    let folder = tempfile::tempdir().unwrap();
    let history = read(&rows.write(folder.path())).unwrap();
    let path = folder.path().join("again.parquet");
    driftlab_archive::write(&path, &history).unwrap();
    let mut reader = Reader::open(&path).unwrap();
    let mut checker = Checker::new(reader.cast());
    reader.tell(&mut checker).unwrap();
    assert!(!online.findings.is_empty());
    assert_eq!(format!("{:?}", checker.finish().findings), format!("{:?}", online.findings));
}

/// Whoever watches the folder must never see half a history.
#[test]
fn a_file_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.parquet");
    let writer = driftlab_archive::Writer::create(&path, &Cast::default()).unwrap();
    assert!(!path.exists());
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    driftlab_archive::Writer::create(&path, &Cast::default()).unwrap().finish().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(read(&path).unwrap().events.is_empty());
}
