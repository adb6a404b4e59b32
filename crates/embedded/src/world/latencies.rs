//! How long requests take, as their callers see it: what the virtual world would have to be told to behave like this one.

use super::config::WorldConfig;
use super::node::NodeId;
use driftlab_model::{Latency, Span};
use std::cell::RefCell;

/// How long the requests to one node took, from the call to the reply, without those that faults struck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLatency {
    /// The node: `source`, `log`, `checkpoint`, or a sink's name.
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

/// The latencies of a run.
pub(super) struct Latencies(RefCell<Vec<Samples>>);

/// One of every `stride` requests, so that an hour takes no more memory than a second.
struct Samples {
    seen: u64,
    stride: u64,
    nanos: Vec<u64>,
}

const SAMPLES_MAX: usize = 1 << 16;

impl Latencies {
    pub(super) fn new(config: &WorldConfig) -> Self {
        let none = || Samples { seen: 0, stride: 1, nanos: Vec::new() };
        Self(RefCell::new(config.node_names().iter().map(|_| none()).collect()))
    }

    /// A request to a node was answered after so long a time.
    pub(super) fn record(&self, node: NodeId, took: Span) {
        let samples = &mut self.0.borrow_mut()[usize::from(node.process().0)];
        if samples.seen.is_multiple_of(samples.stride) {
            samples.nanos.push(took.nanos());
            if samples.nanos.len() == SAMPLES_MAX {
                let mut number = 0;
                samples.nanos.retain(|_| {
                    number += 1;
                    number % 2 == 1
                });
                samples.stride *= 2;
            }
        }
        samples.seen += 1;
    }

    /// What was measured, of all nodes that were asked anything.
    pub(super) fn summary(&self, config: &WorldConfig) -> Vec<NodeLatency> {
        let mut all = self.0.borrow_mut();
        let measured = config.node_names().into_iter().zip(all.iter_mut()).enumerate();
        measured
            .filter(|(number, (_, samples))| NodeId::STREAM.process().0 != *number as u16 && samples.seen > 0)
            .map(|(_, (node, samples))| {
                samples.nanos.sort_unstable();
                let at =
                    |share: usize| Span::from_nanos(samples.nanos[(samples.nanos.len() - 1) * share / 100]);
                NodeLatency { node, requests: samples.seen, median: at(50), p99: at(99) }
            })
            .collect()
    }
}
