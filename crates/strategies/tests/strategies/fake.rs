//! A world of a few lines: every request takes effect when its future is polled for the second time, so a process that is polled `n` times and then
//! dropped has crashed at its `n`-th await.

use driftlab_model::port::{
    Capture, Checkpoint, Condition, Delivery, Lease, Log, Main, Page, Ports, QueueEntry, QueuePage, Record,
    Reply, Request, Runtime, Scan, Scanned, Sink, Slot, Snapshot, Source, Store, Strategy, Topology,
};
use driftlab_model::{
    Bookmark, Call, Change, ChangeEvent, ColumnType, Commit, CommitIndex, Doubt, Ending, Key, Lsn, Offset,
    Outcome, Refusal, Row, Schema, Sequence, Settings, SinkId, SinkKind, Span, Statement, Table, TableId,
    Time, Transaction, TransactionId, Value, Version, Watermark, WriteId, WritePath,
};
use driftlab_strategies::StrategyEntry;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

pub(crate) const ITEMS: TableId = TableId(0);
pub(crate) const LINES: TableId = TableId(1);

pub(crate) type Rows = BTreeMap<Key, Row>;

/// What becomes of a request to a store.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    Refused,
    ReplyLost,
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) rows: Rows,
    pub(crate) removed: BTreeMap<Key, Time>,
    pub(crate) commits: Vec<Arc<Commit>>,
    pub(crate) lsn: u64,
    pub(crate) version: u64,
    pub(crate) states: Vec<Rows>,
    pub(crate) triggers: bool,
    pub(crate) entries: Vec<QueueEntry>,
    pub(crate) settled_below: Option<Sequence>,
    pub(crate) slot: Option<Lsn>,
    pub(crate) log: Vec<Vec<ChangeEvent>>,
    pub(crate) earliest: u64,
    pub(crate) checkpoints: BTreeMap<String, Bookmark>,
    pub(crate) stores: Vec<StoreState>,
}

#[derive(Clone, Default)]
pub(crate) struct StoreState {
    pub(crate) cells: BTreeMap<Key, (Option<Row>, Version)>,
    pub(crate) bookmark: Option<Bookmark>,
    pub(crate) staged: BTreeMap<u64, Rows>,
    pub(crate) leases: BTreeMap<Key, u64>,
    pub(crate) granted: u64,
    pub(crate) fates: VecDeque<Option<Fate>>,
    /// Whether the next atomic step stays on the way until it is let go, so that its sender gives it up.
    pub(crate) delays_step: bool,
    /// The step that is still on the way.
    pub(crate) late: Option<Request>,
    pub(crate) refused_steps: usize,
    /// What readers saw after each request that was served.
    pub(crate) shown: Vec<Rows>,
    /// What they saw whenever the load was declared complete.
    pub(crate) completed: Vec<Rows>,
    /// The writes that took effect, in order.
    pub(crate) applied: Vec<WriteId>,
}

impl StoreState {
    pub(crate) fn rows(&self) -> Rows {
        self.cells.iter().filter_map(|(key, (row, _))| Some((key.clone(), row.clone()?))).collect()
    }

    fn deliver(&mut self, delivery: &Delivery) -> Outcome<()> {
        let held = self.cells.get(&delivery.key).map(|(_, version)| *version);
        if delivery.condition != Condition::Always && held >= Some(delivery.version) {
            return Err(Refusal::Outdated.into());
        }
        self.cells.insert(delivery.key.clone(), (delivery.after.clone(), delivery.version));
        self.applied.push(delivery.write);
        Ok(())
    }

