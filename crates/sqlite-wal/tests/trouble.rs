//! What is wrong with files, locks and disks ends in a clear error or a declared gap; never in a panic, never in silence.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod common;

use common::{connect, drain, expect};
use driftlab_sqlite_wal::{Error, Event, GapReason, Options, Origin, Reader, Transaction};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A database with a log, one table and one row.
fn database(folder: &Path) -> PathBuf {
    let path = folder.join("app.db");
    connect(&path)
        .execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a')")
        .unwrap();
    path
}

fn open(path: &Path) -> Result<Reader, Error> {
    Reader::open(path, Options::default())
}

fn refusal(path: &Path) -> (Error, String) {
    let error = open(path).err().expect("the reader refuses");
    let text = error.to_string();
    assert!(text.contains(&path.file_name().unwrap().to_string_lossy()[..3]), "names the file: {text}");
    (error, text)
}

/// The gap and the transaction that makes it good.
fn gap(reader: &mut Reader) -> (GapReason, u64, Transaction) {
    let event = expect(reader);
    let Event::Gap(gap) = event else { panic!("a gap comes first: {event:?}") };
    let event = expect(reader);
    let Event::Transaction(transaction) = event else { panic!("then what makes it good: {event:?}") };
    assert_eq!((transaction.origin, transaction.position), (Origin::Reconciled, gap.position));
    (gap.reason, gap.pages, transaction)
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    std::fs::write(&path, vec![0xa5; 8192]).unwrap();
    let (error, text) = refusal(&path);
    assert!(matches!(error, Error::NotADatabase { .. }) && text.contains("encrypted"), "{text}");
}

#[test]
fn a_missing_file_is_refused_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    assert!(matches!(refusal(&path).0, Error::Io { .. }));
    assert!(!path.exists());
}

#[test]
fn a_database_without_a_log_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    connect(&path).execute_batch("CREATE TABLE t(a)").unwrap();
    let (error, text) = refusal(&path);
    assert!(matches!(error, Error::NotWal { .. }) && text.contains("PRAGMA journal_mode=WAL"), "{text}");
    std::fs::write(&path, b"").unwrap();
    assert!(matches!(refusal(&path).0, Error::NotWal { .. }), "an empty file");
}

#[test]
fn a_database_that_another_connection_has_for_itself_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let owner = connect(&path);
    owner.execute_batch("PRAGMA locking_mode=EXCLUSIVE; INSERT INTO t VALUES (2, 'b')").unwrap();
    let (error, text) = refusal(&path);
    assert!(matches!(error, Error::Locked { .. }) && text.contains("EXCLUSIVE"), "{text}");
}

#[test]
fn a_log_that_is_given_up_while_the_reader_is_away_is_an_error_when_it_returns() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let options = || Options { state: Some(folder.path().join("state")), ..Options::default() };
    drop(Reader::open(&path, options()).unwrap());
    connect(&path).execute_batch("PRAGMA journal_mode=DELETE; INSERT INTO t VALUES (2, 'b')").unwrap();
    assert!(matches!(Reader::open(&path, options()), Err(Error::NotWal { .. })));
    connect(&path).execute_batch("PRAGMA journal_mode=WAL").unwrap();
    let mut reader = Reader::open(&path, options()).unwrap();
    let (_, _, transaction) = gap(&mut reader);
    assert_eq!(
        transaction.changes.len(),
        1,
        "what was written without a log comes as a reconciled transaction"
    );
}

#[test]
fn the_log_cannot_be_given_up_under_an_attached_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let mut reader = open(&path).unwrap();
    let writer = connect(&path);
    writer.busy_timeout(Duration::from_millis(20)).unwrap();
    assert!(
        writer.execute_batch("PRAGMA journal_mode=DELETE").is_err(),
        "SQLite says that the database is locked"
    );
    writer.execute_batch("INSERT INTO t VALUES (2, 'b')").unwrap();
    assert!(matches!(expect(&mut reader), Event::Transaction(_)));
}

#[test]
fn a_log_deleted_by_hand_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let mut reader = open(&path).unwrap();
    let writer = connect(&path);
    writer.execute_batch("INSERT INTO t VALUES (2, 'b')").unwrap();
    assert!(matches!(expect(&mut reader), Event::Transaction(_)));
    drop(writer);
    std::fs::remove_file(folder.path().join("app.db-wal")).unwrap();
    let (reason, _, transaction) = gap(&mut reader);
    assert_eq!(reason, GapReason::LogReplaced);
    assert_eq!(
        transaction.changes.len(),
        1,
        "the row stood in the log alone, and is gone: {:?}",
        transaction.changes
    );
}

