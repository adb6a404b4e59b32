//! Random interleavings against a model that knows no concurrency: a map, to which commits are applied one after another.

use crate::fixture::{ACCOUNTS, account, add, delete, insert, put, values, whole_table};
use driftlab_model::port::{Capture, Page, Scan};
use driftlab_model::{
    Commit, Key, Lsn, Row, Sequence, Statement, Time, TransactionId, Version, WriteId, WritePath,
};
use driftlab_sim::database::{Database, DatabaseConfig, Isolation, SessionId, SnapshotView, Step};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const CLIENTS: usize = 5;
const KEYS: i64 = 6;

#[derive(Clone, Debug)]
enum Act {
    /// The client goes on: it begins where it has no transaction, then runs the statement.
    Run(usize, Statement, u64),
    Commit(usize),
    Rollback(usize),
    OpenSnapshot,
    CloseSnapshot(usize),
    Remove(u64),
}

fn statement() -> impl Strategy<Value = Statement> {
    (0..5u8, 0..KEYS, 0..100i64).prop_map(|(kind, n, amount)| match kind {
        0 => insert(n, amount),
        1 => put(n, amount),
        2 | 3 => add(n, amount),
        _ => delete(n),
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => (0..CLIENTS, statement(), 0..1_000u64).prop_map(|(client, statement, stamp)| Act::Run(client, statement, stamp)),
        4 => (0..CLIENTS).prop_map(Act::Commit),
        1 => (0..CLIENTS).prop_map(Act::Rollback),
        1 => Just(Act::OpenSnapshot),
        1 => (0..4usize).prop_map(Act::CloseSnapshot),
        1 => (0..40u64).prop_map(Act::Remove),
    ]
}

fn config() -> impl Strategy<Value = DatabaseConfig> {
    (any::<bool>(), any::<bool>(), proptest::option::of(200..5_000u64)).prop_map(
        |(snapshot, triggers, retain_bytes)| {
            let isolation = if snapshot { Isolation::Snapshot } else { Isolation::ReadCommitted };
            DatabaseConfig { isolation, triggers, retain_bytes, ..DatabaseConfig::default() }
        },
    )
}

#[derive(Clone)]
struct Running {
    session: SessionId,
    transaction: TransactionId,
    statements: u32,
    /// The statement that waits for its lock, with its stamp.
    pending: Option<(Statement, u64)>,
}

/// The state as the commits alone tell it.
#[derive(Clone, Default)]
struct Serial {
    rows: BTreeMap<Key, Row>,
    versions: BTreeMap<Key, Version>,
}

impl Serial {
    fn apply(&mut self, commit: &Commit) {
        for change in &commit.changes {
            assert_eq!(change.before.as_ref(), self.rows.get(&change.key), "before image of {}", change.key);
            let last = self.versions.insert(change.key.clone(), change.version);
            assert!(last.is_none_or(|last| last < change.version), "versions of {} grow", change.key);
            match &change.after {
                Some(row) => self.rows.insert(change.key.clone(), row.clone()),
                None => self.rows.remove(&change.key),
            };
        }
    }
}

/// Runs a script and holds every step against the model; gives a transcript of what the database said.
struct Script<'a> {
    db: &'a mut Database,
    serial: Serial,
    clients: [Option<Running>; CLIENTS],
    snapshots: Vec<(SnapshotView, Serial)>,
    transactions: u64,
    clock: u64,
    last: (u64, Lsn),
    transcript: Vec<String>,
}

impl<'a> Script<'a> {
    fn new(db: &'a mut Database) -> Self {
        let load = db.preload((0..KEYS / 2).map(|n| (account(n), values(n, 100))).collect());
        Self::over(db, load)
    }

    /// A script for a database that holds this load.
    fn over(db: &'a mut Database, load: Vec<(Key, Row)>) -> Self {
        db.create_slot("cdc");
        Self {
            db,
            serial: Serial { rows: load.into_iter().collect(), versions: BTreeMap::new() },
            clients: [const { None }; CLIENTS],
            snapshots: Vec::new(),
            transactions: 0,
            clock: 0,
            last: (0, Lsn(0)),
            transcript: Vec::new(),
        }
    }

    fn play(mut self, acts: &[Act]) -> Vec<String> {
        for act in acts {
            self.act(act);
            self.check();
        }
        // Whoever can go on ends; each end may let others go on, and nobody must be left waiting.
        for _ in 0..CLIENTS {
            for client in 0..CLIENTS {
                self.end(client);
            }
        }
        assert!(self.clients.iter().all(Option::is_none), "a session waits for nobody");
        self.check();
        let page = self.db.poll(Sequence(0), usize::MAX);
        let settled = page.settled_below;
        assert!(page.entries.iter().all(|entry| entry.sequence < settled), "no transaction is open");
        let mut records = Vec::new();
        let read = self.db.read_slot("cdc", Lsn(0), usize::MAX, &mut records);
        for (view, _) in std::mem::take(&mut self.snapshots) {
            self.db.close_snapshot(view.id);
        }
        assert_eq!(self.db.old_versions(), 0, "no view is open");
        self.say(&format!("{page:?} {read:?} {records:?} {:?}", self.db.costs()));
        self.transcript
    }