    fn serve(&mut self, request: Request) -> Outcome<Reply> {
        match request {
            Request::Get(key) => Ok(Reply::Row(self.cells.get(&key).and_then(|(row, _)| row.clone()))),
            Request::Put(delivery) => self.deliver(&delivery).map(|()| Reply::Done),
            Request::Bulk(deliveries) => {
                Ok(Reply::Each(deliveries.iter().map(|delivery| self.deliver(delivery)).collect()))
            }
            Request::Apply { deliveries, after, bookmark } => {
                if self.bookmark.unwrap_or_default() != after || bookmark <= after {
                    self.refused_steps += 1;
                    return Err(Refusal::Outdated.into());
                }
                for delivery in &deliveries {
                    let _ = self.deliver(delivery);
                }
                self.bookmark = Some(bookmark);
                Ok(Reply::Done)
            }
            Request::Bookmark => Ok(Reply::Bookmark(self.bookmark)),
            Request::Invalidate(key) => {
                self.cells.remove(&key);
                self.leases.remove(&key);
                Ok(Reply::Done)
            }
            Request::GetOrLease(key) => {
                let row = self.cells.get(&key).and_then(|(row, _)| row.clone());
                let is_free = row.is_none() && !self.leases.contains_key(&key);
                let lease = is_free.then(|| {
                    self.granted += 1;
                    self.leases.insert(key, self.granted);
                    Lease(self.granted)
                });
                Ok(Reply::Leased { row, lease })
            }
            Request::Fill { key, row, lease } => {
                if lease.is_some_and(|lease| self.leases.get(&key) != Some(&lease.0)) {
                    return Err(Refusal::Outdated.into());
                }
                self.leases.remove(&key);
                self.cells.insert(key, (Some(row.clone()), row.version()));
                Ok(Reply::Done)
            }
            Request::Stage { load, rows } => {
                self.staged.retain(|other, _| *other == load);
                self.staged.entry(load).or_default().extend(rows);
                Ok(Reply::Done)
            }
            Request::Publish { load, bookmark } => {
                let rows = self.staged.remove(&load).unwrap_or_default();
                self.cells =
                    rows.into_iter().map(|(key, row)| (key, (Some(row.clone()), row.version()))).collect();
                self.bookmark = Some(bookmark);
                Ok(Reply::Done)
            }
            Request::Complete => {
                self.completed.push(self.rows());
                Ok(Reply::Done)
            }
            Request::Clear => {
                self.cells.clear();
                Ok(Reply::Done)
            }
            Request::Keys { table, after, limit } => {
                let keys = self.rows().into_keys().filter(|key| key.table() == table);
                Ok(Reply::Keys(
                    keys.filter(|key| after.as_ref().is_none_or(|a| key > a)).take(limit).collect(),
                ))
            }
        }
    }
}

/// The world, shared by all handles.
#[derive(Clone)]
pub(crate) struct Fake(pub(crate) Rc<RefCell<World>>);

impl Fake {
    /// A world with two tables, ten items, and sinks that are copies of them.
    pub(crate) fn new(sinks: usize) -> Self {
        let mut world = World { slot: Some(Lsn(0)), log: vec![Vec::new(); 1], ..World::default() };
        for n in 0..10 {
            let (key, values) = item(n, 100);
            world.rows.insert(key, Row::new(WriteId::LOAD, Version::default(), Time::ZERO, values));
        }
        world.states.push(world.rows.clone());
        let cells =
            world.rows.iter().map(|(key, row)| (key.clone(), (Some(row.clone()), row.version()))).collect();
        world.stores = vec![StoreState { cells, ..StoreState::default() }; sinks];
        Self(Rc::new(RefCell::new(world)))
    }

