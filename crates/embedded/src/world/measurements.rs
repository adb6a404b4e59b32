//! How long everything took in runs of the world: what the virtual world would have to be told to behave like this one.

use super::latencies::NodeLatency;
use crate::samples::Samples;
use driftlab_model::{NodeTimes, Quantiles, RequestKind, RequestTimes, Span, Times};
use std::collections::BTreeMap;

/// How long everything took, without what faults struck.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measurements {
    requests: BTreeMap<Size, Samples<Parts>>,
    pub(super) sleeps: Samples<Span>,
    pub(super) notices: Samples<Span>,
    pub(super) captures: Samples<Span>,
}

/// Requests of one kind to one node that move about as many rows (up to twice as many belong together) after about as long an idleness.
type Size = (String, RequestKind, u32, Span);

/// From how long on a node counts as idle for longer.
const IDLE: [Span; 4] = [Span::ZERO, Span::from_micros(500), Span::from_millis(4), Span::from_millis(32)];

/// Fewer requests than these tell little of the longest among them: they are counted with those after a shorter idleness.
const TELLING: u64 = 30;

/// The parts of one request's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// How many rows it moved.
    pub(super) rows: u64,
    /// For how long nobody had heard from the node before.
    pub(super) idle: Span,
    /// Until a server began with it; nothing where it found none that was idle.
    pub(super) out: Option<Span>,
    /// From then on to its effect.
    pub(super) service: Span,
    /// From its effect until its caller went on.
    pub(super) back: Span,
    /// All of it, with what it waited for others.
    pub(super) whole: Span,
}

impl Measurements {
    /// One more request.
    pub(super) fn request(&mut self, node: &str, kind: RequestKind, parts: Parts) {
        let idle = IDLE[IDLE.partition_point(|from| *from <= parts.idle) - 1];
        let size = (node.to_owned(), kind, parts.rows.max(1).ilog2(), idle);
        self.requests.entry(size).or_default().offer(parts);
    }

    /// Adds what was measured in other runs.
    pub fn extend(&mut self, other: Self) {
        for (size, parts) in other.requests {
            self.requests.entry(size).or_default().extend(parts);
        }
        self.sleeps.extend(other.sleeps);
        self.notices.extend(other.notices);
        self.captures.extend(other.captures);
    }

    /// How long the requests to each node took, all kinds together, from the call to the reply.
    #[must_use]
    pub fn latencies(&self) -> Vec<NodeLatency> {
        let mut nodes: BTreeMap<&str, (u64, Vec<Span>)> = BTreeMap::new();
        for ((node, ..), parts) in
            self.requests.iter().filter(|((_, kind, ..), _)| *kind != RequestKind::Refresh)
        {
            let (requests, wholes) = nodes.entry(node).or_default();
            *requests += parts.seen();
            wholes.extend(parts.kept().iter().map(|parts| parts.whole));
        }
        let latency = |(node, (requests, mut wholes)): (&str, (u64, Vec<Span>))| {
            wholes.sort_unstable();
            let at = |share: usize| wholes[(wholes.len() - 1) * share / 100];
            NodeLatency { node: node.to_owned(), requests, median: at(50), p99: at(99) }
        };
        nodes.into_iter().map(latency).collect()
    }

    /// The requests, with those that are too few to tell anything added to their neighbours.
    fn told_apart(&self) -> BTreeMap<Size, Samples<Parts>> {
        let mut all: BTreeMap<Size, Samples<Parts>> = BTreeMap::new();
        for (size, parts) in &self.requests {
            let own = |(other, _): &(&Size, &mut Samples<Parts>)| {
                (&other.0, other.1, other.2) == (&size.0, size.1, size.2)
            };
            match all.iter_mut().next_back().filter(own) {
                Some((_, shorter)) if parts.seen().min(shorter.seen()) < TELLING => {
                    shorter.extend(parts.clone());
                }
                _ => drop(all.insert(size.clone(), parts.clone())),
            }
        }
        all
    }

    /// The times that a virtual world would be given to be like this one.
    #[must_use]
    pub fn times(&self) -> Times {
        let mut nodes: BTreeMap<String, NodeTimes> = BTreeMap::new();
        for ((node, kind, _, idle), parts) in self.told_apart() {
            if let Some(times) = times_of(&parts, idle) {
                nodes.entry(node).or_default().entry(kind).or_default().push(times);
            }
        }
        let of = |samples: &Samples<Span>| Quantiles::of(samples.kept().to_vec());
        // A sink has one thread, because what it shows must be told in the order in which it came to be shown; and so has the checkpoint store.
        let alone = nodes.keys().filter(|node| !["source", "log"].contains(&node.as_str()));
        let servers = alone.map(|node| (node.clone(), 1)).collect();
        Times {
            servers,
            sleep: of(&self.sleeps),
            notice: of(&self.notices),
            capture: of(&self.captures),
            nodes,
        }
    }
}

/// The distributions of a sample of requests.
fn times_of(parts: &Samples<Parts>, idle: Span) -> Option<RequestTimes> {
    let all = parts.kept();
    let spans = |part: fn(&Parts) -> Span| Quantiles::of(all.iter().map(part).collect());
    let out: Vec<Span> = all.iter().filter_map(|parts| parts.out).collect();
    let rows = all.iter().map(|parts| parts.rows).sum::<u64>() / (all.len() as u64).max(1);
    Some(RequestTimes {
        rows: rows.max(1),
        idle,
        requests: parts.seen(),
        // Where the servers were never idle, nobody ever waited for one to wake.
        out: Quantiles::of(out).or_else(|| Quantiles::of(vec![Span::ZERO]))?,
        service: spans(|parts| parts.service)?,
        back: spans(|parts| parts.back)?,
    })
}