#[test]
fn a_database_replaced_under_the_reader_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let mut reader = open(&path).unwrap();
    let other = folder.path().join("other.db");
    connect(&other)
        .execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'x'), (7, 'y'); PRAGMA journal_mode=WAL;")
        .unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.path().join(format!("app.db{suffix}")));
    }
    std::fs::rename(&other, &path).unwrap();
    let event = expect(&mut reader);
    assert!(matches!(&event, Event::Gap(gap) if gap.reason != GapReason::Restarted), "{event:?}");
    let mut found = drain(&mut reader, Duration::from_millis(300));
    // Which of the files is missed first is chance; if it was the log, the database's replacement is seen next.
    found.retain(|event| matches!(event, Event::Transaction(transaction) if !transaction.changes.is_empty()));
    assert!(!found.is_empty(), "row 7 is new and row 1 changed or is new");
    connect(&path).execute_batch("INSERT INTO t VALUES (8, 'z')").unwrap();
    let event = expect(&mut reader);
    assert!(
        matches!(&event, Event::Transaction(transaction) if transaction.origin == Origin::Log),
        "{event:?}"
    );
}

#[test]
fn a_database_replaced_by_one_of_another_page_size_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let options = || Options { state: Some(folder.path().join("state")), ..Options::default() };
    drop(Reader::open(&path, options()).unwrap());
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.path().join(format!("app.db{suffix}")));
    }
    connect(&path)
        .execute_batch("PRAGMA page_size=1024; PRAGMA journal_mode=WAL; CREATE TABLE t(a)")
        .unwrap();
    let error = Reader::open(&path, options()).err().expect("refused");
    assert!(matches!(error, Error::PageSize { was: 4096, now: 1024, .. }), "{error}");
}

#[test]
fn a_damaged_page_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    connect(&path).execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096] = 0x77;
    std::fs::write(&path, bytes).unwrap();
    let (error, text) = refusal(&path);
    assert!(matches!(error, Error::Corrupt { page: Some(2), .. }), "{text}");
}

#[test]
fn a_damaged_frame_is_not_read_and_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let mut reader = open(&path).unwrap();
    let writer = connect(&path);
    writer.execute_batch("BEGIN; INSERT INTO t VALUES (2, 'b')").unwrap();
    // The frame that the commit is going to write is damaged as soon as it is there; the reader may have been faster.
    writer.execute_batch("COMMIT").unwrap();
    let log = folder.path().join("app.db-wal");
    let mut bytes = std::fs::read(&log).unwrap();
    let middle = bytes.len() - 100;
    bytes[middle] ^= 0x55;
    {
        use std::io::{Seek, Write};
        let mut file = std::fs::File::options().write(true).open(&log).unwrap();
        file.seek(std::io::SeekFrom::Start(middle as u64)).unwrap();
        file.write_all(&bytes[middle..=middle]).unwrap();
    }
    let outcome = reader.next(Duration::from_secs(5));
    match outcome {
        Ok(Some(Event::Transaction(transaction))) => assert_eq!(transaction.changes.len(), 1),
        Err(error) => assert!(matches!(error, Error::Corrupt { frame: Some(_), .. }), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_state_folder_has_one_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let options = || Options { state: Some(folder.path().join("state")), ..Options::default() };
    let first = Reader::open(&path, options()).unwrap();
    let error = Reader::open(&path, options()).err().expect("refused");
    assert!(error.to_string().contains("another reader"), "{error}");
    drop(first);
    Reader::open(&path, options()).unwrap();
}

#[test]
fn a_position_not_given_cannot_be_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let mut reader = open(&path).unwrap();
    let position = driftlab_sqlite_wal::Position::from_u64(1);
    assert!(matches!(reader.acknowledge(position), Err(Error::NotGiven { .. })));
    connect(&path).execute_batch("INSERT INTO t VALUES (2, 'b')").unwrap();
    expect(&mut reader);
    reader.acknowledge(position).unwrap();
}

#[test]
fn a_damaged_state_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let state = folder.path().join("state");
    let options = || Options { state: Some(state.clone()), ..Options::default() };
    drop(Reader::open(&path, options()).unwrap());
    std::fs::write(state.join("relay-1"), b"not a segment").unwrap();
    let error = Reader::open(&path, options()).err().expect("refused");
    assert!(matches!(error, Error::State { .. }) && error.to_string().contains("begin anew"), "{error}");
}

/// Not a test: the process whose disk is full.
#[test]
#[ignore = "started by the test below"]
fn process_with_a_full_disk() {
    let Ok(path) = std::env::var("DRIFTLAB_WAL_FULL") else { return };
    let path = PathBuf::from(path);
    let state = Some(path.with_extension("state"));
    let mut reader = match Reader::open(&path, Options { state, ..Options::default() }) {
        Ok(reader) => reader,
        Err(error) => return println!("OUTCOME at once: {error}"),
    };
    println!("ATTACHED");
    loop {
        match reader.next(Duration::from_secs(20)) {
            Ok(Some(_)) => {}
            Ok(None) => return println!("OUTCOME silence"),
            Err(error) => return println!("OUTCOME {error}"),
        }
    }
}

