//! `driftlab tail` beside a process that writes.
#![allow(clippy::disallowed_methods, reason = "these tests start the command and write databases")]

use rusqlite::Connection;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn database(folder: &Path) -> (PathBuf, Connection) {
    let path = folder.join("shop.sqlite");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "PRAGMA journal_mode=WAL;
             CREATE TABLE product(id INTEGER PRIMARY KEY, name TEXT, price REAL, picture BLOB);
             INSERT INTO product VALUES (1, 'lamp', 12.5, NULL)",
        )
        .unwrap();
    (path, writer)
}

fn tail(path: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftlab"));
    command.arg("tail").arg(path).args(more).stdin(Stdio::null());
    command
}

/// Starts it, and returns once it has attached: its state folder names what it will resume from.
fn attached(path: &Path, state: &Path, more: &[&str]) -> Child {
    let mut child = tail(path, &["--state", state.to_str().unwrap()])
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The file is there, and empty, a moment before.
    while !std::fs::metadata(state.join("state")).is_ok_and(|file| file.len() > 0) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it had attached");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child
}

/// Reads so many lines, ends it by Control-C, and reads what else there is.
fn ended_after(lines: usize, mut child: Child) -> (i32, Vec<String>, String) {
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut read = String::new();
    for _ in 0..lines {
        assert_ne!(out.read_line(&mut read).unwrap(), 0, "it ended after {read}");
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    out.read_to_string(&mut read).unwrap();
    let mut output = child.wait_with_output().unwrap();
    output.stdout = read.into_bytes();
    ended(output)
}

fn ended(output: Output) -> (i32, Vec<String>, String) {
    let text = |bytes| String::from_utf8(bytes).expect("the command writes UTF-8");
    let lines = text(output.stdout).lines().map(str::to_owned).collect();
    (output.status.code().expect("no signal ended it"), lines, text(output.stderr))
}

fn write(writer: &mut Connection) {
    let order = writer.transaction().unwrap();
    order.execute("INSERT INTO product VALUES (2, 'a \"desk\"', 1e999, x'00ff')", []).unwrap();
    order.execute("UPDATE product SET price = 9 WHERE id = 1", []).unwrap();
    order.commit().unwrap();
    let regretted = writer.transaction().unwrap();
    regretted.execute("DELETE FROM product", []).unwrap();
    regretted.rollback().unwrap();
    writer.execute_batch("ALTER TABLE product RENAME TO article; DELETE FROM article WHERE id = 1").unwrap();
}

#[test]
fn every_committed_change_is_a_line_and_what_was_rolled_back_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut writer) = database(folder.path());
    let child = attached(&path, &folder.path().join("state"), &[]);
    write(&mut writer);
    let (status, lines, err) = ended_after(4, child);
    assert_eq!((status, err.as_str()), (0, ""));
    assert_eq!(
        lines,
        [
            r#"{"position":1,"change":1,"of":2,"origin":"log","op":"update","table":"product","key":{"id":1},"before":{"id":1,"name":"lamp","price":12.5,"picture":null},"after":{"id":1,"name":"lamp","price":9.0,"picture":null}}"#,
            r#"{"position":1,"change":2,"of":2,"origin":"log","op":"insert","table":"product","key":{"id":2},"before":null,"after":{"id":2,"name":"a \"desk\"","price":"Infinity","picture":{"base64":"AP8="}}}"#,
            r#"{"position":2,"op":"alter_table","table":"article","was":"product","columns":["id","name","price","picture"],"sql":"CREATE TABLE \"article\"(id INTEGER PRIMARY KEY, name TEXT, price REAL, picture BLOB)"}"#,
            r#"{"position":3,"change":1,"of":1,"origin":"log","op":"delete","table":"article","key":{"id":1},"before":{"id":1,"name":"lamp","price":9.0,"picture":null},"after":null}"#,
        ]
    );
}

