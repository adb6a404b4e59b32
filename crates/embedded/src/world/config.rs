//! What a world is made of.

use crate::source::Begin;
use crate::store::{BackendEntry, Durability};
use driftlab_fault::Fault;
use driftlab_model::port::Demands;
use driftlab_model::{Compaction, Key, Schema, Settings, Span, Time, Value};
use std::sync::Arc;

/// Everything that a world needs to know before it begins.
#[derive(Clone)]
pub struct WorldConfig {
    /// The strategy's name in the scenario.
    pub strategy: String,
    /// What the strategy needs.
    pub demands: Demands,
    /// The source's tables.
    pub schema: Schema,
    /// The rows that are there before anybody writes.
    pub load: Vec<(Key, Arc<[Value]>)>,
    /// How the source serves: its servers are connections that write.
    pub source: NodeConfig,
    /// When transactions take the source's write lock.
    pub begin: Begin,
    /// Whose clock stamps `updated_at`.
    pub stamps: Stamps,
    /// The most bytes of log that a slot may hold back before it is invalidated.
    pub retain_bytes: Option<u64>,
    /// How the log between capture and sinks serves.
    pub log: NodeConfig,
    /// How that log is compacted; `None` for not at all.
    pub log_compaction: Option<Compaction>,
    /// How the checkpoint store serves.
    pub checkpoint: NodeConfig,
    /// The sinks.
    pub sinks: Vec<SinkConfig>,
    /// The faults.
    pub faults: Vec<Fault>,
    /// What a promise to keep something is worth, everywhere.
    pub durability: Durability,
    /// How long clients write.
    pub duration: Span,
    /// How long the run waits for quiescence after that, at most.
    pub settle: Span,
}

/// How a node serves.
#[derive(Clone, Copy, Debug)]
pub struct NodeConfig {
    /// How many requests are served at once; each takes a thread.
    pub servers: u32,
    /// How long a caller waits for a reply.
    pub timeout: Span,
}

/// A sink. It has one thread, because what it shows must be told in the order in which it came to be shown.
#[derive(Clone)]
pub struct SinkConfig {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind.
    pub entry: &'static BackendEntry,
    /// Its settings, those that the virtual store of the same name declares.
    pub settings: Settings,
    /// How long a caller waits for a reply.
    pub timeout: Span,
    /// Whether the strategy serves it.
    pub served: bool,
    /// When it joins the run, empty; `None` for one that is there from the beginning.
    pub joins: Option<Time>,
}

impl SinkConfig {
    /// Whether it starts as a copy of the initial load.
    pub(super) fn is_preloaded(&self, demands: Demands) -> bool {
        !demands.bootstraps && self.joins.is_none()
    }
}

/// Whose clock stamps `updated_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamps {
    /// The database's, when the statement runs.
    Database,
    /// That of the client's host, when the statement runs.
    Application,
}

/// The most threads that a node gets. More than this many requests at once would only wait for the same two files.
const THREADS_MAX: u32 = 16;

impl NodeConfig {
    /// How many threads serve it.
    pub(super) fn threads(self) -> u32 {
        self.servers.clamp(1, THREADS_MAX)
    }
}
