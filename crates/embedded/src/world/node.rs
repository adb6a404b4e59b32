//! What serves requests: the source, the log, the checkpoint store, the sinks.

use super::config::WorldConfig;
use driftlab_model::{ProcessId, Span};

/// Which node: the order is that of the cast, as in the virtual world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(usize);

impl NodeId {
    pub(super) const SOURCE: Self = Self(0);
    pub(super) const LOG: Self = Self(1);
    pub(super) const CHECKPOINT: Self = Self(2);
    /// The source's log, read as a stream: the source by another door.
    pub(super) const STREAM: Self = Self(3);

    pub(super) const fn sink(sink: usize) -> Self {
        Self(4 + sink)
    }

    pub(super) const fn process(self) -> ProcessId {
        ProcessId(self.0 as u16)
    }
}

impl WorldConfig {
    /// The names of the nodes, in their order.
    pub(super) fn node_names(&self) -> Vec<String> {
        let fixed = ["source", "log", "checkpoint", "source"].map(str::to_owned);
        fixed.into_iter().chain(self.sinks.iter().map(|sink| sink.name.clone())).collect()
    }

    /// What the nodes are, in their order: a sink by its kind.
    pub(super) fn node_kinds(&self) -> Vec<&'static str> {
        let fixed = ["source", "log", "checkpoint", "source"];
        fixed.into_iter().chain(self.sinks.iter().map(|sink| sink.entry.name)).collect()
    }

    /// How long a caller of a node waits for a reply.
    pub(super) fn timeout(&self, node: NodeId) -> Span {
        match node {
            NodeId::SOURCE | NodeId::STREAM => self.source.timeout,
            NodeId::LOG => self.log.timeout,
            NodeId::CHECKPOINT => self.checkpoint.timeout,
            NodeId(sink) => self.sinks[sink - 4].timeout,
        }
    }
}
