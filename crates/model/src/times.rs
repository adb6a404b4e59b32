//! How long everything takes on some machine, as it was measured: what a virtual world needs to run like it.

use crate::quantiles::Quantiles;
use crate::request_kind::RequestKind;
use crate::time::Span;
use std::collections::BTreeMap;

/// Times of some machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// By how much sleepers wake late.
    pub sleep: Option<Quantiles>,
    /// From the moment at which a log or a stream has something for a process that waits for it, until that process goes on.
    pub notice: Option<Quantiles>,
    /// From a commit until the source's stream has it.
    pub capture: Option<Quantiles>,
    /// Requests by node: `source`, `log`, `checkpoint`, or a kind of sink.
    pub nodes: BTreeMap<String, NodeTimes>,
    /// How many requests a node serves at once, where it is not up to the scenario.
    pub servers: BTreeMap<String, u32>,
}

/// Times of the requests to one node: by kind, then by how many rows they move and how long the node had been idle, ascending.
pub type NodeTimes = BTreeMap<RequestKind, Vec<RequestTimes>>;

/// Times of requests of one kind that move about as many rows (up to twice as many are about as many), to a node that had been idle for about as long: threads
/// that slept for long wake more slowly, and find their caches cold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestTimes {
    /// How many rows they move, on average; at least 1.
    pub rows: u64,
    /// For how long nobody had heard from the node before, at least.
    pub idle: Span,
    /// How many were measured.
    pub requests: u64,
    /// From the caller to a server that is free: a thread that wakes.
    pub out: Quantiles,
    /// At the server, up to the effect.
    pub service: Quantiles,
    /// From the effect until the caller goes on: what the server still does, and a process that wakes.
    pub back: Quantiles,
}

impl RequestTimes {
    /// The number of its size: requests that move up to twice as many rows have the same.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.rows.max(1).ilog2()
    }
}

impl Times {
    /// Times of requests of a kind that move so many rows, to a node that has been idle for so long: those measured for at most as many and as long.
    #[must_use]
    pub fn of(node: &NodeTimes, kind: RequestKind, rows: usize, idle: Span) -> Option<Timed<'_>> {
        let rows = (rows as u64).max(1);
        // Of each size, what was measured for at most as long an idleness; of those, the two next to the rows in question.
        let sizes = node.get(&kind)?.chunk_by(|a, b| a.size() == b.size());
        let mut sizes = sizes.map(|size| &size[size.partition_point(|times| times.idle <= idle).max(1) - 1]);
        let mut low = sizes.next()?;
        let mut high = low;
        for size in sizes {
            // Beyond the most rows that were measured, the last two sizes tell what each more row takes.
            low = high;
            high = size;
            if rows < high.rows {
                break;
            }
        }
        let times = if rows < high.rows { low } else { high };
        Some(Timed { times, low, high, rows })
    }
}

/// The times of one request.
#[derive(Clone, Copy, Debug)]
pub struct Timed<'a> {
    /// Those of the nearest size.
    pub times: &'a RequestTimes,
    low: &'a RequestTimes,
    high: &'a RequestTimes,
    rows: u64,
}

impl Timed<'_> {
    /// The service time that a draw stands for: on the line through those of two sizes.
    #[must_use]
    pub fn service(&self, draw: u64) -> Span {
        let own = self.times.service.sample(draw);
        let (fewer, more) = (self.low.rows, self.high.rows);
        if fewer == more || self.rows <= fewer {
            return own;
        }
        let way = (self.rows - fewer) as f64 / (more - fewer) as f64;
        if way <= 1.0 {
            let (low, high) = (self.low.service.sample(draw), self.high.service.sample(draw));
            // More rows may have been measured to take less; then they are taken to take the same.
            return low + beyond(low, high).scaled(way);
        }
        let each = beyond(self.low.service.at(0.5), self.high.service.at(0.5));
        own + each.scaled(way - 1.0)
    }
}

/// By how much a span is longer than another; nothing where it is not.
const fn beyond(short: Span, long: Span) -> Span {
    Span::from_nanos(long.nanos().saturating_sub(short.nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constant(micros: u64) -> Quantiles {
        Quantiles::of(vec![Span::from_micros(micros)]).expect("one length")
    }

    fn sized(rows: u64, service: u64) -> RequestTimes {
        let (out, back) = (constant(rows), constant(5));
        RequestTimes { rows, idle: Span::ZERO, requests: 1, out, service: constant(service), back }
    }

    #[test]
    fn service_times_lie_on_lines_through_what_was_measured() {
        let node =
            NodeTimes::from([(RequestKind::Apply, vec![sized(2, 100), sized(10, 180), sized(20, 380)])]);
        let of = |kind, rows| Times::of(&node, kind, rows, Span::ZERO);
        let service = |rows| of(RequestKind::Apply, rows).expect("it was measured").service(7);
        let expected = [(0, 100), (1, 100), (2, 100), (6, 140), (10, 180), (15, 280), (20, 380), (30, 580)];
        for (rows, micros) in expected {
            assert_eq!(service(rows), Span::from_micros(micros), "{rows} rows");
        }
        assert_eq!(of(RequestKind::Apply, 12).expect("it was measured").times.rows, 10);
        assert!(of(RequestKind::Put, 1).is_none());
    }

    #[test]
    fn one_size_is_taken_for_all() {
        let node = NodeTimes::from([(RequestKind::Stage, vec![sized(500, 900)])]);
        for rows in [1, 500, 5_000] {
            let timed = Times::of(&node, RequestKind::Stage, rows, Span::ZERO).expect("it was measured");
            assert_eq!(timed.service(1), Span::from_micros(900));
        }
    }

    /// A cache that is asked once in a while takes half as long again as one that is asked all the time.
    #[test]
    fn who_has_been_idle_takes_what_the_idle_take() {
        let cold = |rows, service| RequestTimes { idle: Span::from_millis(4), ..sized(rows, service) };
        let all = vec![sized(1, 10), cold(1, 15), sized(4, 22), cold(4, 33), sized(64, 200)];
        let node = NodeTimes::from([(RequestKind::Put, all)]);
        let service = |rows, idle| {
            let timed = Times::of(&node, RequestKind::Put, rows, Span::from_millis(idle));
            timed.expect("it was measured").service(3)
        };
        let expected = [
            (1, 0, 10),
            (1, 3, 10),
            (1, 4, 15),
            (1, 900, 15),
            (2, 1, 14),
            (2, 5, 21),
            (4, 9, 33),
            (64, 9, 200),
        ];
        for (rows, idle, micros) in expected {
            assert_eq!(service(rows, idle), Span::from_micros(micros), "{rows} rows after {idle} ms");
        }
    }
}
