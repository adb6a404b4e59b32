//! What runs while a world runs: stores with their threads, the clock, the recorder. Each run begins with new ones.

use super::checkpoint::CheckpointFolder;
use super::config::WorldConfig;
use super::error::WorldError;
use super::keeper::{Keeper, KeeperView};
use super::log::{LogServer, LogView};
use super::measurements::{Measurements, Parts};
use super::node::NodeId;
use crate::alarm::Alarm;
use crate::clock::Clock;
use crate::folder::RunFolder;
use crate::pool::Pool;
use crate::recorder::Recorder;
use crate::source::{Database, DatabaseConfig, Reader, Writer};
use crate::stopwatch::Served;
use driftlab_model::{Key, Ledger, RequestKind, Row, SinkId, Span, Time};
use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A world that runs. Fields are dropped in their order: threads before the folder in which they work.
pub(super) struct Live {
    pub(super) clock: Clock,
    pub(super) recorder: Arc<Recorder>,
    pub(super) alarm: Alarm,
    pub(super) writers: Pool<Writer>,
    pub(super) readers: Pool<Reader>,
    pub(super) database: Arc<Database>,
    pub(super) log: LogView,
    pub(super) checkpoint: Pool<CheckpointFolder>,
    pub(super) sinks: Vec<KeeperView>,
    pub(super) ledger: RefCell<Ledger>,
    measurements: RefCell<Measurements>,
    node_kinds: Vec<&'static str>,
    /// When somebody last heard from each node.
    heard: RefCell<Vec<Option<Instant>>>,
    checkpoint_failure: Arc<Mutex<Option<std::io::Error>>>,
    under_way: Arc<AtomicU64>,
    /// Set when the load has ended: from then on what a sink shows again, as it was shown before, is no effect.
    settling: Arc<AtomicBool>,
    _folder: RunFolder,
}

