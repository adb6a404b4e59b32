//! The source: a real SQLite database with a write-ahead log.
//!
//! Everything here blocks and runs on threads of its own; how processes reach it is the world's business.
//!
//! - `layout`: the schema's tables in SQL; `events`: the outbox and change table with its triggers; `label`: what a transaction writes into the log
//!   to say who it is.
//! - `writer`: transactions, the removal of events, watermarks; `journal`: the order in which they commit, and how much log they write.
//! - `reader`: reads and polls; `view`: snapshots.
//! - `stream`: commits as replication slots give them; `capture`: how they come out of the write-ahead log.

mod capture;
mod connection;
mod costs;
mod draft;
mod error;
mod events;
mod journal;
mod label;
mod layout;
mod reader;
mod stop;
mod stream;
mod values;
mod view;
mod writer;

pub use error::SourceError;
pub(crate) use reader::Reader;
pub(crate) use view::View;
pub(crate) use writer::{Close, Order, Writer};

use crate::recorder::Recorder;
use crate::store::Durability;
use capture::Capturing;
use costs::Costs;
use driftlab_model::{Key, Lsn, Outcome, Refusal, Row, Schema, Span, Value, Version};
use events::EventTable;
use journal::{Journal, Standing};
use layout::Layout;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use stream::Stream;

/// When a transaction takes the write lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// At its begin (`BEGIN IMMEDIATE`): transactions run one after the other, and wait for each other.
    Immediate,
    /// At its first write (`BEGIN DEFERRED`), which is refused where somebody has committed since its first read: first committer wins, over the whole
    /// database. As close as SQLite comes to snapshot isolation.
    Deferred,
}

/// How a source is set up.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseConfig {
    pub(crate) schema: Schema,
    pub(crate) load: Vec<(Key, Arc<[Value]>)>,
    pub(crate) begin: Begin,
    /// Triggers on every table write each row change into the event table.
    pub(crate) triggers: bool,
    /// The most bytes of log that a slot may hold back.
    pub(crate) retain_bytes: Option<u64>,
    /// How long anybody waits for the write lock.
    pub(crate) patience: Span,
    /// What a commit survives.
    pub(crate) durability: Durability,
}

/// What all connections to a source share.
pub(crate) struct Database {
    path: PathBuf,
    layout: Layout,
    events: EventTable,
    begin: Begin,
    triggers: bool,
    patience: Span,
    durability: Durability,
    recorder: Arc<Recorder>,
    journal: Journal,
    versions: AtomicU64,
    /// By how much the database's own clock is wrong.
    skew_nanos: AtomicI64,
    pub(crate) stream: Arc<Stream>,
    capture: Mutex<Option<Capturing>>,
    /// Whether transactions say in the log who they are.
    labels: AtomicBool,
    pub(crate) costs: Costs,
    failure: Mutex<Option<SourceError>>,
    /// Connections for snapshots, which come and go.
    spare: Mutex<Vec<Connection>>,
}

impl Database {
    /// Makes a database in a folder and fills it with the initial load.
    pub(crate) fn create(
        folder: &Path,
        config: &DatabaseConfig,
        load: &[(Key, Row)],
        recorder: Arc<Recorder>,
    ) -> Result<Arc<Self>, SourceError> {
        let path = folder.join("source.sqlite");
        let layout = Layout::new(&config.schema, &config.load);
        let events = EventTable::new(&layout);
        let made = connection::open(&path, config.patience, config.durability).and_then(|mut connection| {
            let transaction = connection.transaction()?;
            layout.create(&transaction, load)?;
            events.create(&transaction)?;
            label::create(&transaction)?;
            if config.triggers {
                events.create_triggers(&transaction)?;
            }
            transaction.commit()?;
            // What readers and copies begin with is the database file, not a log full of the load.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
            Ok(connection)
        });
        let connection =
            made.map_err(|cause| SourceError::new("be made and filled with its first rows", cause))?;
        let journal = Journal::new(&path)
            .map_err(|cause| SourceError::new("open the index of its write-ahead log", cause))?;
        Ok(Arc::new(Self {
            path,
            layout,
            events,
            begin: config.begin,
            triggers: config.triggers,
            patience: config.patience,
            durability: config.durability,
            recorder,
            journal,
            versions: AtomicU64::new(0),
            skew_nanos: AtomicI64::new(0),
            stream: Arc::new(Stream::new(config.retain_bytes)),
            capture: Mutex::default(),
            labels: AtomicBool::new(false),
            costs: Costs::default(),
            failure: Mutex::default(),
            spare: Mutex::new(vec![connection]),
        }))
    }

    /// Sets the database's own clock wrong by so many nanoseconds.
    pub(crate) fn set_skew(&self, nanos: i64) {
        self.skew_nanos.store(nanos, Ordering::Relaxed);
    }

    /// By how much the database's own clock is wrong.
    pub(crate) fn skew_nanos(&self) -> i64 {
        self.skew_nanos.load(Ordering::Relaxed)
    }

    /// What made it fail, if anything has; told once.
    pub(crate) fn take_failure(&self) -> Option<SourceError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Bytes written to the write-ahead log since the run began.
    pub(crate) fn log_bytes(&self) -> u64 {
        self.journal.lock().log_bytes()
    }

    /// Whether all that was committed has been read out of the log, where somebody reads it.
    pub(crate) fn is_captured(&self) -> bool {
        !self.is_labelled() || self.stream.has_reached(self.journal.lock().lsn)
    }

    /// Creates a replication slot at the current end of the log, or finds it where it exists.
    pub(crate) fn create_slot(self: &Arc<Self>, name: &str) -> Outcome<Lsn> {
        let mut capture = self.capture.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody commits meanwhile: the reader of the log begins exactly here, and so does the slot.
        let mut standing = self.journal.lock();
        if capture.is_none() {
            match Capturing::start(self) {
                Ok(started) => *capture = Some(started),
                Err(error) => {
                    self.fail(error);
                    return Err(Refusal::Unavailable.into());
                }
            }
            self.labels.store(true, Ordering::Release);
        }
        let bytes = standing.log_bytes();
        Ok(self.stream.create(name, standing.lsn, bytes))
    }

    /// Ends the reading of the log.
    pub(crate) fn close(&self) {
        let capture = self.capture.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(capture);
    }

    /// Whether transactions say in the log who they are: only where somebody reads it.
    pub(crate) fn is_labelled(&self) -> bool {
        self.labels.load(Ordering::Acquire)
    }

    /// Notes what a commit has written, while nobody else can commit.
    fn account(&self, standing: &mut Standing, is_captured: bool) {
        let bytes = standing.log_bytes();
        if is_captured {
            self.stream.written(standing.lsn, bytes);
        }
    }

    /// A connection on which no trigger fires.
    fn connect_without_triggers(&self) -> rusqlite::Result<Connection> {
        let connection = connection::open(&self.path, self.patience, self.durability)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        Ok(connection)
    }

    fn connect(&self) -> Result<Connection, SourceError> {
        connection::open(&self.path, self.patience, self.durability)
            .map_err(|cause| SourceError::new("be connected to", cause))
    }

    fn fail(&self, error: SourceError) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    fn next_version(&self) -> Version {
        Version(self.versions.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
