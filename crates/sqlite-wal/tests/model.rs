//! Random statements of every kind, and after every transaction a copy that is built from the decoded changes alone.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod common;

use common::random::{Random, seeds};
use common::replica::Replica;
use common::{connect, expect};
use driftlab_sqlite_wal::{Event, Options, Origin, Reader, Value};
use rusqlite::Connection;
use std::path::Path;

/// One database to make.
struct Shape {
    page_size: u32,
    encoding: &'static str,
    auto_vacuum: u32,
    cache: i32,
    reserved: u8,
}

fn shape(seed: u64) -> Shape {
    let mut random = Random::new(seed ^ 0xabcd);
    Shape {
        page_size: [512, 1024, 4096, 512, 8192, 2048, 65_536, 16_384, 32_768][(seed % 9) as usize],
        encoding: random.pick(&["UTF-8", "UTF-16le", "UTF-16be", "UTF-8"]),
        auto_vacuum: [0, 1, 2][(seed % 3) as usize],
        cache: random.pick(&[5, 5, 200]),
        reserved: if random.one_in(3) { 16 } else { 0 },
    }
}

fn create(path: &Path, shape: &Shape) -> Connection {
    let connection = connect(path);
    connection
        .execute_batch(&format!(
            "PRAGMA page_size={}; PRAGMA encoding='{}'; PRAGMA auto_vacuum={}; CREATE TABLE z(a); DROP TABLE z; VACUUM;",
            shape.page_size, shape.encoding, shape.auto_vacuum
        ))
        .unwrap();
    drop(connection);
    if shape.reserved > 0 && shape.auto_vacuum == 0 {
        // Reserved bytes are for extensions to ask for; an empty database can be told so by its header.
        let mut bytes = std::fs::read(path).unwrap();
        bytes.truncate(shape.page_size as usize);
        bytes[20] = shape.reserved;
        bytes[28..32].copy_from_slice(&1_u32.to_be_bytes());
        bytes[32..40].fill(0);
        let content = (shape.page_size - u32::from(shape.reserved)) as u16;
        bytes[105..107].copy_from_slice(&content.to_be_bytes());
        std::fs::write(path, bytes).unwrap();
    }
    let connection = connect(path);
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size={}; PRAGMA foreign_keys=OFF;
             CREATE TABLE tick(n INTEGER); INSERT INTO tick VALUES (0);
             CREATE TABLE plain(id INTEGER PRIMARY KEY, a, b TEXT, r REAL, c BLOB);
             CREATE TABLE keyless(a INT, b TEXT);
             CREATE TABLE named(name TEXT PRIMARY KEY, v, r REAL);
             CREATE TABLE pair(x INT, y TEXT, v, r REAL, PRIMARY KEY(y, x)) WITHOUT ROWID;
             CREATE TABLE nocase(k TEXT COLLATE NOCASE PRIMARY KEY, v) WITHOUT ROWID;
             CREATE TABLE calc(id INTEGER PRIMARY KEY, a INT, v INT GENERATED ALWAYS AS (a * 2) VIRTUAL,
                               s TEXT GENERATED ALWAYS AS ('s' || a) STORED, z REAL);
             CREATE INDEX plain_b ON plain(b); CREATE INDEX pair_v ON pair(v);
             CREATE VIRTUAL TABLE words USING fts5(body);",
            shape.cache
        ))
        .unwrap();
    connection
}

struct Writer {
    random: Random,
    tables: u64,
    columns: u64,
}

impl Writer {
    fn value(&mut self) -> String {
        match self.random.below(9) {
            0 => "NULL".to_owned(),
            1 => format!("{}", self.random.next() as i64 >> self.random.below(60)),
            2 => format!("{}", self.random.below(3)),
            3 => format!("{}.5", self.random.below(1000)),
            4 => "12.0".to_owned(),
            5 => format!("'{}'", "ä€x".repeat(self.random.below(6) as usize)),
            6 => format!("zeroblob({})", self.random.below(40)),
            7 => format!("hex(randomblob({}))", self.random.below(60)),
            _ => match self.random.below(4) {
                0 => format!("randomblob({})", self.random.below(30_000)),
                1 => format!("printf('%.*c', {}, 'q')", self.random.below(5_000)),
                _ => format!("'t{}'", self.random.below(500)),
            },
        }
    }