    /// A request: pending once, then served.
    fn step<'a, T: 'a>(&self, serve: impl FnOnce(&mut World) -> T + 'a) -> Call<'a, T> {
        let world = Rc::clone(&self.0);
        let mut serve = Some(serve);
        let mut is_sent = false;
        Box::pin(poll_fn(move |_| {
            if !is_sent {
                is_sent = true;
                return Poll::Pending;
            }
            let serve = serve.take().expect("a request is answered once");
            Poll::Ready(serve(&mut world.borrow_mut()))
        }))
    }

    pub(crate) fn ports(&self, kind: SinkKind) -> Rc<Ports> {
        let count = self.0.borrow().stores.len();
        let sinks = (0..count)
            .map(|n| Sink {
                id: SinkId(n as u8),
                name: format!("sink{n}"),
                kind,
                store: Rc::new(FakeStore(self.clone(), n)),
            })
            .collect();
        Rc::new(Ports {
            runtime: Rc::new(self.clone()),
            source: Rc::new(self.clone()),
            sinks,
            log: Rc::new(self.clone()),
            checkpoint: Rc::new(self.clone()),
            schema: schema(),
        })
    }

    /// Starts all processes of a strategy.
    pub(crate) fn start(&self, strategy: &dyn Strategy) -> Vec<Running> {
        let ports = self.ports(SinkKind::Warehouse);
        let demands = strategy.demands();
        {
            let mut world = self.0.borrow_mut();
            world.triggers = demands.triggers;
            let partitions = demands.partitions.max(1) as usize;
            if world.log.len() != partitions {
                world.log = vec![Vec::new(); partitions];
            }
        }
        let topology = Topology {
            schema: schema(),
            sinks: ports.sinks.iter().map(|sink| (sink.id, sink.name.clone(), sink.kind)).collect(),
        };
        let start = |main: Main| Running { call: main(Rc::clone(&ports)), main, ports: Rc::clone(&ports) };
        strategy.processes(&topology).into_iter().map(|process| start(process.main)).collect()
    }

    pub(crate) fn write(&self, strategy: &dyn Strategy, transaction: &Transaction) -> Outcome<Arc<Commit>> {
        finish(strategy.write(&self.ports(SinkKind::Warehouse), transaction))
    }

    pub(crate) fn shown(&self, sink: usize) -> Rows {
        self.0.borrow().stores[sink].rows()
    }

    pub(crate) fn source(&self) -> Rows {
        self.0.borrow().rows.clone()
    }

    /// Lets the step arrive that is still on the way to a sink, and gives what becomes of it, which nobody hears.
    pub(crate) fn let_go(&self, sink: usize) -> Outcome<Reply> {
        let store = &mut self.0.borrow_mut().stores[sink];
        let late = store.late.take().expect("a step is on the way");
        let outcome = store.serve(late);
        store.shown.push(store.rows());
        outcome
    }

    pub(crate) fn assert_converged(&self, context: &str) {
        for sink in 0..self.0.borrow().stores.len() {
            assert_eq!(self.shown(sink), self.source(), "sink {sink}: {context}");
        }
    }
}

/// A process that is under way.
pub(crate) struct Running {
    call: Call<'static, ()>,
    main: Main,
    ports: Rc<Ports>,
}

impl Running {
    pub(crate) fn poll(&mut self) {
        let done = self.call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(done.is_pending(), "a process runs for ever");
    }

