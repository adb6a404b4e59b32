//! Reader and writer are killed (`kill -9`) at random points. Nothing may be lost, and nothing given again that was acknowledged.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod common;

use common::connect;
use common::random::Random;
use driftlab_sqlite_wal::{Event, Options, Reader, Row, Table, Transaction};
use rusqlite::{Connection, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const FOLDER: &str = "DRIFTLAB_WAL_CRASH_FOLDER";
const SEED: &str = "DRIFTLAB_WAL_CRASH_SEED";
const ROUNDS: &str = "DRIFTLAB_WAL_CRASH_ROUNDS";

/// The copy: a database of its own, in which the rows are stored together with the position up to which they are true.
struct Sink(Connection);

fn identity(table: &Table, row: &Row) -> String {
    row.rowid.map_or_else(
        || table.key.iter().map(|column| format!("{},", row.values[*column])).collect(),
        |rowid| rowid.to_string(),
    )
}

impl Sink {
    fn open(folder: &Path) -> Self {
        let sink = connect(&folder.join("sink.db"));
        sink.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
             CREATE TABLE IF NOT EXISTS copy(name, id, image, PRIMARY KEY(name, id)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS place(what PRIMARY KEY, position) WITHOUT ROWID;",
        )
        .unwrap();
        Self(sink)
    }

    fn place(&self, what: &str) -> i64 {
        let place = self.0.query_row("SELECT position FROM place WHERE what = ?1", [what], |row| row.get(0));
        place.optional().unwrap().unwrap_or(0)
    }

    fn set_place(&self, what: &str, position: i64) {
        self.0.execute("INSERT OR REPLACE INTO place VALUES (?1, ?2)", params![what, position]).unwrap();
    }

    fn apply(&self, transaction: &Transaction) {
        let position = transaction.position.as_u64() as i64;
        assert!(position > self.place("acknowledged"), "{position} was acknowledged and is given again");
        let applied = self.place("applied");
        if position <= applied {
            return;
        }
        assert_eq!(position, applied + 1, "a position is missing");
        self.0.execute_batch("BEGIN").unwrap();
        for change in &transaction.changes {
            let name = &change.table.name;
            if let Some(before) = &change.before {
                let deleted = self
                    .0
                    .prepare_cached("DELETE FROM copy WHERE name = ?1 AND id = ?2 AND image = ?3")
                    .unwrap()
                    .execute(params![name, identity(&change.table, before), format!("{:?}", before.values)])
                    .unwrap();
                assert_eq!(deleted, 1, "before image of {change:?} at {position}");
            }
            if let Some(after) = &change.after {
                self.0
                    .prepare_cached("INSERT INTO copy VALUES (?1, ?2, ?3)")
                    .unwrap()
                    .execute(params![name, identity(&change.table, after), format!("{:?}", after.values)])
                    .unwrap();
            }
        }
        self.set_place("applied", position);
        self.0.execute_batch("COMMIT").unwrap();
    }

    /// Compares with the database, whose tables it also loads itself from if it is `empty`.
    fn compare(&self, folder: &Path, context: &str) {
        let source = connect(&folder.join("source.db"));
        let mut truth = Vec::new();
        for (name, columns) in [("tick", 2), ("data", 3), ("pair", 3)] {
            let mut statement = source.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values: Vec<driftlab_sqlite_wal::Value> =
                    (0..columns).map(|at| row.get_ref(at).unwrap().into()).collect();
                truth.push((name.to_owned(), format!("{values:?}")));
            }
        }
        let mut statement = self.0.prepare("SELECT name, image FROM copy").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let mut held: Vec<(String, String)> = rows.collect::<Result<_, _>>().unwrap();
        truth.sort();
        held.sort();
        assert!(
            truth == held,
            "{context}: copy and database differ: {} rows and {}",
            held.len(),
            truth.len()
        );
    }
}

fn options(folder: &Path) -> Options {
    Options { state: Some(folder.join("state")), ..Options::default() }
}

/// Reads, applies, acknowledges now and then; until `done` says so of the copy.
fn read(folder: &Path, seed: u64, mut done: impl FnMut(&Sink) -> bool) -> u64 {
    let sink = Sink::open(folder);
    let mut random = Random::new(seed);
    let mut reader = Reader::open(folder.join("source.db"), options(folder)).unwrap();
    let mut gaps = 0;
    while !done(&sink) {
        match reader.next(Duration::from_millis(50)).unwrap() {
            Some(Event::Transaction(transaction)) => {
                sink.apply(&transaction);
                if random.one_in(4) {
                    reader.acknowledge(transaction.position).unwrap();
                    sink.set_place("acknowledged", transaction.position.as_u64() as i64);
                }
            }
            Some(Event::Gap(_)) => gaps += 1,
            Some(Event::Schema(_)) | None => {}
        }
    }
    gaps
}