    fn row(&mut self) -> String {
        let id = self.random.below(400);
        let (a, b, c) = (self.value(), self.value(), self.value());
        match self.random.below(9) {
            0 | 1 => format!("INSERT OR REPLACE INTO plain VALUES ({id}, {a}, {b}, {c}, {a})"),
            2 => format!("INSERT INTO keyless VALUES ({a}, {b})"),
            3 => format!("INSERT OR REPLACE INTO named VALUES ('n{id}', {a}, {b})"),
            4 | 5 => format!("INSERT OR REPLACE INTO pair VALUES ({}, 'y{}', {a}, {b})", id % 7, id / 7),
            6 => {
                format!("INSERT OR REPLACE INTO nocase VALUES ('{}{id}', {a})", self.random.pick(&["k", "K"]))
            }
            7 => {
                format!("INSERT OR REPLACE INTO calc(id, a, z) VALUES ({id}, {}, {b})", self.random.below(99))
            }
            _ => format!(
                "INSERT INTO words VALUES ('w{id} w{} {}')",
                id % 10,
                "lorem ".repeat(id as usize % 9)
            ),
        }
    }

    fn statement(&mut self) -> String {
        let id = self.random.below(400);
        let value = self.value();
        match self.random.below(26) {
            0 => format!("UPDATE plain SET a = {value} WHERE id % 17 = {}", id % 17),
            1 => format!("UPDATE plain SET c = randomblob(length(c)) WHERE id > {id} AND length(c) > 500"),
            2 => format!("DELETE FROM plain WHERE id BETWEEN {id} AND {}", id + self.random.below(60)),
            3 => format!("UPDATE plain SET id = id + 1000 WHERE id = {id}"),
            4 => "UPDATE plain SET a = a, b = b".to_owned(),
            5 => format!("UPDATE OR IGNORE named SET name = 'm' || {id} WHERE name = 'n{id}'"),
            6 => format!("UPDATE named SET v = {value} WHERE rowid % 5 = {}", id % 5),
            7 => format!("DELETE FROM named WHERE rowid % 9 = {}", id % 9),
            8 => format!("UPDATE pair SET v = {value} WHERE x = {}", id % 7),
            9 => format!("DELETE FROM pair WHERE y < 'y{id}' AND x = 1"),
            10 => format!("UPDATE OR IGNORE nocase SET k = upper(k) WHERE k < 'k{id}'"),
            11 => format!("UPDATE calc SET a = a + 1 WHERE id % 11 = {}", id % 11),
            12 => format!("DELETE FROM keyless WHERE rowid % 8 = {}", id % 8),
            13 if self.random.one_in(5) => {
                let table = self.random.pick(&["plain", "keyless", "named", "pair", "nocase", "calc"]);
                format!("DELETE FROM {table}")
            }
            14 => format!(
                "INSERT INTO keyless SELECT value, printf('%.*c', value % 90, 'b') FROM generate_series(1, {}) AS g",
                self.random.below(300)
            )
            .replace("generate_series(1, ", "(WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s LIMIT ")
            .replace(") AS g", ") SELECT value FROM s)"),
            15 => format!("UPDATE keyless SET b = {value} WHERE rowid % 3 = 0"),
            16 => "UPDATE plain SET c = zeroblob(9000) WHERE id % 50 = 3".to_owned(),
            _ => self.row(),
        }
    }

    fn ddl(&mut self) -> String {
        let extra = self.random.below(self.tables + 1);
        self.columns += 1;
        let (columns, value) = (self.columns, self.random.below(50));
        match self.random.below(16) {
            0 | 1 => {
                self.tables += 1;
                let tables = self.tables;
                match self.random.below(3) {
                    0 => format!("CREATE TABLE extra{tables}(id INTEGER PRIMARY KEY, a, b REAL DEFAULT 3)"),
                    1 => format!(
                        "CREATE TABLE extra{tables}(a TEXT, b INT, c, PRIMARY KEY(b, a)) WITHOUT ROWID"
                    ),
                    _ => format!("CREATE TABLE extra{tables} AS SELECT * FROM plain"),
                }
            }
            2 => format!("DROP TABLE extra{extra}"),
            3 => format!("ALTER TABLE plain ADD COLUMN p{columns} REAL DEFAULT {value}"),
            4 => format!("ALTER TABLE keyless ADD COLUMN p{columns} TEXT NOT NULL DEFAULT 'd{value}'"),
            5 => format!("ALTER TABLE pair ADD COLUMN p{columns} BLOB DEFAULT x'0{}'", value % 10),
            6 => format!(
                "ALTER TABLE calc ADD COLUMN p{columns} INT GENERATED ALWAYS AS (id + {value}) VIRTUAL"
            ),
            7 => format!("ALTER TABLE plain DROP COLUMN p{}", self.random.below(columns)),
            8 => format!("ALTER TABLE keyless DROP COLUMN p{}", self.random.below(columns)),
            9 => format!("ALTER TABLE pair DROP COLUMN p{}", self.random.below(columns)),
            10 => format!("ALTER TABLE plain RENAME COLUMN p{} TO q{columns}", self.random.below(columns)),
            11 => format!("ALTER TABLE extra{extra} RENAME TO extra{}", 1000 + columns),
            12 => format!("CREATE INDEX i{columns} ON plain(a, id)"),
            13 => format!("DROP INDEX i{}", self.random.below(columns)),
            14 => format!("INSERT INTO extra{extra} SELECT * FROM plain"),
            _ => format!("ALTER TABLE extra{extra} ADD COLUMN p{columns} INT DEFAULT {value}"),
        }
    }
}

