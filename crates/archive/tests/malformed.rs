//! What is no history is refused, with row, column, what was found and what was expected.
#![allow(clippy::disallowed_methods, reason = "tests write files")]

#[path = "common/sheet.rs"]
mod sheet;

use driftlab_archive::{ReadError, is_decoding, read};
use sheet::Rows;
use std::fs;

fn refused(rows: &Rows) -> ReadError {
    let folder = tempfile::tempdir().unwrap();
    let path = rows.write(folder.path());
    let error = read(&path).expect_err("it is refused");
    assert_eq!(error.exit_code(), 64, "{error}");
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    error
}

/// The row, the column, and words that the message has.
fn at(rows: &Rows, row: u64, column: &str, words: &[&str]) {
    let error = refused(rows);
    let text = error.to_string();
    assert_eq!((error.row, error.column), (Some(row), Some(column)), "{text}");
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in: {text}");
    }
    assert!(text.contains(&format!("row {row} (the first is 0)")), "{text}");
}

fn whole(rows: &Rows, words: &[&str]) {
    let text = refused(rows).to_string();
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in: {text}");
    }
}

fn begun() -> Rows {
    Rows::default().committed(1, 1, r#"{"price":1}"#)
}

#[test]
fn a_mistyped_event_is_told_with_the_nearest_one() {
    at(&begun().row(2, "comitted", &[]), 1, "event", &["`comitted`", "did you mean `committed`?"]);
    at(&begun().row(2, "zebra", &[]), 1, "event", &["`zebra`", "`milestone`"]);
}

#[test]
fn times_that_go_backwards_are_refused() {
    at(&begun().shown(0, r#"{"price":1}"#), 1, "at", &["row 0", "order of time"]);
    at(&begun().row(-5, "milestone", &[]), 1, "at", &["-5", "from 0"]);
}

/// Nanoseconds since 1970 would make a run of fifty years, and every mean over time nonsense.
#[test]
fn nanoseconds_since_1970_are_refused() {
    let rows = Rows::default().committed(1_700_000_000_000_000_000, 1, "1");
    at(&rows, 0, "at", &["beginning of the run", "timestamps"]);
}

#[test]
fn a_transaction_commits_once() {
    let rows = begun().committed(2, 2, r#"{"price":2}"#).committed(3, 1, r#"{"price":3}"#);
    at(&rows, 2, "transaction", &["row 0", "once"]);
}

#[test]
fn the_commit_order_has_no_gaps() {
    let commit = |rows: Rows, at: i64, transaction: i64, index: i64| {
        let cells = [
            ("transaction", transaction.into()),
            ("key", 7.into()),
            ("value", "1".into()),
            ("commit", index.into()),
        ];
        rows.row(at, "committed", &cells)
    };
    at(
        &commit(commit(Rows::default(), 1, 1, 1), 2, 2, 3),
        1,
        "commit",
        &["commit 3 after commit 1", "commit 2"],
    );
}

#[test]
fn what_is_missing_is_named() {
    let no_transaction = begun().row(2, "committed", &[("key", 7.into()), ("value", "1".into())]);
    at(&no_transaction, 1, "transaction", &["null"]);
    let no_key = begun().row(2, "shown", &[("sink", "search".into()), ("value", "1".into())]);
    at(&no_key, 1, "key", &["null"]);
    let no_stage = begun().row(2, "milestone", &[]);
    at(&no_stage, 1, "stage", &["no such column", "`quiescent`"]);
    let no_value = Rows::default().row(0, "committed", &[("transaction", 1.into()), ("key", 7.into())]);
    at(&no_value, 0, "value", &["no such column"]);
    at(&begun().row(2, "shown", &[("key", 7.into())]), 1, "sink", &["no sink is known"]);
}

#[test]
fn a_missing_or_mistyped_column_is_named() {
    let mut rows = begun();
    rows.rows[0].remove(0);
    whole(&rows, &["no column `at`", "`event`"]);
    whole(&begun().row(2, "milestone", &[("proces", "a".into())]), &["`proces`", "`process`"]);
    let mut rows = begun();
    rows.rows[0][0].1 = "noon".into();
    let text = refused(&rows).to_string();
    assert!(text.contains("column `at`") && text.contains("Utf8") && text.contains("nanoseconds"), "{text}");
}

#[test]
fn a_key_without_a_table_is_refused_where_there_are_several() {
    let tables = r#"{"tables":[
        {"name":"a","columns":[{"name":"id"}],"key":["id"]},
        {"name":"b","columns":[{"name":"id"}],"key":["id"]}]}"#;
    at(&begun().with(tables), 0, "table", &["no such column", "one table"]);
    let cells =
        [("transaction", 2.into()), ("table", "product".into()), ("key", 7.into()), ("value", "1".into())];
    at(&begun().row(2, "committed", &cells), 0, "table", &["null"]);
}

#[test]
fn a_sink_that_the_metadata_do_not_list_is_refused_with_the_nearest() {
    let rows =
        begun().row(2, "shown", &[("sink", "serach".into()), ("key", 7.into()), ("value", "1".into())]);
    at(&rows.with(r#"{"sinks":[{"name":"search"}]}"#), 1, "sink", &["`serach`", "did you mean `search`?"]);
}

#[test]
fn bad_json_is_told_with_its_place() {
    at(&begun().committed(2, 2, r#"{"price":}"#), 1, "value", &["column 10"]);
    at(&begun().committed(2, 2, r#"{"price":1} x"#), 1, "value", &["trailing"]);
    let rows = Rows::default().row(
        1,
        "shown",
        &[("sink", "s".into()), ("key", "[1,".into()), ("value", "1".into())],
    );
    at(&rows, 0, "key", &["EOF"]);
    let cells = [("value", r#"{"source_rows_raed":1}"#.into())];
    at(&Rows::default().row(1, "cost", &cells), 0, "value", &["source_rows_raed"]);
}

#[test]
fn a_field_that_a_described_table_does_not_have_is_refused_with_the_nearest() {
    let tables = r#"{"tables":[{"name":"product","columns":[{"name":"id","type":"integer"},{"name":"price"}],"key":["id"]}]}"#;
    at(
        &Rows::default().committed(1, 1, r#"{"prise":1}"#).with(tables),
        0,
        "value",
        &["`prise`", "did you mean `price`?"],
    );
}

#[test]
fn rows_of_the_load_stand_first_and_each_key_once() {
    let loaded = |rows: Rows| rows.row(0, "load", &[("key", 7.into()), ("value", "1".into())]);
    at(&loaded(begun()), 1, "event", &["first rows"]);
    at(&loaded(loaded(Rows::default())), 1, "key", &["row 0", "once"]);
}

#[test]
fn groups_stand_side_by_side() {
    let shown = |rows: Rows, at: i64, group: i64| {
        let cells = [("sink", "s".into()), ("group", group.into()), ("key", 7.into()), ("value", "1".into())];
        rows.row(at, "shown", &cells)
    };
    at(&shown(shown(shown(Rows::default(), 1, 1), 1, 2), 1, 1), 2, "group", &["upwards"]);
    at(&shown(shown(Rows::default(), 1, 1), 2, 1), 1, "at", &["row 0", "one moment"]);
}

/// A file of tomorrow may mean something else by the same columns.
#[test]
fn a_newer_version_is_refused_with_both_versions() {
    whole(&begun().with(r#"{"version":2,"what":"is this"}"#), &["version 2", "version 1", "newer driftlab"]);
}

#[test]
fn metadata_that_mean_nothing_are_refused() {
    whole(&begun().with("{"), &["driftlab.history"]);
    whole(&begun().with(r#"{"sink":[]}"#), &["unknown field `sink`", "`sinks`"]);
    whole(&begun().with(r#"{"sinks":[{"name":"a","kind":"serch"}]}"#), &["`serch`", "`search`"]);
    whole(&begun().with(r#"{"tables":[{"name":"a","columns":[],"key":["id"]}]}"#), &["`id`"]);
}

#[test]
fn what_is_no_parquet_file_is_told_from_what_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.parquet");
    let missing = read(&path).unwrap_err();
    assert_eq!(missing.exit_code(), 3, "{missing}");
    assert_eq!(read(folder.path()).unwrap_err().exit_code(), 3);
    for (bytes, word) in
        [(&b""[..], "empty"), (b"at,event\n1,began\n", "no Parquet file"), (b"PAR1PAR", "cut off")]
    {
        fs::write(&path, bytes).unwrap();
        let error = read(&path).unwrap_err();
        assert_eq!(error.exit_code(), 64);
        assert!(error.to_string().contains(word), "{error}");
    }
}

/// A copy that was interrupted, or a disk that flipped a bit: whatever stands in the file, it is refused or read, and nothing panics.
#[test]
fn damaged_files_are_refused_and_never_panic() {
    // Panics of the Parquet library are caught; any other one speaks.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !is_decoding() {
            hook(info);
        }
    }));
    let folder = tempfile::tempdir().unwrap();
    let path = begun().shown(2, r#"{"price":1}"#).quiescent(3).with("{}").write(folder.path());
    let bytes = fs::read(&path).unwrap();
    for length in (0..bytes.len()).step_by(31) {
        fs::write(&path, &bytes[..length]).unwrap();
        assert_eq!(read(&path).unwrap_err().exit_code(), 64, "cut to {length} bytes");
    }
    for place in (0..bytes.len()).step_by(5) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0xff;
        fs::write(&path, &damaged).unwrap();
        let _ = read(&path);
    }
}
