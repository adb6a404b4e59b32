//! The same on a real database, with writers, checkpoints and vacuums at the same time.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod common;

use common::random::Random;
use common::replica::Replica;
use common::{connect, expect};
use driftlab_sqlite_wal::{Event, Options, Origin, Reader, Value};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

const CHINOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/chinook.sqlite");

/// A copy of the database with a log; `None`, said on stderr, where the file is absent.
fn chinook(folder: &Path) -> Option<PathBuf> {
    let path = folder.join("chinook.db");
    if std::fs::copy(CHINOOK, &path).is_err() {
        // Not by a macro: what macros print is kept back where a test passes.
        let _ = writeln!(std::io::stderr(), "skipped: {CHINOOK} is not there");
        return None;
    }
    connect(&path)
        .execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE tick(n INT); INSERT INTO tick VALUES (0)")
        .unwrap();
    Some(path)
}

fn statement(random: &mut Random) -> String {
    let id = random.below(3500);
    match random.below(9) {
        0 => {
            format!("UPDATE Track SET UnitPrice = UnitPrice + 0.01, Name = Name || '!' WHERE TrackId = {id}")
        }
        1 => format!("UPDATE Track SET Milliseconds = Milliseconds + 1 WHERE AlbumId = {}", id % 340),
        2 => format!("DELETE FROM PlaylistTrack WHERE TrackId = {id}"),
        3 => format!("INSERT OR REPLACE INTO PlaylistTrack VALUES ({}, {id})", id % 18),
        4 => format!(
            "INSERT INTO Invoice(CustomerId, InvoiceDate, Total) VALUES ({}, '2009-01-01 00:00:00', 1.98)",
            id % 59
        ),
        5 => format!("DELETE FROM InvoiceLine WHERE InvoiceLineId = {id}"),
        6 => format!(
            "UPDATE Customer SET Company = hex(randomblob({})) WHERE CustomerId = {}",
            id % 2000,
            id % 59
        ),
        7 => format!("INSERT OR REPLACE INTO Artist VALUES ({}, 'artist {id}')", id % 500),
        _ => format!("UPDATE Employee SET Title = 'title {id}' WHERE EmployeeId = {}", id % 8),
    }
}

fn sees(replica: &Replica, tick: i64) -> bool {
    replica.tables["tick"].rows.values().any(|row| row.values == [Value::Integer(tick)])
}

#[test]
fn a_copy_of_a_real_database_equals_it_after_every_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let Some(path) = chinook(folder.path()) else { return };
    let writer = connect(&path);
    writer.execute_batch("PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF").unwrap();
    let mut reader = Reader::open(&path, Options::default()).unwrap();
    let mut replica = Replica::load(&writer, reader.schema().tables());
    let mut random = Random::new(1);
    for tick in 1..=120 {
        writer.execute_batch("BEGIN").unwrap();
        for _ in 0..random.below(6) {
            writer.execute_batch(&statement(&mut random)).unwrap();
        }
        writer.execute("UPDATE tick SET n = ?1", [tick]).unwrap();
        writer.execute_batch("COMMIT").unwrap();
        while !sees(&replica, tick) {
            let applied = replica.apply(&expect(&mut reader)).expect("nothing but transactions");
            assert_eq!(applied.origin, Origin::Log);
        }
        replica.check(&writer, &format!("transaction {tick}"));
        match random.below(20) {
            0 => writer.execute_batch("VACUUM").unwrap(),
            1 => writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap(),
            2 => writer.execute_batch("PRAGMA wal_checkpoint(RESTART)").unwrap(),
            _ => {}
        }
    }
}

#[test]
fn concurrent_writers_checkpoints_and_vacuums_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(path) = chinook(folder.path()) else { return };
    let mut reader = Reader::open(&path, Options::default()).unwrap();
    let mut replica = Replica::load(&connect(&path), reader.schema().tables());
    let busy = AtomicBool::new(true);
    let (mut transactions, mut gaps) = (0_u64, Vec::new());
    std::thread::scope(|scope| {
        for seed in 0..2 {
            let path = &path;
            scope.spawn(move || {
                let writer = connect(path);
                writer
                    .execute_batch(
                        "PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=150",
                    )
                    .unwrap();
                let mut random = Random::new(100 + seed);
                for _ in 0..400 {
                    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
                    for _ in 0..=random.below(4) {
                        writer.execute_batch(&statement(&mut random)).unwrap();
                    }
                    writer.execute_batch(if random.one_in(10) { "ROLLBACK" } else { "COMMIT" }).unwrap();
                }
            });
        }
        let (path, running) = (&path, &busy);
        scope.spawn(move || {
            let keeper = connect(path);
            let mut random = Random::new(7);
            while running.load(Ordering::Relaxed) {
                let mode = random.pick(&["PASSIVE", "FULL", "RESTART", "TRUNCATE"]);
                let _ = keeper.execute_batch(&format!("PRAGMA wal_checkpoint({mode})"));
                if random.one_in(20) {
                    let _ = keeper.execute_batch("VACUUM");
                }
                std::thread::sleep(std::time::Duration::from_millis(random.below(30)));
            }
        });
        let mut quiet = 0;
        while quiet < 4 {
            match reader.next(std::time::Duration::from_millis(500)).unwrap() {
                Some(event) => {
                    quiet = 0;
                    if let Event::Gap(gap) = &event {
                        gaps.push(gap.clone());
                    }
                    transactions += u64::from(replica.apply(&event).is_some());
                }
                None => quiet += 1,
            }
            if quiet == 2 {
                busy.store(false, Ordering::Relaxed);
            }
        }
    });
    let writer = connect(&path);
    writer.execute("UPDATE tick SET n = -1", []).unwrap();
    while !sees(&replica, -1) {
        replica.apply(&expect(&mut reader));
    }
    replica.check(&writer, "at the end");
    assert!(transactions > 400, "{transactions} transactions, gaps: {gaps:?}");
    println!("{transactions} transactions, {} gaps: {gaps:?}", gaps.len());
}
