//! Plays a schedule on the database, and keeps what the sessions were told and the history it makes.

use crate::history::{End, History, Read, Transaction, Version};
use crate::schedule::{Act, Move, Predicate};
use driftlab_model::port::{Capture, Scan};
use driftlab_model::{
    Assignment, ColumnId, Commit, Key, Refusal, Row, Statement, TableId, Time, TransactionId, Value, WriteId,
    WritePath,
};
use driftlab_sim::database::{Database, DatabaseConfig, Isolation, SessionId, SnapshotView, Step};
use std::collections::BTreeMap;
use std::fmt;

const TABLE: TableId = TableId(0);
const VALUE: ColumnId = ColumnId(1);
/// The rows that every schedule begins with, as in Hermitage.
const LOAD: [(i64, i64); 2] = [(1, 10), (2, 20)];
/// Beyond the highest key of any schedule: a scan shows the absence of all below.
pub(crate) const KEYS: std::ops::Range<i64> = 1..7;

/// What a session was told of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Saw(Option<i64>),
    SawRows(Vec<(i64, i64)>),
    Done,
    Refused(Refusal),
    /// It waited for a lock, until this came of it; nothing where it waits still.
    Waited(Option<Box<Told>>),
    /// It is not taken: the transaction was refused before and has been rolled back, or an earlier step waits still.
    Over,
}

/// A schedule that was played.
pub(crate) struct Played {
    /// What was told, step by step.
    pub(crate) told: Vec<Told>,
    pub(crate) history: History,
    /// The committed rows at the end.
    pub(crate) rows: Vec<(i64, i64)>,
}

impl Played {
    pub(crate) fn saw(&self, step: usize) -> Option<i64> {
        match &self.told[step] {
            Told::Saw(value) => *value,
            other => panic!("step {step} is a read, and was told {other:?}"),
        }
    }

    pub(crate) fn saw_rows(&self, step: usize) -> &[(i64, i64)] {
        match &self.told[step] {
            Told::SawRows(rows) => rows,
            other => panic!("step {step} is a scan, and was told {other:?}"),
        }
    }

    /// Whether a step was taken, at once or after waiting.
    pub(crate) fn was_done(&self, step: usize) -> bool {
        match &self.told[step] {
            Told::Waited(then) => then.as_deref() == Some(&Told::Done),
            told => *told == Told::Done,
        }
    }
}

/// Plays a schedule; what is open at its end is rolled back.
pub(crate) fn play(isolation: Isolation, moves: &[Move]) -> Played {
    let mut stage = Stage::new(isolation);
    for (at, step) in moves.iter().enumerate() {
        let told = stage.act(at, step);
        stage.told.push(told);
        stage.wake();
    }
    stage.end(moves.len())
}

struct Running {
    session: SessionId,
    transaction: TransactionId,
    first: usize,
    writes: u32,
    reads: Vec<Read>,
    /// The view for scans, fixed by the first step under snapshot isolation.
    view: Option<SnapshotView>,
    /// The step that waits, and its statement.
    pending: Option<(usize, Statement)>,
}

/// Where a session is.
enum Seat {
    Free,
    Running(Box<Running>),
    /// Its transaction was refused; it takes no further part until its schedule ends the transaction.
    Refused,
}

struct Stage {
    db: Database,
    isolation: Isolation,
    seats: BTreeMap<usize, Seat>,
    transactions: u64,
    clock: u64,
    told: Vec<Told>,
    history: History,
}

impl Stage {
    fn new(isolation: Isolation) -> Self {
        let mut db = Database::new(DatabaseConfig { isolation, ..DatabaseConfig::default() });
        db.preload(LOAD.iter().map(|&(n, value)| (key(n), values(n, value))).collect());
        Self {
            db,
            isolation,
            seats: BTreeMap::new(),
            transactions: 0,
            clock: 0,
            told: Vec::new(),
            history: History::default(),
        }
    }

