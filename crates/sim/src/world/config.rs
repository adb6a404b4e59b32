//! What a world is made of.

use super::node::NodeConfig;
use crate::store::StoreEntry;
use driftlab_fault::Fault;
use driftlab_model::port::Demands;
use driftlab_model::{
    Compaction, Key, Retention, Schema, Settings, Span, TableId, Telling, Time, Times, Value,
};
use std::sync::Arc;

/// Everything that a world needs to know before it begins.
#[derive(Clone)]
pub struct WorldConfig {
    /// The strategy's name in the scenario.
    pub strategy: String,
    /// What the strategy needs.
    pub demands: Demands,
    /// The tables that the source keeps where it loses its state; `None` where the strategy could not restore the others, and then none is lost.
    pub restores: Option<Vec<TableId>>,
    /// The source's tables.
    pub schema: Schema,
    /// The rows that are there before anybody writes.
    pub load: Vec<(Key, Arc<[Value]>)>,
    /// How the source serves.
    pub source: NodeConfig,
    /// The source's isolation level.
    pub isolation: crate::database::Isolation,
    /// Whose clock stamps `updated_at`.
    pub stamps: Stamps,
    /// The most bytes of log that a slot may hold back before it is invalidated.
    pub retain_bytes: Option<u64>,
    /// What the source's log leaves out.
    pub telling: Telling,
    /// Bytes of log that other databases on the same server write each second.
    pub neighbours_bytes_per_s: u64,
    /// How the log between capture and sinks serves.
    pub log: NodeConfig,
    /// What that log keeps.
    pub log_retention: Retention,
    /// How it is compacted; `None` for not at all.
    pub log_compaction: Option<Compaction>,
    /// How the checkpoint store serves.
    pub checkpoint: NodeConfig,
    /// The sinks.
    pub sinks: Vec<SinkConfig>,
    /// The faults.
    pub faults: Vec<Fault>,
    /// What everything takes on some machine, where that was measured: it comes before what nodes declare.
    pub times: Option<Arc<Times>>,
    /// How long clients write.
    pub duration: Span,
    /// How long the run waits for quiescence after that, at most.
    pub settle: Span,
}

/// A sink.
#[derive(Clone)]
pub struct SinkConfig {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind.
    pub entry: &'static StoreEntry,
    /// Its settings.
    pub settings: Settings,
    /// How it serves.
    pub node: NodeConfig,
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
