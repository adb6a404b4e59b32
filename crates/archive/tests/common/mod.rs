//! Random histories: every event, every kind of value, and casts that make names ambiguous.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use driftlab_model::{
    Cast, Change, Column, ColumnId, ColumnType, Commit, CommitIndex, Doubt, Event, Failure, Finish, History,
    Key, Ledger, Lsn, Milestone, Offset, Operation, OperationKind, ProcessId, Read, Refusal, Row, Schema,
    Shown, SinkCast, SinkForm, SinkId, SinkKind, Stage, Table, TableId, Time, TraceHash, TransactionId,
    Value, Version, View, Watermark, WriteId,
};
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// Throws of a die that depend on the seed alone.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }
    fn any(&mut self) -> u64 {
        self.0.random()
    }
    fn below(&mut self, n: u64) -> u64 {
        self.0.random_range(0..n)
    }
    fn flip(&mut self) -> bool {
        self.0.random()
    }
    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all.choose(&mut self.0).expect("there is something to pick from").clone()
    }
    fn text(&mut self) -> String {
        let texts = [
            "",
            "a",
            "price",
            "#1",
            "#65534",
            "null",
            "true",
            "{",
            "[1]",
            "[",
            "\"",
            "\"x\"",
            "7",
            "-7",
            "007",
            "-0",
            "1.5",
            " 7",
            "99999999999999999999",
            "ünïcødé 🦀",
            "line\nbreak\ttab",
            "back\\slash",
            "\u{0}\u{1f}\u{7f}",
            "{\"$blob\":\"00\"}",
            "name",
            "id",
        ];
        self.pick(&texts).to_owned()
    }
    fn value(&mut self) -> Value {
        match self.below(12) {
            0 => Value::Null,
            1 => Value::Integer(self.any() as i64),
            2 => Value::Integer(self.pick(&[0, -1, 1, i64::MIN, i64::MAX])),
            3 => Value::Real(f64::from_bits(self.any())),
            4 => Value::Real(self.pick(&[
                0.0,
                -0.0,
                1.0,
                -1.5,
                0.1,
                1e300,
                5e-324,
                1e-7,
                1e16,
                f64::MAX,
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                9_007_199_254_740_993.0,
            ])),
            5 => Value::Blob((0..self.below(5)).map(|n| (n * 77) as u8).collect()),
            6..=8 => Value::text(&self.text()),
            _ => Value::Integer(self.below(10) as i64),
        }
    }
    fn values(&mut self, n: u64) -> Vec<Value> {
        (0..n).map(|_| self.value()).collect()
    }
    fn time(&mut self) -> Time {
        Time::from_nanos(self.below(1 << 40))
    }
    fn key(&mut self, tables: u64) -> Key {
        let table = TableId(self.below(tables + 1) as u16);
        if self.flip() {
            return Key::integer(table, self.below(6) as i64);
        }
        let parts = self.below(4);
        Key::new(table, &self.values(parts))
    }
    fn write(&mut self) -> WriteId {
        match self.below(4) {
            0 => WriteId::LOAD,
            1 => WriteId { transaction: TransactionId(self.any()), index: self.any() as u32 },
            _ => WriteId { transaction: TransactionId(self.below(20)), index: self.below(3) as u32 },
        }
    }
    fn row_by(&mut self, write: WriteId, schema: &Schema, key: &Key) -> Row {
        let version = Version(self.any());
        let at = self.time();
        let table = usize::from(key.table().0);
        let columns = (table < schema.len()).then(|| schema.table(key.table()).columns.len() as u64);
        let columns = columns.filter(|_| self.below(8) > 0).unwrap_or_else(|| self.below(5));
        Row::new(write, version, at, self.values(columns).into())
    }
    fn row(&mut self, schema: &Schema, key: &Key) -> Row {
        let write = self.write();
        self.row_by(write, schema, key)
    }
    fn by(&mut self) -> ProcessId {
        ProcessId(self.pick(&[0, 1, 2, 3, 4, 300, u16::MAX]))
    }
    fn refusal(&mut self) -> Refusal {
        let earliest = Offset(self.any());
        self.pick(&[
            Refusal::RolledBack,
            Refusal::Deadlock,
            Refusal::SerializationFailure,
            Refusal::Conflict,
            Refusal::Outdated,
            Refusal::Unavailable,
            Refusal::OutOfRange { earliest },
            Refusal::SlotLost,
            Refusal::Unsupported,
            Refusal::UnknownForm { stream: -3, version: i64::MAX, form: -1, known: 2 },
        ])
    }
    fn view(&mut self, schema: &Schema, key: &Key) -> View {
        match self.below(6) {
            0 => View::Deleted(self.write()),
            1 => View::Missing,
            2 => View::NotHeld,
            _ => View::Row(self.row(schema, key)),
        }
    }
    fn ledger(&mut self) -> Ledger {
        Ledger {
            source_rows_read: self.any(),
            source_requests: self.below(100),
            log_bytes_written: self.below(100),
            sink_requests: (0..self.below(6)).collect(),
            sink_bytes: (0..self.below(3)).map(|n| n * 1000).collect(),
            ..Ledger::default()
        }
    }
    fn cast(&mut self) -> Cast {
        let tables = (0..self.below(4))
            .map(|_| {
                let column = |dice: &mut Self| Column {
                    name: dice.text(),
                    kind: dice.pick(&[
                        ColumnType::Integer,
                        ColumnType::Real,
                        ColumnType::Text,
                        ColumnType::Blob,
                    ]),
                    nullable: dice.flip(),
                };
                let columns: Vec<Column> = (0..=self.below(4)).map(|_| column(self)).collect();
                let key = (0..columns.len().min(2) as u16).map(ColumnId).collect();
                Table { name: self.text(), noun: self.text(), columns, key }
            })
            .collect();
        let sink = |dice: &mut Self| SinkCast {
            name: dice.text(),
            kind: dice.pick(&[SinkKind::Cache, SinkKind::Search, SinkKind::Warehouse]),
            form: dice.pick(&[SinkForm::Rows, SinkForm::Versions, SinkForm::Totals]),
            served: dice.flip(),
            preloaded: dice.flip(),
            joins: dice.flip().then(|| Time::from_nanos(dice.below(1_000))),
        };
        let schema = Schema::new(tables);
        let mut load: Vec<(Key, Row)> = Vec::new();
        for _ in 0..self.below(8) {
            let key = self.key(schema.len() as u64);
            if load.iter().all(|(other, _)| *other != key) {
                let row = self.row(&schema, &key);
                load.push((key, row));
            }
        }
        Cast {
            strategy: self.text(),
            schema,
            processes: (0..self.below(5)).map(|_| self.text()).collect(),
            sinks: (0..self.below(4)).map(|_| sink(self)).collect(),
            partitions: 1 + self.below(4) as u32,
            load,
        }
    }

    /// A history of so many events.
    pub(crate) fn history(&mut self, events: u64) -> History {
        let cast = self.cast();
        let (schema, tables) = (cast.schema.clone(), cast.schema.len() as u64);
        let mut history = History { cast, events: Vec::new() };
        let (mut now, mut commits, often) = (0, 0, self.any());
        for number in 0..events {
            now += self.pick(&[0, 0, 1, 1_000, number * 1_000_000]);
            let (by, sink) = (self.by(), SinkId(self.pick(&[0, 1, 2, 7])));
            let transaction = TransactionId(self.pick(&[number, u64::MAX - 1, often]));
            let key = self.key(tables);
            let event = match self.below(16) {
                0 => Event::Began { by, transaction },
                1 => Event::Aborted { by, transaction, why: self.refusal() },
                2..=4 => {
                    let transaction = TransactionId(1_000_000 + number);
                    let watermark = (self.below(6) == 0).then(|| Watermark(self.any()));
                    let changes = (0..if watermark.is_some() { 0 } else { self.below(4) })
                        .map(|index| {
                            let key = Key::integer(TableId(self.below(tables + 1) as u16), index as i64);
                            let write = WriteId { transaction, index: index as u32 + self.below(2) as u32 };
                            let after = self.flip().then(|| self.row_by(write, &schema, &key));
                            let version = after.as_ref().map_or(Version(self.any()), Row::version);
                            let before = self.flip().then(|| self.row(&schema, &key));
                            Change { key, before, after, write, version }
                        })
                        .collect();
                    commits += u64::from(watermark.is_none());
                    let at = if self.flip() { Time::from_nanos(now) } else { self.time() };
                    let (index, lsn) = (CommitIndex(commits), Lsn(self.any()));
                    Event::Committed {
                        by,
                        commit: Arc::new(Commit { transaction, index, lsn, at, changes, watermark }),
                    }
                }
                5..=8 => {
                    let keys = (0..self.pick(&[0, 1, 1, 2, 5]))
                        .map(|_| {
                            let key = self.key(tables);
                            let view = self.view(&schema, &key);
                            Shown { key, view }
                        })
                        .collect();
                    Event::Shown { by, sink, keys }
                }
                9 => Event::Applied { by, sink, key, write: self.write() },
                10 => Event::Loaded { sink },
                11 => {
                    let row = self.flip().then(|| self.row(&schema, &key));
                    Event::Read(Read { by, sink, key, row, started: self.time() })
                }
                12 => Event::Finished(Operation {
                    by,
                    kind: self.pick(&[OperationKind::Write, OperationKind::Read]),
                    transaction,
                    intended: self.time(),
                    started: self.time(),
                    ending: match self.below(4) {
                        0 => Finish::Done,
                        1 => Finish::Failed(Failure::Unknown(
                            self.pick(&[Doubt::TimedOut, Doubt::Disconnected]),
                        )),
                        _ => Finish::Failed(Failure::Refused(self.refusal())),
                    },
                }),
                13 => {
                    let stages = [
                        Stage::Started,
                        Stage::Crashed,
                        Stage::Paused,
                        Stage::Resumed,
                        Stage::Halted(self.refusal()),
                        Stage::Lost,
                        Stage::Restored,
                    ];
                    Event::Lifecycle { process: by, stage: self.pick(&stages) }
                }
                14 if self.flip() => {
                    Event::Fault { fault: self.any() as u16, target: by, active: self.flip() }
                }
                14 => Event::Milestone(self.pick(&[
                    Milestone::LoadEnded,
                    Milestone::Quiescent,
                    Milestone::GaveUp,
                ])),
                _ => Event::Cost(Arc::new(self.ledger())),
            };
            history.events.push((Time::from_nanos(now), event));
        }
        history
    }
}