    /// What it had in memory is gone.
    pub(crate) fn crash(&mut self) {
        self.call = (self.main)(Rc::clone(&self.ports));
    }
}

/// Lets processes run side by side, each for so many awaits.
pub(crate) fn drive(processes: &mut [Running], awaits: usize) {
    for _ in 0..awaits {
        for process in &mut *processes {
            process.poll();
        }
    }
}

/// Runs one call to its end.
pub(crate) fn finish<T>(mut call: Call<'_, T>) -> T {
    for _ in 0..10_000 {
        if let Poll::Ready(value) = poll_once(&mut call) {
            return value;
        }
    }
    panic!("the call never ends");
}

pub(crate) fn poll_once<T>(call: &mut Call<'_, T>) -> Poll<T> {
    call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

pub(crate) fn built(name: &str, settings: &[(&str, &str)]) -> Rc<dyn Strategy> {
    let entry = StrategyEntry::named(name).expect("a strategy of this name");
    (entry.build)(&chosen(entry, settings)).expect("settings without contradiction")
}

pub(crate) fn chosen(entry: &StrategyEntry, settings: &[(&str, &str)]) -> Settings {
    settings
        .iter()
        .fold(Settings::defaults(entry.settings), |all, (name, text)| all.with(entry.settings, name, text))
}

pub(crate) fn schema() -> Schema {
    let columns = [("id", ColumnType::Integer), ("amount", ColumnType::Integer)];
    Schema::new(vec![Table::new("items", "item", 1, &columns), Table::new("lines", "line", 1, &columns)])
}

pub(crate) fn item(n: i64, amount: i64) -> (Key, Arc<[Value]>) {
    (Key::integer(ITEMS, n), [Value::from(n), Value::from(amount)].into())
}

pub(crate) fn transaction(id: u64, statements: Vec<Statement>) -> Transaction {
    Transaction {
        id: TransactionId(id),
        statements,
        hold: Span::ZERO,
        ending: Ending::Commit,
        path: WritePath::Statements,
    }
}

pub(crate) fn put(n: i64, amount: i64) -> Statement {
    let (key, values) = item(n, amount);
    Statement::Put { key, values }
}

pub(crate) fn put_line(n: i64, amount: i64) -> Statement {
    Statement::Put { key: Key::integer(LINES, n), values: [Value::from(n), Value::from(amount)].into() }
}

pub(crate) fn delete(n: i64) -> Statement {
    Statement::Delete { key: Key::integer(ITEMS, n) }
}

/// Transactions of one to three rows over both tables, deletions and re-insertions among them.
pub(crate) fn traffic() -> Vec<Transaction> {
    vec![
        transaction(1, vec![put(1, 1), put_line(1, 1)]),
        transaction(2, vec![delete(2)]),
        transaction(3, vec![put(1, 3), put(3, 3), put_line(3, 3)]),
        transaction(4, vec![put(2, 4), delete(3)]),
        transaction(5, vec![delete(1), put_line(1, 5)]),
        transaction(6, vec![put(4, 6), put(5, 6)]),
    ]
}

impl Runtime for Fake {
    fn now(&self) -> Time {
        self.0.borrow().now
    }
    fn wall_clock(&self) -> Time {
        self.0.borrow().now
    }
    fn sleep(&self, span: Span) -> Call<'static, ()> {
        let until = self.now() + span;
        self.step(move |world| world.now = world.now.max(until))
    }
    fn about(&self, _: u64) {}
    fn retry(&self) {}
    fn round(&self) {}
    fn draw(&self, _: &'static str) -> u64 {
        0
    }
}

impl World {
    fn transact(&mut self, transaction: &Transaction, capture: Capture) -> Outcome<Arc<Commit>> {
        if transaction.ending == Ending::Rollback {
            return Err(Refusal::RolledBack.into());
        }
        self.now += Span::from_millis(1);
        let mut changes: Vec<Change> = Vec::new();
        for (index, statement) in transaction.statements.iter().enumerate() {
            let (key, write) = (statement.key().clone(), transaction.write(index));
            let before = self.rows.get(&key).cloned();
            let Some(values) = statement.outcome_on(before.as_ref().map(Row::values)) else {
                if self.rows.remove(&key).is_some() {
                    self.version += 1;
                    if capture == Capture::SoftDeletes {
                        self.removed.insert(key.clone(), self.now);
                    }
                    changes.push(Change { key, before, after: None, write, version: Version(self.version) });
                }
                continue;
            };
            self.version += 1;
            let row = Row::new(write, Version(self.version), self.now, values);
            self.rows.insert(key.clone(), row.clone());
            self.removed.remove(&key);
            changes.push(Change { key, before, after: Some(row), write, version: Version(self.version) });
        }
        self.lsn += 10;
        let commit = Arc::new(Commit {
            transaction: transaction.id,
            index: CommitIndex(self.states.len() as u64),
            lsn: Lsn(self.lsn),
            at: self.now,
            changes,
            watermark: None,
        });
        self.states.push(self.rows.clone());
        self.commits.push(Arc::clone(&commit));
        let of = match capture {
            Capture::Outbox => Some(Some(commit.changes.len() as u32)),
            _ if self.triggers && transaction.path == WritePath::Statements => Some(None),
            _ => None,
        };
        if let Some(of) = of {
            for (index, change) in commit.changes.iter().enumerate() {
                let sequence = Sequence(self.entries.last().map_or(0, |entry| entry.sequence.0) + 1);
                let event = ChangeEvent {
                    position: Lsn(sequence.0),
                    transaction: transaction.id,
                    index: index as u32,
                    of,
                    change: change.clone(),
                };
                self.entries.push(QueueEntry { sequence, event });
            }
        }
        Ok(commit)
    }
}

impl Source for Fake {
    fn transact<'a>(
        &'a self,
        transaction: &'a Transaction,
        capture: Capture,
    ) -> Call<'a, Outcome<Arc<Commit>>> {
        self.step(move |world| world.transact(transaction, capture))
    }
    fn read<'a>(&'a self, key: &'a Key) -> Call<'a, Outcome<Option<Row>>> {
        self.step(move |world| Ok(world.rows.get(key).cloned()))
    }
    fn snapshot(&self) -> Call<'_, Outcome<Box<dyn Snapshot>>> {
        let fake = self.clone();
        self.step(move |world| {
            Ok(Box::new(FakeSnapshot {
                fake,
                lsn: Lsn(world.lsn),
                rows: world.rows.clone(),
                removed: world.removed.clone(),
            }) as Box<dyn Snapshot>)
        })
    }
    fn poll(&self, after: Sequence, limit: usize) -> Call<'_, Outcome<QueuePage>> {
        self.step(move |world| {
            let entries = world.entries.iter().filter(|entry| entry.sequence > after);
            let end = world.entries.last().map_or(Sequence(1), |entry| entry.sequence.next());
            Ok(QueuePage {
                entries: entries.take(limit).cloned().collect(),
                settled_below: world.settled_below.unwrap_or(end),
            })
        })
    }
    fn remove(&self, entries: Vec<Sequence>) -> Call<'_, Outcome<()>> {
        self.step(move |world| {
            world.entries.retain(|entry| !entries.contains(&entry.sequence));
            Ok(())
        })
    }
    fn create_slot<'a>(&'a self, _: &'a str) -> Call<'a, Outcome<Lsn>> {
        self.step(|world| {
            let end = Lsn(world.lsn);
            Ok(*world.slot.get_or_insert(end))
        })
    }
    fn slot(&self, _: &str) -> Rc<dyn Slot> {
        Rc::new(self.clone())
    }
    fn mark(&self, watermark: Watermark) -> Call<'_, Outcome<Lsn>> {
        self.step(move |world| {
            world.lsn += 10;
            world.commits.push(Arc::new(Commit {
                transaction: TransactionId::default(),
                index: CommitIndex(world.states.len() as u64 - 1),
                lsn: Lsn(world.lsn),
                at: world.now,
                changes: Vec::new(),
                watermark: Some(watermark),
            }));
            Ok(Lsn(world.lsn))
        })
    }
}

