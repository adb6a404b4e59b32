//! What serves requests: the source, the log, the checkpoint store, the sinks.

use crate::executor::{Executor, Servers};
use driftlab_model::draws::Entity;
use driftlab_model::{Latency, NodeTimes, ProcessId, Span, Time};
use std::cell::Cell;
use std::rc::Rc;

/// How a node serves.
#[derive(Clone, Copy, Debug)]
pub struct NodeConfig {
    /// From the moment a server takes a request up to its effect.
    pub latency: Latency,
    /// What each further row of a request adds to it.
    pub per_row: Span,
    /// One way over the network.
    pub network: Latency,
    /// How many requests are served at once.
    pub servers: u32,
    /// How long a caller waits for a reply.
    pub timeout: Span,
}

/// Which node: the order is that of [`super::World`]'s nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(pub(super) usize);

impl NodeId {
    pub(super) const SOURCE: Self = Self(0);
    pub(super) const LOG: Self = Self(1);
    pub(super) const CHECKPOINT: Self = Self(2);
    pub(super) const STREAM: Self = Self(3);

    pub(super) const fn sink(sink: usize) -> Self {
        Self(4 + sink)
    }
}

/// A node.
pub(super) struct Node {
    pub(super) process: ProcessId,
    /// Its name's digest, for the draws that decide the fate of requests to it.
    pub(super) entity: Entity,
    pub(super) config: NodeConfig,
    pub(super) servers: Rc<Servers>,
    /// How many requests and transactions it took on in this run.
    pub(super) served: Cell<u64>,
    /// What its requests take, where that was measured.
    pub(super) times: Option<NodeTimes>,
    /// When somebody last heard from it.
    pub(super) heard: Cell<Time>,
}

impl Node {
    pub(super) fn new(
        executor: &Rc<Executor>,
        process: ProcessId,
        entity: Entity,
        config: NodeConfig,
        times: Option<NodeTimes>,
    ) -> Self {
        let servers = Rc::new(Servers::new(Rc::clone(executor), config.servers));
        Self { process, entity, config, servers, served: Cell::new(0), times, heard: Cell::default() }
    }
}