pub(crate) fn trace(history: &History) -> u128 {
    let mut trace = TraceHash::default();
    history.replay(&mut trace);
    trace.value()
}

/// Two rows equal in everything they carry; `==` leaves out what a copy need not keep.
fn same_row(a: &Row, b: &Row) -> bool {
    a == b && a.version() == b.version() && a.updated_at() == b.updated_at()
}

fn rows(event: &Event) -> Vec<Row> {
    match event {
        Event::Committed { commit, .. } => commit
            .changes
            .iter()
            .flat_map(|change| [&change.before, &change.after])
            .flatten()
            .cloned()
            .collect(),
        Event::Shown { keys, .. } => keys
            .iter()
            .filter_map(|shown| if let View::Row(row) = &shown.view { Some(row.clone()) } else { None })
            .collect(),
        Event::Read(read) => read.row.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

/// What differs between two histories, if anything does.
pub(crate) fn difference(a: &History, b: &History) -> Option<String> {
    let (x, y) = (&a.cast, &b.cast);
    if (&x.strategy, &x.schema, &x.processes, &x.sinks, x.partitions)
        != (&y.strategy, &y.schema, &y.processes, &y.sinks, y.partitions)
    {
        return Some(format!("casts: {x:?}\n{y:?}"));
    }
    let same = |(a, b): (&(Key, Row), &(Key, Row))| a.0 == b.0 && same_row(&a.1, &b.1);
    if x.load.len() != y.load.len() || !x.load.iter().zip(&y.load).all(same) {
        return Some(format!("loads: {:?}\n{:?}", x.load, y.load));
    }
    if a.events.len() != b.events.len() {
        return Some(format!("{} events, {} events", a.events.len(), b.events.len()));
    }
    a.events
        .iter()
        .zip(&b.events)
        .position(|(a, b)| {
            let (mine, theirs) = (rows(&a.1), rows(&b.1));
            a != b || mine.len() != theirs.len() || !mine.iter().zip(&theirs).all(|(a, b)| same_row(a, b))
        })
        .map(|n| format!("event {n}: {:?}\n{:?}", a.events[n], b.events[n]))
}