    fn act(&mut self, at: usize, step: &Move) -> Told {
        let seat = self.seats.remove(&step.session).unwrap_or(Seat::Free);
        let mut running = match seat {
            Seat::Running(running) => running,
            Seat::Free => Box::new(self.begin(at)),
            Seat::Refused => {
                let over = matches!(step.act, Act::Commit | Act::Abort);
                self.seats.insert(step.session, if over { Seat::Free } else { Seat::Refused });
                return Told::Over;
            }
        };
        if running.pending.is_some() {
            self.seats.insert(step.session, Seat::Running(running));
            return Told::Over;
        }
        let told = match step.act {
            Act::Read(n) => self.read(at, &mut running, n),
            Act::Scan(predicate) => self.scan(at, &mut running, predicate),
            Act::Write(n, value) => {
                let statement = Statement::Put { key: key(n), values: values(n, value) };
                self.run(at, &mut running, statement)
            }
            Act::Add(n, amount) => {
                let assignments = vec![(VALUE, Assignment::Add(Value::from(amount)))];
                self.run(at, &mut running, Statement::Update { key: key(n), assignments })
            }
            Act::Insert(n, value) => {
                let statement = Statement::Insert { key: key(n), values: values(n, value) };
                self.run(at, &mut running, statement)
            }
            Act::Commit => {
                self.clock += 1;
                let commit = self.db.commit(running.session, Time::from_nanos(self.clock));
                let commit = commit.expect("a refused transaction has left its seat");
                self.finish(at, *running, Some(&commit));
                return Told::Done;
            }
            Act::Abort => {
                self.db.rollback(running.session);
                self.finish(at, *running, None);
                return Told::Done;
            }
        };
        self.seat(at, step.session, running, &told);
        told
    }

    /// Gives a session its seat again, or takes it where its transaction was refused.
    fn seat(&mut self, at: usize, session: usize, running: Box<Running>, told: &Told) {
        let seat = if matches!(told, Told::Refused(_)) {
            self.db.rollback(running.session);
            self.finish(at, *running, None);
            Seat::Refused
        } else {
            Seat::Running(running)
        };
        self.seats.insert(session, seat);
    }

    fn begin(&mut self, at: usize) -> Running {
        self.transactions += 1;
        let transaction = TransactionId(self.transactions);
        let session = self.db.begin(transaction, Capture::Nothing);
        let view = (self.isolation == Isolation::Snapshot).then(|| self.db.open_snapshot());
        if view.is_some() {
            // The transaction's own view begins with its first statement, and a scan of a snapshot is none: this read of a row that never is makes both views one.
            let row = self.db.read_in(session, &key(0));
            assert_eq!(row, Ok(None));
        }
        Running { session, transaction, first: at, writes: 0, reads: Vec::new(), view, pending: None }
    }

    fn read(&mut self, at: usize, running: &mut Running, n: i64) -> Told {
        let row = self.db.read_in(running.session, &key(n)).expect("its statements were not refused");
        running.reads.push(Read { key: n, version: version(row.as_ref()), by_predicate: false, at });
        Told::Saw(row.as_ref().map(value))
    }

    /// The database reads many rows through snapshots only, so a predicate is evaluated on one: a fresh one for each statement at read committed,
    /// the transaction's own at snapshot. Neither shows what the transaction wrote itself.
    fn scan(&mut self, at: usize, running: &mut Running, predicate: Predicate) -> Told {
        let own = running.view;
        let view = own.unwrap_or_else(|| self.db.open_snapshot());
        let page =
            self.db.scan(view.id, &Scan { table: TABLE, after: None, limit: 100, updated_after: None });
        if own.is_none() {
            self.db.close_snapshot(view.id);
        }
        let rows = page.expect("the snapshot is open").rows;
        let rows: BTreeMap<i64, Row> =
            rows.into_iter().filter_map(|scanned| Some((scanned.key.as_integer()?, scanned.row?))).collect();
        running.reads.extend(KEYS.map(|n| {
            let row = rows.get(&n);
            Read { key: n, version: version(row), by_predicate: row.is_none(), at }
        }));
        let shown =
            rows.iter().map(|(n, row)| (*n, value(row))).filter(|(_, value)| (predicate.holds)(*value));
        Told::SawRows(shown.collect())
    }