    fn say(&mut self, what: &str) {
        self.transcript.push(what.to_owned());
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Run(client, statement, stamp) => self.run(*client, statement, *stamp),
            Act::Commit(client) => self.end(*client),
            Act::Rollback(client) => {
                if let Some(running) = self.clients[*client].take() {
                    self.db.rollback(running.session);
                    self.wake();
                }
            }
            Act::OpenSnapshot => {
                let view = self.db.open_snapshot();
                let told = (view.lsn, view.index, view.newest_stamp);
                self.say(&format!("{told:?}"));
                self.snapshots.push((view, self.serial.clone()));
            }
            Act::CloseSnapshot(n) if *n < self.snapshots.len() => {
                let (view, _) = self.snapshots.remove(*n);
                self.db.close_snapshot(view.id);
            }
            Act::CloseSnapshot(_) => {}
            Act::Remove(sequence) => self.db.remove(&[Sequence(*sequence)]),
        }
    }

    fn run(&mut self, client: usize, statement: &Statement, stamp: u64) {
        if self.clients[client].is_none() {
            self.transactions += 1;
            let transaction = TransactionId(self.transactions);
            let captures = [Capture::Nothing, Capture::Outbox, Capture::SoftDeletes];
            let capture = captures[self.transactions as usize % 3];
            let session = self.db.begin(transaction, capture);
            self.clients[client] = Some(Running { session, transaction, statements: 0, pending: None });
        }
        self.step(client, statement, stamp);
    }

    fn step(&mut self, client: usize, statement: &Statement, stamp: u64) {
        let Some(running) = &mut self.clients[client] else { return };
        if running.pending.is_some() {
            return;
        }
        let write = WriteId { transaction: running.transaction, index: running.statements };
        let at = Time::from_nanos(stamp);
        let step = self.db.execute(running.session, statement, write, at, WritePath::Statements);
        self.transcript.push(format!("{client}: {statement:?} {step:?}"));
        match step {
            Step::Done => running.statements += 1,
            Step::Wait => running.pending = Some((statement.clone(), stamp)),
            Step::Refused(_) => {
                self.db.rollback(running.session);
                self.clients[client] = None;
                self.wake();
            }
        }
    }

    fn wake(&mut self) {
        let mut granted = Vec::new();
        self.db.take_granted(&mut granted);
        for session in granted {
            let named = |running: &Option<Running>| running.as_ref().is_some_and(|r| r.session == session);
            let client = self.clients.iter().position(named).expect("only open sessions are granted");
            let running = self.clients[client].as_mut().expect("it was just found");
            let (statement, stamp) = running.pending.take().expect("only waiting sessions are granted");
            self.step(client, &statement, stamp);
        }
    }

    fn end(&mut self, client: usize) {
        let Some(running) = self.clients[client].take_if(|running| running.pending.is_none()) else { return };
        self.clock += 1;
        let commit = self.db.commit(running.session, Time::from_nanos(self.clock)).expect("nothing failed");
        self.check_commit(&commit);
        self.serial.apply(&commit);
        self.say(&format!("{client}: {commit:?}"));
        self.wake();
    }

    fn check_commit(&mut self, commit: &Arc<Commit>) {
        let (index, lsn) = self.last;
        if commit.changes.is_empty() {
            assert_eq!((commit.index.0, commit.lsn), (index, lsn));
        } else {
            assert_eq!(commit.index.0, index + 1);
            assert!(commit.lsn > lsn);
            self.last = (index + 1, commit.lsn);
        }
    }

    fn check(&mut self) {
        for n in 0..KEYS {
            assert_eq!(self.db.read(&account(n)).as_ref(), self.serial.rows.get(&account(n)), "account {n}");
        }
        for (view, serial) in &self.snapshots {
            let page = self.db.scan(view.id, &whole_table(100)).expect("it is open");
            let shown: BTreeMap<Key, Row> =
                page.rows.into_iter().filter_map(|scanned| Some((scanned.key, scanned.row?))).collect();
            assert_eq!(shown, serial.rows, "the snapshot at {}", view.index);
            let all = Scan { updated_after: Some(Time::ZERO), ..whole_table(100) };
            let page: Page = self.db.scan(view.id, &all).expect("it is open");
            let newest = page.rows.iter().map(|scanned| scanned.updated_at).max();
            assert_eq!(view.newest_stamp, newest.unwrap_or(Time::ZERO), "the snapshot at {}", view.index);
        }
        let page = self.db.poll(Sequence(0), usize::MAX);
        assert!(page.entries.is_sorted_by(|a, b| a.sequence < b.sequence));
        assert!(page.entries.iter().all(|entry| entry.event.change.key.table() == ACCOUNTS));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_interleaving_equals_its_commits_one_after_another(
        config in config(),
        acts in proptest::collection::vec(act(), 1..150),
    ) {
        Script::new(&mut Database::new(config)).play(&acts);
    }

    /// Worlds are reset between seeds: what a seed leaves behind would make the next one irreproducible.
    #[test]
    fn a_reset_database_behaves_as_a_new_one(
        config in config(),
        before in proptest::collection::vec(act(), 1..60),
        acts in proptest::collection::vec(act(), 1..60),
    ) {
        let mut used = Database::new(config.clone());
        let mut script = Script::new(&mut used);
        for act in &before {
            script.act(act);
        }
        drop(script);
        used.reset();
        let again = Script::new(&mut used).play(&acts);
        prop_assert_eq!(again, Script::new(&mut Database::new(config)).play(&acts));
    }

    /// The same, where only what was written is put back: a row that was overlooked would be the last run's.
    #[test]
    fn a_rewound_database_behaves_as_one_newly_filled(
        config in config(),
        before in proptest::collection::vec(act(), 1..60),
        acts in proptest::collection::vec(act(), 1..60),
    ) {
        let mut used = Database::new(config.clone());
        let load: Vec<(Key, Row)> = Script::new(&mut used).serial.rows.into_iter().collect();
        for _ in 0..2 {
            let mut script = Script::over(&mut used, load.clone());
            for act in &before {
                script.act(act);
            }
            drop(script);
            used.rewind();
        }
        let again = Script::over(&mut used, load).play(&acts);
        prop_assert_eq!(again, Script::new(&mut Database::new(config)).play(&acts));
    }
}
