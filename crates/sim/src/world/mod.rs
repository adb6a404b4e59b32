//! A virtual world: one source, one log, some sinks, clients and processes, and what happens between them.
//!
//! A [`World`] is made once for a strategy and a scenario, and then run for any number of seeds: between two runs it is reset, not rebuilt. Everything
//! that happens in a run is told to an [`Observer`], and hashed.
//!
//! - `caller`: a process's identity, clock and choices (the port `Runtime`).
//! - `exchange`: a request and its reply, on a `journey`; `transact`: the same for a whole transaction; `passage`: what both have in common; `timing`: what
//!   everything takes where that was measured.
//! - `source`, `slot`, `log`, `store`, `checkpoint`: the other ports.
//! - `prints`: what decides how a run goes on, as a fingerprint.
//! - `scheduling`: how a run goes where the scenario leaves that open.
//! - `process`: start, crash, pause, restart; `faults`: when each fault strikes; `run`: load, settling, quiescence.

mod caller;
mod checkpoint;
mod config;
mod errand;
mod exchange;
mod faults;
mod journey;
mod log;
mod loss;
mod node;
mod passage;
mod prints;
mod process;
mod run;
mod scheduling;
mod slot;
mod source;
mod store;
mod timing;
mod transact;

pub use config::{SinkConfig, Stamps, WorldConfig};
pub use node::NodeConfig;
pub use prints::Memory;
pub use run::RunSummary;

use crate::database::{self, Database, DatabaseConfig, SessionId};
use crate::executor::{Executor, Signal};
use crate::log::PartitionedLog;
use crate::schedule::Schedule;
use crate::store::{StoreModel, Visible};
use caller::Caller;
use checkpoint::CheckpointPort;
use driftlab_model::draws::{Draws, Entity};
use driftlab_model::port::{Ports, Sink};
use driftlab_model::{
    Bookmark, Cast, Commit, Contradiction, Event, Follower, Key, Latency, Lookup, Lsn, Observer, ProcessId,
    Row, SinkCast, SinkId, Span, Time, TraceHash,
};
use faults::Faults;
use log::LogPort;
use node::{Node, NodeId};
use process::ProcessState;
use source::SourcePort;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use store::{Asked, StorePort};

/// A virtual world.
pub struct World {
    config: WorldConfig,
    executor: Rc<Executor>,
    draws: Cell<Draws>,
    schedule: RefCell<Schedule>,
    /// Whether the schedule adds nothing and nobody asks for the legs' lengths: then most of it costs nothing.
    follows_the_scenario: Cell<bool>,
    /// Who follows requests on their way, and how many there were.
    follower: RefCell<Option<Rc<RefCell<dyn Follower>>>>,
    is_followed: Cell<bool>,
    followed: Cell<u64>,
    /// Whether the schedule's stall is still to come.
    stall_is_due: Cell<bool>,
    nodes: Vec<Rc<Node>>,
    database: RefCell<Database>,
    database_skew_nanos: Cell<i64>,
    /// How often the source has lost its state or got it back: odd while it is lost.
    upheavals: Cell<u32>,
    /// Raised when the source's log grew.
    log_written: Signal,
    /// How far its readers see, where that was measured; else all.
    captured: Cell<Lsn>,
    /// Raised when a session came to hold the lock it waited for; those that have not noticed yet.
    locks_granted: Signal,
    granted: RefCell<Vec<SessionId>>,
    log: RefCell<PartitionedLog>,
    log_grew: Signal,
    stores: Vec<RefCell<Box<dyn StoreModel>>>,
    store_wakes: Vec<StoreWake>,
    loaded: Vec<Cell<bool>>,
    /// Whether a sink was emptied in this run, so that it has to be filled anew for the next.
    wiped: Vec<Cell<bool>>,
    visible: RefCell<Visible>,
    checkpoints: RefCell<BTreeMap<Rc<str>, Bookmark>>,
    processes: RefCell<Vec<ProcessState>>,
    faults: RefCell<Faults>,
    /// How many faults of requests are active.
    active_faults: Cell<u32>,
    load: Vec<(Key, Row)>,
    /// Whether the load is in the database and in the stores that start as its copies: the first run puts it there, the others put it back.
    filled: Cell<bool>,
    telling: RefCell<Telling>,
    /// What was asked of each sink so far.
    asked: RefCell<Asked>,
    /// How many effects there were: commits, appends, visible changes, deaths and births.
    effects: Cell<u64>,
    /// Set when a process begins a round: the only moment at which a world may have come to rest.
    round_began: Cell<bool>,
    /// Requests that go on without their callers.
    detached: Cell<u32>,
    ending: Cell<bool>,
    /// What is kept of the past, where somebody asks for fingerprints.
    prints: Rc<prints::Prints>,
    /// While the world settles: what each sink last showed of each key, as digests. A loader that clears and loads the same rows for ever is at rest all the same.
    settled_views: RefCell<Option<Lookup<(usize, u64), u64>>>,
}