impl Slot for Fake {
    fn read(&self, after: Lsn, limit: usize, wait: Span) -> Call<'_, Outcome<Vec<Arc<Commit>>>> {
        self.step(move |world| {
            if world.slot.is_none() {
                return Err(Refusal::SlotLost.into());
            }
            let commits: Vec<_> =
                world.commits.iter().filter(|commit| commit.lsn > after).take(limit).cloned().collect();
            if commits.is_empty() {
                world.now += wait;
            }
            Ok(commits)
        })
    }
    fn acknowledge(&self, lsn: Lsn) -> Call<'_, Outcome<()>> {
        self.step(move |world| {
            let confirmed = world.slot.as_mut().ok_or(Refusal::SlotLost)?;
            *confirmed = lsn.max(*confirmed);
            Ok(())
        })
    }
    fn confirmed(&self) -> Call<'_, Outcome<Lsn>> {
        self.step(|world| world.slot.ok_or(Refusal::SlotLost.into()))
    }
}

struct FakeSnapshot {
    fake: Fake,
    lsn: Lsn,
    rows: Rows,
    removed: BTreeMap<Key, Time>,
}

impl Snapshot for FakeSnapshot {
    fn lsn(&self) -> Lsn {
        self.lsn
    }
    fn index(&self) -> CommitIndex {
        CommitIndex::default()
    }
    fn newest_stamp(&self) -> Time {
        let stamps = self.rows.values().map(Row::updated_at);
        stamps.chain(self.removed.values().copied()).max().unwrap_or_default()
    }
    fn scan(&self, scan: Scan) -> Call<'_, Outcome<Page>> {
        self.fake.step(move |_| {
            let mut all: Vec<Scanned> = self
                .rows
                .iter()
                .map(|(key, row)| Scanned {
                    key: key.clone(),
                    row: Some(row.clone()),
                    updated_at: row.updated_at(),
                })
                .collect();
            if scan.updated_after.is_some() {
                let removed = self.removed.iter();
                all.extend(removed.map(|(key, at)| Scanned { key: key.clone(), row: None, updated_at: *at }));
                all.sort_by(|a, b| a.key.cmp(&b.key));
            }
            all.retain(|row| {
                row.key.table() == scan.table
                    && scan.after.as_ref().is_none_or(|after| row.key > *after)
                    && scan.updated_after.is_none_or(|stamp| row.updated_at > stamp)
            });
            let is_last = all.len() <= scan.limit;
            all.truncate(scan.limit);
            let next = if is_last { None } else { all.last().map(|row| row.key.clone()) };
            Ok(Page { rows: all, next })
        })
    }
}

