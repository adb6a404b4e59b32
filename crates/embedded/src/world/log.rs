//! The log between capture and sinks: its threads, and how processes reach it.

use super::caller::Caller;
use super::config::WorldConfig;
use super::error::WorldError;
use super::exchange::{Effect, Sender, exchange};
use super::live::Live;
use super::node::NodeId;
use crate::log::{LogError, LogOptions, SegmentLog, SyncPolicy};
use crate::pool::{Pool, Server};
use crate::recorder::Recorder;
use crate::store::Durability;
use driftlab_model::port::{Fetched, Log};
use driftlab_model::{
    Call, ChangeEvent, Compaction, Failure, Offset, Outcome, Refusal, RequestKind, Span, Time,
};
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// The log, as one of its threads sees it.
pub(super) struct LogServer {
    shared: Arc<Shared>,
    recorder: Arc<Recorder>,
}

/// The log, as the world sees it; without partitions there is none.
pub(super) struct LogView {
    pool: Pool<LogServer>,
    shared: Option<Arc<Shared>>,
}

struct Shared {
    files: SegmentLog,
    /// Changes with every append.
    grown: watch::Sender<u64>,
    /// When it last did, in nanoseconds.
    grown_at: AtomicU64,
    events: AtomicU64,
    bytes: AtomicU64,
    compaction: Option<Compaction>,
    /// How many periods had passed when it was last compacted.
    compacted: AtomicU64,
    failure: Mutex<Option<LogError>>,
}

impl Server for LogServer {}

impl LogServer {
    /// Opens the log that a strategy demands.
    pub(super) fn open(
        config: &WorldConfig,
        folder: &Path,
        recorder: &Arc<Recorder>,
    ) -> Result<LogView, WorldError> {
        if config.demands.partitions == 0 {
            return Ok(LogView { pool: Pool::new("log", Vec::new()), shared: None });
        }
        let options = LogOptions {
            partitions: config.demands.partitions,
            sync: match config.durability {
                Durability::Power => SyncPolicy::EachAppend,
                Durability::Process => SyncPolicy::Never,
            },
            ..LogOptions::default()
        };
        let files = SegmentLog::open(&folder.join("log"), &options).map_err(WorldError::Log)?;
        let shared = Arc::new(Shared {
            files,
            grown: watch::Sender::new(0),
            grown_at: AtomicU64::new(0),
            events: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            compaction: config.log_compaction,
            compacted: AtomicU64::new(0),
            failure: Mutex::default(),
        });
        let server = || Self { shared: Arc::clone(&shared), recorder: Arc::clone(recorder) };
        let threads = config.log.threads().min(config.demands.partitions + 1);
        let pool = Pool::new("log", (0..threads).map(|_| server()).collect());
        Ok(LogView { pool, shared: Some(shared) })
    }

    fn append(&self, partition: u32, events: &[ChangeEvent]) -> Outcome<Offset> {
        let now = self.recorder.clock().now();
        let offset =
            self.shared.files.append(now, partition, events).map_err(|error| self.shared.failure(error))?;
        let size: usize = events.iter().map(ChangeEvent::size).sum();
        self.shared.events.fetch_add(events.len() as u64, Ordering::Relaxed);
        self.shared.bytes.fetch_add(size as u64, Ordering::Relaxed);
        self.recorder.effect();
        self.shared.grown_at.store(self.recorder.clock().now().nanos(), Ordering::Relaxed);
        self.shared.grown.send_modify(|times| *times += 1);
        self.compact_if_due();
        Ok(offset)
    }

    fn read(&self, partition: u32, from: Offset, limit: usize) -> Outcome<Fetched> {
        self.compact_if_due();
        let read = self.shared.files.read(partition, from, limit, Duration::ZERO);
        read.map_err(|error| self.shared.failure(error))
    }
}