/// Who is told what happens: somebody, and the trace hash.
#[derive(Default)]
struct Telling {
    trace: TraceHash,
    observer: Option<Rc<RefCell<dyn Observer>>>,
}

/// The keeper of a store that does something by itself: a task, and the moment for which it is set.
struct StoreWake {
    is_kept: Cell<bool>,
    next: Cell<Time>,
    signal: Signal,
}

impl Default for StoreWake {
    fn default() -> Self {
        Self { is_kept: Cell::new(false), next: Cell::new(Time::NEVER), signal: Signal::default() }
    }
}

impl StoreWake {
    fn reset(&self) {
        self.is_kept.set(false);
        self.next.set(Time::NEVER);
        self.signal.reset();
    }
}

impl World {
    /// A world without processes; see [`World::add_process`].
    ///
    /// # Errors
    /// A setting of a sink that cannot be honoured.
    pub fn new(config: WorldConfig) -> Result<Rc<Self>, Contradiction> {
        let executor = Rc::new(Executor::default());
        let names = node_names(&config);
        let ids = |i: usize| ProcessId(i as u16);
        let stream =
            NodeConfig { latency: Latency::ZERO, per_row: Span::ZERO, servers: u32::MAX, ..config.source };
        let fixed = [config.source, config.log, config.checkpoint, stream];
        let configs = fixed.into_iter().chain(config.sinks.iter().map(|sink| sink.node));
        // Not the nodes' names alone: the stream has that of the source, and luck of its own.
        let entities = (0..)
            .zip(&names)
            .map(|(i, name)| Entity::named(if i == NodeId::STREAM.0 { "the source's stream" } else { name }));
        let nodes = configs.zip(entities).zip(timing::of_nodes(&config)).enumerate();
        let nodes = nodes
            .map(|(i, ((node, entity), times))| Rc::new(Node::new(&executor, ids(i), entity, node, times)));
        let nodes = nodes.collect();
        let stores: Vec<_> = config
            .sinks
            .iter()
            .map(|sink| (sink.entry.build)(&sink.settings, 0).map(RefCell::new))
            .collect::<Result<_, _>>()?;
        let named: Vec<(ProcessId, &str)> =
            names.iter().enumerate().map(|(i, name)| (ids(i), name.as_str())).collect();
        let database = Database::new(DatabaseConfig {
            isolation: config.isolation,
            triggers: config.demands.triggers,
            retain_bytes: config.retain_bytes,
            telling: config.telling,
            neighbours_bytes_per_s: config.neighbours_bytes_per_s,
        });
        let load = database::initial_rows(config.load.clone());
        Ok(Rc::new(Self {
            faults: RefCell::new(Faults::new(&config.faults, &named)),
            active_faults: Cell::new(0),
            executor,
            draws: Cell::new(Draws::new(0)),
            schedule: RefCell::default(),
            follows_the_scenario: Cell::new(true),
            follower: RefCell::default(),
            is_followed: Cell::new(false),
            followed: Cell::new(0),
            stall_is_due: Cell::new(false),
            nodes,
            database: RefCell::new(database),
            database_skew_nanos: Cell::new(0),
            upheavals: Cell::new(0),
            log_written: Signal::default(),
            captured: Cell::default(),
            locks_granted: Signal::default(),
            granted: RefCell::default(),
            log: RefCell::new(PartitionedLog::new(config.demands.partitions)),
            log_grew: Signal::default(),
            store_wakes: stores.iter().map(|_| StoreWake::default()).collect(),
            loaded: stores.iter().map(|_| Cell::new(false)).collect(),
            wiped: stores.iter().map(|_| Cell::new(false)).collect(),
            stores,
            visible: RefCell::default(),
            checkpoints: RefCell::default(),
            processes: RefCell::default(),
            load,
            filled: Cell::new(false),
            telling: RefCell::default(),
            asked: RefCell::new(Asked::of(config.sinks.len())),
            effects: Cell::new(0),
            round_began: Cell::new(false),
            detached: Cell::new(0),
            ending: Cell::new(false),
            prints: Rc::default(),
            settled_views: RefCell::default(),
            config,
        }))
    }