/// Kept while something is under way that may still take effect.
pub(super) struct UnderWay(Arc<AtomicU64>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Connections that read; a request of theirs takes some microseconds.
const READERS: u32 = 2;

impl Live {
    /// Makes everything, in a folder of its own, and fills it with the initial load.
    pub(super) fn prepare(config: &WorldConfig, load: &[(Key, Row)]) -> Result<Self, WorldError> {
        let system = |attempt| move |error| WorldError::System { attempt, error };
        let folder = RunFolder::make().map_err(system("make a folder for the run"))?;
        let clock = Clock::default();
        let recorder = Arc::new(Recorder::new(clock.clone()));
        let database = Database::create(
            folder.path(),
            &DatabaseConfig {
                schema: config.schema.clone(),
                load: config.load.clone(),
                begin: config.begin,
                triggers: config.demands.triggers,
                retain_bytes: config.retain_bytes,
                patience: config.source.timeout,
                durability: config.durability,
            },
            load,
            Arc::clone(&recorder),
        )?;
        let writers = (0..config.source.threads()).map(|_| Writer::new(&database, &clock));
        let readers = (0..READERS).map(|_| Reader::new(&database));
        let settling = Arc::new(AtomicBool::new(false));
        let mut sinks = Vec::new();
        for number in 0..config.sinks.len() {
            let keeper = Keeper::open(config, number, folder.path(), load, &recorder, &settling)?;
            sinks.push(keeper.start());
        }
        let log = LogServer::open(config, folder.path(), &recorder)?;
        let checkpoints = folder.path().join("checkpoints");
        std::fs::create_dir(&checkpoints).map_err(system("make a folder for checkpoints"))?;
        let checkpoint_failure = Arc::default();
        let checkpoint = CheckpointFolder::new(&checkpoints, config.durability, &checkpoint_failure);
        let none = || std::iter::repeat_n(0, sinks.len()).collect();
        let ledger = Ledger {
            sink_requests: none(),
            sink_operations: none(),
            sink_bytes: none(),
            ..Ledger::default()
        };
        let live = Self {
            writers: Pool::new("source writer", writers.collect::<Result<_, _>>()?),
            readers: Pool::new("source reader", readers.collect::<Result<_, _>>()?),
            alarm: Alarm::new(&clock),
            checkpoint: Pool::new("checkpoint", vec![checkpoint]),
            ledger: RefCell::new(ledger),
            measurements: RefCell::default(),
            node_kinds: config.node_kinds(),
            heard: RefCell::new(vec![None; config.node_kinds().len()]),
            checkpoint_failure,
            under_way: Arc::default(),
            clock,
            recorder,
            database,
            log,
            sinks,
            settling,
            _folder: folder,
        };
        if let Some(slot) = config.demands.slot {
            // Where it could not be made, the failure is noted and ends the run.
            let _ = live.database.create_slot(slot);
        }
        Ok(live)
    }

    /// Something is under way until what is given back is dropped.
    pub(super) fn under_way(&self) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        UnderWay(Arc::clone(&self.under_way))
    }

    /// Whether nothing is under way, and no store has anything left to show.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) == 0
            && self.sinks.iter().all(|sink| !sink.has_work())
            && self.database.is_captured()
    }

    pub(super) fn settle(&self) {
        self.settling.store(true, Ordering::SeqCst);
    }

    /// Counts a request.
    pub(super) fn count(&self, node: NodeId) {
        if node == NodeId::SOURCE {
            self.ledger.borrow_mut().source_requests += 1;
        }
    }

    /// Notes how long a request took, of which this was the moment of its effect.
    pub(super) fn measure(
        &self,
        node: NodeId,
        kind: RequestKind,
        rows: usize,
        sent: Instant,
        served: Served,
        effect: Instant,
    ) {
        let span = |from: Instant, to: Instant| {
            Span::from_nanos((to.saturating_duration_since(from)).as_nanos() as u64)
        };
        let heard = Instant::now();
        let number = usize::from(node.process().0);
        let before = self.heard.borrow_mut()[number].replace(heard);
        let parts = Parts {
            rows: rows as u64,
            // From who was never heard of before, the run has just begun.
            idle: before.map_or(Span::ZERO, |before| span(before, sent)),
            out: (served.idle_since <= sent).then(|| span(sent, served.begun)),
            service: span(served.begun, effect),
            back: span(effect, heard),
            whole: span(sent, heard),
        };
        self.measurements.borrow_mut().request(self.node_kinds[number], kind, parts);
    }

    /// Notes when a process that waited for a log or a stream learns of what has been there since a moment.
    pub(super) fn noticed(&self, since: Time) {
        self.measurements.borrow_mut().notices.offer(self.clock.now() - since);
    }

    /// Notes when a sleeper woke that wanted to at a moment.
    pub(super) fn woke(&self, wanted: Time) {
        self.measurements.borrow_mut().sleeps.offer(self.clock.now() - wanted);
    }

    /// How long everything took; told once.
    pub(super) fn take_measurements(&self, config: &WorldConfig) -> Measurements {
        let mut measured = self.measurements.take();
        measured.captures.extend(self.database.stream.take_captures());
        for (keeper, sink) in self.sinks.iter().zip(&config.sinks) {
            for parts in keeper.take_refreshes() {
                measured.request(sink.entry.name, RequestKind::Refresh, parts);
            }
        }
        measured
    }

    /// What failed, if anything has.
    pub(super) fn take_failure(&self, config: &WorldConfig) -> Option<WorldError> {
        if let Some(error) = self.database.take_failure() {
            return Some(error.into());
        }
        if let Some(error) = self.log.take_failure() {
            return Some(WorldError::Log(error));
        }
        let checkpoint = self.checkpoint_failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(error) = checkpoint {
            return Some(WorldError::System { attempt: "keep a checkpoint", error });
        }
        self.sinks.iter().zip(&config.sinks).find_map(|(keeper, sink)| {
            let error = keeper.take_failure()?;
            Some(WorldError::Store { sink: sink.name.clone(), error })
        })
    }

    /// What everything cost until now.
    pub(super) fn ledger(&self) -> Ledger {
        let costs = &self.database.costs;
        Ledger {
            source_rows_read: costs.rows_read(),
            source_rows_written: costs.rows_written(),
            source_extra_rows: costs.extra_rows_written(),
            log_bytes_written: self.database.log_bytes(),
            log_bytes_retained_max: self.database.stream.retained_max(),
            events_moved: self.log.events(),
            bytes_moved: self.log.bytes(),
            ..self.ledger.borrow().clone()
        }
    }
}

/// The folder of a sink.
pub(super) fn sink_folder(folder: &Path, sink: SinkId) -> std::path::PathBuf {
    folder.join(format!("sink-{}", sink.0))
}