impl LogServer {
    /// Closes the segments and compacts them, once for all periods that have passed since the last time.
    fn compact_if_due(&self) {
        let Some(compaction) = self.shared.compaction else { return };
        let now = self.recorder.clock().now();
        let periods = now.nanos() / compaction.every.nanos().max(1);
        // Whoever raises the count does the work.
        if self.shared.compacted.fetch_max(periods, Ordering::Relaxed) < periods {
            let files = &self.shared.files;
            let done = files.close_segments().and_then(|()| files.compact(now, compaction));
            if let Err(error) = done {
                let _ = self.shared.failure(error);
            }
        }
    }
}

impl Shared {
    /// What the caller is told; where the log failed, the run learns of it too.
    fn failure(&self, error: LogError) -> Failure {
        error.as_failure().unwrap_or_else(|| {
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            Refusal::Unavailable.into()
        })
    }
}

impl LogView {
    pub(super) fn events(&self) -> u64 {
        self.shared.as_ref().map_or(0, |shared| shared.events.load(Ordering::Relaxed))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.shared.as_ref().map_or(0, |shared| shared.bytes.load(Ordering::Relaxed))
    }

    pub(super) fn take_failure(&self) -> Option<LogError> {
        let shared = self.shared.as_ref()?;
        shared.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The log, seen by one process.
pub(super) struct LogPort {
    pub(super) caller: Rc<Caller>,
    pub(super) partitions: u32,
}

impl Log for LogPort {
    fn partitions(&self) -> u32 {
        self.partitions.max(1)
    }

    fn append(&self, partition: u32, events: Vec<ChangeEvent>) -> Call<'_, Outcome<Offset>> {
        if partition >= self.partitions {
            return Box::pin(std::future::ready(Err(Refusal::Unsupported.into())));
        }
        Box::pin(exchange(Rc::clone(&self.caller), NodeId::LOG, Append { partition, events }))
    }

    fn read(&self, partition: u32, from: Offset, limit: usize, wait: Span) -> Call<'_, Outcome<Fetched>> {
        if partition >= self.partitions {
            return Box::pin(std::future::ready(Err(Refusal::Unsupported.into())));
        }
        Box::pin(async move {
            let live = self.caller.live();
            let Some(shared) = &live.log.shared else { return Err(Refusal::Unsupported.into()) };
            let mut grown = shared.grown.subscribe();
            let is_there = || shared.files.end(partition).is_ok_and(|end| end > from);
            let waits = !is_there();
            let there = grown.wait_for(|_| is_there());
            if tokio::time::timeout(crate::clock::duration(wait), there).await.is_err() {
                return Ok(Fetched::default());
            }
            if waits {
                live.noticed(Time::from_nanos(shared.grown_at.load(Ordering::Relaxed)));
            }
            exchange(Rc::clone(&self.caller), NodeId::LOG, Read { partition, from, limit }).await
        })
    }
}

#[derive(Clone)]
struct Append {
    partition: u32,
    events: Vec<ChangeEvent>,
}

impl Effect for Append {
    type Reply = Offset;

    fn kind(&self) -> RequestKind {
        RequestKind::Append
    }

    fn rows(&self) -> usize {
        self.events.len()
    }

    fn send(self, live: &Live, sender: Sender) -> oneshot::Receiver<Outcome<Offset>> {
        live.log.pool.submit(sender.service, move |log| {
            let outcome = log.append(self.partition, &self.events);
            drop(sender.under_way);
            outcome
        })
    }
}

#[derive(Clone)]
struct Read {
    partition: u32,
    from: Offset,
    limit: usize,
}

impl Effect for Read {
    type Reply = Fetched;

    fn kind(&self) -> RequestKind {
        RequestKind::ReadLog
    }

    fn send(self, live: &Live, sender: Sender) -> oneshot::Receiver<Outcome<Fetched>> {
        live.log.pool.submit(sender.service, move |log| {
            drop(sender.under_way);
            log.read(self.partition, self.from, self.limit)
        })
    }
}