/// A consumer that was restarted must neither lose what was committed meanwhile nor print again what it had printed.
#[test]
fn with_a_state_folder_it_begins_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut writer) = database(folder.path());
    let state = folder.path().join("state");
    let child = attached(&path, &state, &[]);
    write(&mut writer);
    ended_after(4, child);

    writer.execute("UPDATE article SET name = 'table' WHERE id = 2", []).unwrap();
    let child = attached(&path, &state, &[]);
    let (status, lines, err) = ended_after(1, child);
    assert_eq!((status, err.as_str()), (0, ""));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with(r#"{"position":4,"change":1,"of":1,"origin":"log","op":"update""#),
        "{lines:?}"
    );
}

/// Consumers written for Debezium read op, before, after and source, and bytes as base64 strings.
#[test]
fn the_envelope_of_debezium() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut writer) = database(folder.path());
    let child = attached(&path, &folder.path().join("state"), &["--format", "debezium"]);
    write(&mut writer);
    let (status, lines, err) = ended_after(4, child);
    assert_eq!((status, err.as_str()), (0, ""));
    let events: Vec<serde_json::Value> =
        lines.iter().map(|line| serde_json::from_str(line).expect("a line is one document")).collect();
    let operations: Vec<_> = events.iter().map(|event| event["op"].as_str()).collect();
    assert_eq!(operations, [Some("u"), Some("c"), None, Some("d")]);
    assert_eq!(events[0]["before"]["price"], 12.5);
    assert_eq!(events[1]["after"]["picture"], "AP8=");
    assert_eq!(
        events[1]["transaction"],
        serde_json::json!({"id":"1","total_order":2,"data_collection_order":2})
    );
    assert_eq!(events[2]["tableChanges"][0]["type"], "ALTER");
    assert_eq!(events[2]["tableChanges"][0]["table"]["primaryKeyColumnNames"], serde_json::json!(["id"]));
    assert_eq!(events[3]["after"], serde_json::Value::Null);
    for event in &events {
        let source = &event["source"];
        assert_eq!((source["connector"].as_str(), source["db"].as_str()), (Some("sqlite"), Some("shop")));
        assert_eq!(source["ts_ms"], event["ts_ms"]);
        assert!(event["ts_ms"].as_u64() > Some(1_600_000_000_000), "{event}");
    }
}

#[test]
fn what_cannot_be_followed_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(
        &text,
        "these are notes and no database at all, however long one reads in them. ".repeat(20),
    )
    .unwrap();
    let journal = folder.path().join("journal.sqlite");
    Connection::open(&journal).unwrap().execute_batch("CREATE TABLE t(a)").unwrap();
    let absent = folder.path().join("absent.sqlite");
    for (path, expected, words) in [
        (&text, 64, "is not a SQLite database"),
        (&journal, 64, "PRAGMA journal_mode=WAL"),
        (&absent, 3, "absent.sqlite"),
    ] {
        let (status, lines, err) = ended(tail(path, &["--until-quiet", "1s"]).output().unwrap());
        assert_eq!(status, expected, "{err}");
        assert!(lines.is_empty());
        assert!(err.contains(words) && err.lines().count() == 1, "{err}");
    }
    assert!(!absent.exists(), "looking at a database must not create one");
}

/// A script that drains a database must come to an end by itself.
#[test]
fn until_quiet_it_ends_by_itself_and_a_reader_who_has_gone_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut writer) = database(folder.path());
    let (status, lines, err) = ended(tail(&path, &["--until-quiet", "10ms"]).output().unwrap());
    assert_eq!((status, lines.len(), err.as_str()), (0, 0, ""));

    let mut child = attached(&path, &folder.path().join("state"), &[]);
    drop(child.stdout.take());
    write(&mut writer);
    let (status, _, err) = ended(child.wait_with_output().unwrap());
    assert_eq!((status, err.as_str()), (0, ""));
}