    /// Who takes part, for observers. Complete once all processes are added.
    #[must_use]
    pub fn cast(&self) -> Cast {
        let mut processes = node_names(&self.config);
        processes.extend(self.processes.borrow().iter().map(|process| process.name.clone()));
        let sinks = self.config.sinks.iter().zip(&self.stores).map(|(sink, store)| SinkCast {
            name: sink.name.clone(),
            kind: sink.entry.kind,
            form: store.borrow().form(),
            served: sink.served,
            preloaded: sink.is_preloaded(self.config.demands),
            joins: sink.joins,
        });
        Cast {
            strategy: self.config.strategy.clone(),
            schema: self.config.schema.clone(),
            processes,
            sinks: sinks.collect(),
            partitions: self.config.demands.partitions.max(1),
            load: self.load.clone(),
        }
    }

    /// Tells the observer that something happened.
    pub fn emit(&self, event: Event) {
        if self.ending.get() {
            return;
        }
        let now = self.executor.now();
        let telling = &mut *self.telling.borrow_mut();
        telling.trace.observe(now, &event);
        if let Some(observer) = &telling.observer {
            observer.borrow_mut().keep(now, event);
        }
    }

    fn node(&self, id: NodeId) -> &Rc<Node> {
        &self.nodes[id.0]
    }

    fn ports(&self, caller: &Rc<Caller>) -> Ports {
        let served = self.config.sinks.iter().enumerate().filter(|(_, sink)| sink.served);
        let sinks = served.map(|(number, sink)| Sink {
            id: SinkId(number as u8),
            name: sink.name.clone(),
            kind: sink.entry.kind,
            joins: sink.joins,
            store: Rc::new(StorePort { caller: Rc::clone(caller), sink: number }),
        });
        Ports {
            sinks: sinks.collect(),
            source: Rc::new(SourcePort { caller: Rc::clone(caller) }),
            log: Rc::new(LogPort { caller: Rc::clone(caller), partitions: self.config.demands.partitions }),
            checkpoint: Rc::new(CheckpointPort { caller: Rc::clone(caller) }),
            runtime: Rc::clone(caller) as Rc<dyn driftlab_model::port::Runtime>,
            schema: self.config.schema.clone(),
        }
    }

    /// Notes that something took effect, so nobody has been idle until now.
    fn effect(&self) {
        self.effects.set(self.effects.get() + 1);
    }

    fn committed(self: &Rc<Self>, by: ProcessId, commit: &Arc<Commit>) {
        self.effect();
        self.streams(commit);
        self.emit(Event::Committed { by, commit: Arc::clone(commit) });
        self.log_grows(commit.lsn);
        self.grant_locks();
    }

    /// Wakes the sessions that came to hold the lock they waited for.
    fn grant_locks(&self) {
        let mut granted = self.granted.borrow_mut();
        self.database.borrow_mut().take_granted(&mut granted);
        if !granted.is_empty() {
            self.locks_granted.raise(&self.executor);
        }
    }

    /// Whether a session has come to hold the lock it waited for; told once.
    fn was_granted_a_lock(&self, session: SessionId) -> bool {
        let mut granted = self.granted.borrow_mut();
        let at = granted.iter().position(|other| *other == session);
        at.map(|at| granted.swap_remove(at)).is_some()
    }

    /// Starts what goes on without a process: it cannot crash, and the world is not at rest before it has ended.
    fn spawn_detached(self: &Rc<Self>, caller: &Caller, work: impl Future<Output = ()> + 'static) {
        let world = Rc::clone(self);
        self.detached.set(self.detached.get() + 1);
        self.executor.spawn(caller.entity.digest(), async move {
            work.await;
            world.detached.set(world.detached.get() - 1);
            world.effect();
        });
    }

    fn is_ending(&self) -> bool {
        self.ending.get()
    }
}

/// The names of the nodes, in their order; the stream is the source by another door.
fn node_names(config: &WorldConfig) -> Vec<String> {
    let fixed = ["source", "log", "checkpoint", "source"].map(str::to_owned);
    fixed.into_iter().chain(config.sinks.iter().map(|sink| sink.name.clone())).collect()
}