fn run(seed: u64, transactions: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.db");
    let connection = create(&path, &shape(seed));
    let mut writer = Writer { random: Random::new(seed), tables: 0, columns: 0 };
    for _ in 0..100 {
        let row = writer.row();
        let _ = connection.execute_batch(&row);
    }
    let state = folder.path().join("state");
    let options = || Options { state: (seed.is_multiple_of(2)).then(|| state.clone()), ..Options::default() };
    let mut reader = Reader::open(&path, options()).unwrap();
    let mut replica = Replica::load(&connection, reader.schema().tables());
    let mut ticks = 0;
    for step in 0..transactions {
        let mut context = format!("seed {seed}, transaction {step}");
        if writer.random.one_in(40) {
            let whole = writer.random.pick(&[
                "VACUUM",
                "PRAGMA incremental_vacuum(7)",
                "PRAGMA wal_checkpoint(PASSIVE)",
                "PRAGMA wal_checkpoint(FULL)",
                "PRAGMA wal_checkpoint(RESTART)",
                "PRAGMA wal_checkpoint(TRUNCATE)",
                "REINDEX",
                "ANALYZE",
            ]);
            context += &format!(": {whole}");
            let rows = replica.tables.clone_rows();
            connection.execute_batch(whole).unwrap();
            if whole == "VACUUM" {
                // Moves everything and changes nothing, but rowids of tables without any key or index, which SQLite numbers anew.
                ticks += 1;
                connection.execute("UPDATE tick SET n = ?1", [ticks]).unwrap();
                while !sees(&replica, ticks) {
                    let event = expect(&mut reader);
                    assert!(!matches!(event, Event::Schema(_) | Event::Gap(_)), "{context}: {event:?}");
                    if let Some(transaction) = replica.apply(&event) {
                        let moved =
                            |name: &str| name != "tick" && name != "keyless" && !name.starts_with("extra");
                        let changed = transaction.changes.iter().find(|change| moved(&change.table.name));
                        assert_eq!(changed, None, "{context}: {rows} rows before");
                    }
                }
            }
        }
        connection.execute_batch("BEGIN").unwrap();
        let ddl = writer.random.one_in(12);
        for _ in 0..=writer.random.below(12) {
            let sql = if ddl && writer.random.one_in(2) { writer.ddl() } else { writer.statement() };
            if connection.execute_batch(&sql).is_ok() {
                context += &format!("\n  {sql};");
            }
            if writer.random.one_in(15) {
                let sql = writer.statement();
                let _ = connection.execute_batch(&format!("SAVEPOINT s; {sql}; ROLLBACK TO s; RELEASE s"));
            }
        }
        if writer.random.one_in(8) {
            connection.execute_batch("ROLLBACK").unwrap();
            continue;
        }
        ticks += 1;
        connection.execute("UPDATE tick SET n = ?1", [ticks]).unwrap();
        connection.execute_batch("COMMIT").unwrap();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            while !sees(&replica, ticks) {
                let event = expect(&mut reader);
                if let Some(transaction) = replica.apply(&event) {
                    assert_eq!(transaction.origin, Origin::Log);
                }
            }
            replica.check(&connection, "after the transaction");
        }));
        if let Err(panic) = result {
            eprintln!("{context}");
            std::panic::resume_unwind(panic);
        }
        if writer.random.one_in(30) {
            reader.acknowledge(reader.position()).unwrap();
        }
        if seed.is_multiple_of(2) && writer.random.one_in(60) {
            reader.acknowledge(reader.position()).unwrap();
            drop(reader);
            reader = Reader::open(&path, options()).unwrap_or_else(|error| panic!("{context}: {error}"));
        }
    }
}

trait Rows {
    fn clone_rows(&self) -> usize;
}
impl Rows for std::collections::BTreeMap<String, common::replica::Copy> {
    fn clone_rows(&self) -> usize {
        self.values().map(|copy| copy.rows.len()).sum()
    }
}

/// Whether the copy holds the transaction that counted to `ticks`.
fn sees(replica: &Replica, ticks: i64) -> bool {
    replica.tables["tick"].rows.values().any(|row| row.values == [Value::Integer(ticks)])
}

/// Every feature of the file format at once, on all page sizes, encodings and kinds of vacuum.
#[test]
fn a_copy_built_from_changes_equals_the_database_after_every_transaction() {
    for seed in seeds(12) {
        run(seed, 180);
    }
}