fn write(folder: &Path, seed: u64) {
    let connection = connect(&folder.join("source.db"));
    connection
        .execute_batch("PRAGMA synchronous=OFF; PRAGMA cache_size=10; PRAGMA wal_autocheckpoint=200")
        .unwrap();
    let mut random = Random::new(seed);
    loop {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for _ in 0..=random.below(8) {
            let id = random.below(3000);
            let sql = match random.below(8) {
                0 => format!("DELETE FROM data WHERE id BETWEEN {id} AND {}", id + random.below(50)),
                1 => format!("UPDATE data SET b = randomblob(length(b)) WHERE id % 97 = {}", id % 97),
                2 => format!(
                    "INSERT OR REPLACE INTO pair VALUES ('{}', {}, hex(randomblob(20)))",
                    id % 50,
                    id / 50
                ),
                3 => format!("DELETE FROM pair WHERE a = '{}'", id % 50),
                4 if random.one_in(30) => "DELETE FROM data".to_owned(),
                _ => format!(
                    "INSERT OR REPLACE INTO data VALUES ({id}, 'v{id}', randomblob({}))",
                    random.below(3000)
                ),
            };
            connection.execute_batch(&sql).unwrap();
        }
        connection.execute_batch("UPDATE tick SET n = n + 1 WHERE id = 1").unwrap();
        connection.execute_batch(if random.one_in(9) { "ROLLBACK" } else { "COMMIT" }).unwrap();
        if random.one_in(40) {
            let mode = random.pick(&["PASSIVE", "FULL", "RESTART", "TRUNCATE"]);
            connection.execute_batch(&format!("PRAGMA wal_checkpoint({mode})")).unwrap();
        }
        if random.one_in(300) {
            let _ = connection.execute_batch("VACUUM");
        }
    }
}

/// Not a test: the processes that the test kills.
#[test]
#[ignore = "started by the test below"]
fn process() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = PathBuf::from(folder);
    let seed = std::env::var(SEED).unwrap().parse().unwrap();
    match std::env::var("DRIFTLAB_WAL_CRASH_ROLE").unwrap().as_str() {
        "writer" => write(&folder, seed),
        _ => drop(read(&folder, seed, |_| false)),
    }
}

fn start(role: &str, folder: &Path, seed: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process", "--ignored", "--nocapture"])
        .env("DRIFTLAB_WAL_CRASH_ROLE", role)
        .env(FOLDER, folder)
        .env(SEED, seed.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills the process, which must not have ended by itself: it panics where something is wrong.
fn kill(mut child: Child, context: &str) {
    let ended = child.try_wait().unwrap();
    assert!(ended.is_none(), "{context}: a process ended by itself: {ended:?}; its panic stands above");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn killed_readers_and_writers_lose_nothing_and_repeat_nothing_that_was_acknowledged() {
    let rounds = std::env::var(ROUNDS).ok().and_then(|text| text.parse().ok()).unwrap_or(30_u64);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    connect(&folder.join("source.db"))
        .execute_batch(
            "PRAGMA journal_mode=WAL;
             CREATE TABLE tick(id INTEGER PRIMARY KEY, n INT);
             CREATE TABLE data(id INTEGER PRIMARY KEY, a TEXT, b BLOB);
             CREATE INDEX data_a ON data(a);
             CREATE TABLE pair(a TEXT, b INT, c TEXT, PRIMARY KEY(a, b)) WITHOUT ROWID;",
        )
        .unwrap();
    // Attached while all tables are empty: the copy needs no initial load.
    drop(Reader::open(folder.join("source.db"), options(folder)).unwrap());
    connect(&folder.join("source.db")).execute_batch("INSERT INTO tick VALUES (1, 0), (2, 0)").unwrap();
    let mut gaps = 0;
    for round in 0..rounds {
        let context = format!("round {round} of {rounds}");
        let mut random = Random::new(round);
        let mut writer = start("writer", folder, random.next());
        let mut reader = start("reader", folder, random.next());
        for _ in 0..random.below(3) {
            std::thread::sleep(Duration::from_millis(30 + random.below(120)));
            if random.one_in(2) {
                kill(reader, &context);
                reader = start("reader", folder, random.next());
            } else {
                kill(writer, &context);
                writer = start("writer", folder, random.next());
            }
        }
        std::thread::sleep(Duration::from_millis(30 + random.below(150)));
        if random.one_in(2) {
            kill(reader, &context);
            std::thread::sleep(Duration::from_millis(random.below(60)));
            kill(writer, &context);
        } else {
            kill(writer, &context);
            kill(reader, &context);
        }
        // A last transaction that says that everything before it has been seen.
        let last = round as i64 + 1;
        connect(&folder.join("source.db")).execute("UPDATE tick SET n = ?1 WHERE id = 2", [last]).unwrap();
        let image = format!("[Integer(2), Integer({last})]");
        let begun = Instant::now();
        gaps += read(folder, round, |sink| {
            // What was lost would be waited for for ever.
            assert!(begun.elapsed() < Duration::from_secs(120), "{context}: the last transaction never came");
            let seen =
                sink.0.query_row("SELECT count(*) FROM copy WHERE image = ?1", [&image], |row| row.get(0));
            seen == Ok(1)
        });
        Sink::open(folder).compare(folder, &context);
    }
    println!("{rounds} rounds, {gaps} gaps declared by the last reader of a round");
}