impl Log for Fake {
    fn partitions(&self) -> u32 {
        self.0.borrow().log.len() as u32
    }
    fn append(&self, partition: u32, events: Vec<ChangeEvent>) -> Call<'_, Outcome<Offset>> {
        self.step(move |world| {
            let log = &mut world.log[partition as usize];
            let first = Offset(log.len() as u64);
            log.extend(events);
            Ok(first)
        })
    }
    fn read(&self, partition: u32, from: Offset, limit: usize, wait: Span) -> Call<'_, Outcome<Vec<Record>>> {
        self.step(move |world| {
            if from.0 < world.earliest {
                return Err(Refusal::OutOfRange { earliest: Offset(world.earliest) }.into());
            }
            let log = world.log[partition as usize].iter().zip(0..).skip(from.0 as usize).take(limit);
            let records: Vec<Record> =
                log.map(|(event, n)| Record { offset: Offset(n), event: event.clone() }).collect();
            if records.is_empty() {
                world.now += wait;
            }
            Ok(records)
        })
    }
}

impl Checkpoint for Fake {
    fn save<'a>(&'a self, name: &'a str, bookmark: Bookmark) -> Call<'a, Outcome<()>> {
        self.step(move |world| {
            world.checkpoints.insert(name.to_owned(), bookmark);
            Ok(())
        })
    }
    fn load<'a>(&'a self, name: &'a str) -> Call<'a, Outcome<Option<Bookmark>>> {
        self.step(move |world| Ok(world.checkpoints.get(name).copied()))
    }
}

struct FakeStore(Fake, usize);

impl Store for FakeStore {
    fn call(&self, request: Request) -> Call<'_, Outcome<Reply>> {
        self.0.step(move |world| {
            let store = &mut world.stores[self.1];
            let fate = store.fates.pop_front().flatten();
            if matches!(fate, Some(Fate::Refused)) {
                return Err(Refusal::Unavailable.into());
            }
            if store.delays_step && matches!(request, Request::Apply { .. }) {
                store.delays_step = false;
                store.late = Some(request);
                return Err(Doubt::TimedOut.into());
            }
            let reply = store.serve(request);
            store.shown.push(store.rows());
            if matches!(fate, Some(Fate::ReplyLost)) {
                return Err(Doubt::TimedOut.into());
            }
            reply
        })
    }
}
