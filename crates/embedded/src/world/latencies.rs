//! How long the requests to a node take, in short.

use driftlab_model::{Latency, Span};

/// How long the requests to one node took, from the call to the reply, without those that faults struck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLatency {
    /// The node: `source`, `log`, `checkpoint`, or a kind of sink.
    pub node: String,
    /// How many requests were measured.
    pub requests: u64,
    /// Half of them were answered sooner.
    pub median: Span,
    /// One of a hundred took longer.
    pub p99: Span,
}

impl NodeLatency {
    /// The latency that a virtual node would be given in a scenario.
    #[must_use]
    pub fn as_latency(&self) -> Latency {
        if self.median.is_zero() || self.p99 <= self.median {
            return Latency::Constant(self.median);
        }
        Latency::Lognormal { median: self.median, p99: self.p99 }
    }
}