/// A limit on the size of files stands for the full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_nothing_is_lost_by_it() {
    use std::io::{BufRead, BufReader};
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let mut child = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 200; exec \"$0\" --exact process_with_a_full_disk --ignored --nocapture",
        ])
        .arg(std::env::current_exe().unwrap())
        .env("DRIFTLAB_WAL_FULL", &path)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut until =
        |word: &str| lines.find(|line| line.contains(word)).unwrap_or_else(|| panic!("no {word}"));
    until("ATTACHED");
    let writer = connect(&path);
    for row in 0..60 {
        writer
            .execute("INSERT INTO t(v) VALUES (randomblob(9000))", [])
            .unwrap_or_else(|_| panic!("row {row}"));
    }
    let outcome = until("OUTCOME");
    assert!(outcome.contains("writing") && outcome.contains("relay-"), "{outcome}");
    child.wait().unwrap();
    let state = Some(path.with_extension("state"));
    let mut reader = Reader::open(&path, Options { state, ..Options::default() }).unwrap();
    let rows: usize = drain(&mut reader, Duration::from_millis(500))
        .iter()
        .map(|event| if let Event::Transaction(transaction) = event { transaction.changes.len() } else { 0 })
        .sum();
    assert_eq!(rows, 60);
}

/// Not a test: the process that may not do everything.
#[test]
#[ignore = "started by the test below"]
fn process_without_permission() {
    let Ok(path) = std::env::var("DRIFTLAB_WAL_FORBIDDEN") else { return };
    let state = std::env::var("DRIFTLAB_WAL_FORBIDDEN_STATE").ok().map(PathBuf::from);
    match Reader::open(&path, Options { state, ..Options::default() }) {
        Err(error) => println!("OUTCOME refused: {error}"),
        Ok(mut reader) => {
            println!("ATTACHED");
            match reader.next(Duration::from_secs(20)) {
                Ok(Some(Event::Transaction(transaction))) => {
                    println!("OUTCOME read {} changes", transaction.changes.len());
                }
                other => println!("OUTCOME {other:?}"),
            }
        }
    }
}

/// What a process that is not root, and owns nothing here, says when it is pointed at `path`; `meanwhile` runs once it is attached. This
/// program is expected beside `path`.
#[cfg(unix)]
fn outcome_without_permission(path: &Path, state: Option<&Path>, meanwhile: impl FnOnce()) -> String {
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let folder = path.parent().unwrap();
    let mut command = Command::new(folder.join("program"));
    command.args(["--exact", "process_without_permission", "--ignored", "--nocapture"]);
    command.env("DRIFTLAB_WAL_FORBIDDEN", path).stdout(std::process::Stdio::piped());
    if let Some(state) = state {
        command.env("DRIFTLAB_WAL_FORBIDDEN_STATE", state);
    }
    // Permissions mean nothing to root.
    if std::fs::metadata(folder).unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut child = command.spawn().unwrap();
    let mut meanwhile = Some(meanwhile);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut outcome = String::new();
    for line in lines {
        if line.contains("ATTACHED")
            && let Some(meanwhile) = meanwhile.take()
        {
            meanwhile();
        }
        if line.contains("OUTCOME") {
            outcome = line;
        }
    }
    child.wait().unwrap();
    outcome
}

#[cfg(unix)]
fn permit(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Whoever may read a database and its log may follow it; what else is forbidden is said.
#[cfg(unix)]
#[test]
fn a_database_that_may_not_be_written_is_read_and_what_may_not_be_read_or_made_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let writer = connect(&path);
    writer.execute_batch("INSERT INTO t VALUES (2, 'b')").unwrap();
    let files = ["app.db", "app.db-wal", "app.db-shm"].map(|name| folder.path().join(name));
    files.iter().for_each(|file| permit(file, 0o444));
    // Where it was built may be closed to others.
    std::fs::copy(std::env::current_exe().unwrap(), folder.path().join("program")).unwrap();
    permit(folder.path(), 0o555);
    let insert = || writer.execute_batch("INSERT INTO t VALUES (3, 'c')").unwrap();
    let read_only = outcome_without_permission(&path, None, insert);
    let no_state = outcome_without_permission(&path, Some(&folder.path().join("state")), || ());
    permit(&files[0], 0o000);
    let unreadable = outcome_without_permission(&path, None, || ());
    permit(folder.path(), 0o755);
    assert!(read_only.contains("read 1 changes"), "{read_only}");
    assert!(
        no_state.contains("refused: creating") && no_state.contains("/state: Permission denied"),
        "{no_state}"
    );
    assert!(
        unreadable.contains("refused: opening") && unreadable.contains("app.db: Permission denied"),
        "{unreadable}"
    );
}