    fn run(&mut self, at: usize, running: &mut Running, statement: Statement) -> Told {
        self.clock += 1;
        let write = WriteId { transaction: running.transaction, index: running.writes };
        let stamp = Time::from_nanos(self.clock);
        match self.db.execute(running.session, &statement, write, stamp, WritePath::Statements) {
            Step::Done => {
                running.writes += 1;
                Told::Done
            }
            Step::Refused(why) => Told::Refused(why),
            Step::Wait => {
                running.pending = Some((at, statement));
                Told::Waited(None)
            }
        }
    }

    /// Lets those go on who were granted the lock they waited for.
    fn wake(&mut self) {
        let mut granted = Vec::new();
        self.db.take_granted(&mut granted);
        for id in granted {
            let waits = |seat: &Seat| matches!(seat, Seat::Running(running) if running.session == id);
            let session = self.seats.iter().find(|(_, seat)| waits(seat)).map(|(session, _)| *session);
            let session = session.expect("only open sessions are granted a lock");
            let Some(Seat::Running(mut running)) = self.seats.remove(&session) else { unreachable!() };
            let (at, statement) = running.pending.take().expect("only waiting sessions are granted a lock");
            let told = self.run(at, &mut running, statement);
            self.seat(self.told.len(), session, running, &told);
            self.told[at] = Told::Waited(Some(Box::new(told)));
            self.wake();
        }
    }

    fn finish(&mut self, at: usize, running: Running, commit: Option<&Commit>) {
        if let Some(view) = running.view {
            self.db.close_snapshot(view.id);
        }
        let tx = running.transaction.0;
        for change in commit.iter().flat_map(|commit| &commit.changes) {
            let n = change.key.as_integer().expect("keys are integers");
            self.history.installed.entry(n).or_default().push((tx, change.write.index));
        }
        let end = if commit.is_some() { End::Committed } else { End::Aborted };
        let transaction = Transaction { span: (running.first, at), reads: running.reads, end };
        self.history.transactions.insert(tx, transaction);
    }

    fn end(mut self, at: usize) -> Played {
        for (_, seat) in std::mem::take(&mut self.seats) {
            if let Seat::Running(running) = seat {
                self.db.rollback(running.session);
                self.finish(at, *running, None);
            }
        }
        assert_eq!(self.db.old_versions(), 0, "all sessions and views have ended");
        let row = |n: i64| Some((n, value(&self.db.read(&key(n))?)));
        let rows = KEYS.filter_map(row).collect();
        Played { told: self.told, history: self.history, rows }
    }
}

fn key(n: i64) -> Key {
    Key::integer(TABLE, n)
}

fn values(n: i64, value: i64) -> std::sync::Arc<[Value]> {
    [Value::from(n), Value::from(value)].into()
}

fn value(row: &Row) -> i64 {
    row.values()[1].as_integer().expect("values are integers")
}

/// No schedule deletes, so an absent row is one that was never there.
fn version(row: Option<&Row>) -> Version {
    match row.map(Row::write) {
        None | Some(WriteId::LOAD) => Version::Initial,
        Some(write) => Version::Written(write.transaction.0, write.index),
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Saw(None) => f.write_str("absent"),
            Self::Saw(Some(value)) => write!(f, "{value}"),
            Self::SawRows(rows) if rows.is_empty() => f.write_str("none"),
            Self::SawRows(rows) => {
                let rows: Vec<String> = rows.iter().map(|(n, value)| format!("{n}: {value}")).collect();
                f.write_str(&rows.join(", "))
            }
            Self::Done => f.write_str("done"),
            Self::Refused(Refusal::SerializationFailure) => f.write_str("refused: the row has changed since"),
            Self::Refused(why) => write!(f, "refused: {why:?}"),
            Self::Waited(None) => f.write_str("waits"),
            Self::Waited(Some(then)) => write!(f, "waits, then {then}"),
            Self::Over => f.write_str("—"),
        }
    }
}
