//! What is drawn from bottom to top: the measures of a strategy and of its sinks.

use crate::summary::Rounded;
use crate::sweep::{OverSeeds, SinkCell, StrategyCell};
use driftlab_lab::explore::interval;

/// A number over seeds; none stands for never.
pub(super) type Measured = Option<OverSeeds<Option<f64>>>;

/// What is drawn from bottom to top.
pub(super) struct Measure {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) meaning: &'static str,
    pub(super) unit: Unit,
    pub(super) of: Of,
}

/// Of what a measure speaks.
pub(super) enum Of {
    Sink(fn(&StrategyCell, &SinkCell) -> Measured),
    Strategy(fn(&StrategyCell) -> Measured),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Time,
    Share,
    Count,
    Rate,
}

pub(super) const MEASURES: [Measure; 7] = [
    Measure {
        id: "astray",
        title: "Wrong at the end",
        meaning: "In which share of the seeds the copy did not equal the source when everything had come to rest, with the 95 % interval of the share.",
        unit: Unit::Share,
        of: Of::Sink(astray),
    },
    Measure {
        id: "late",
        title: "Late: p99",
        meaning: "How long after its commit a change was shown, for all but the latest hundredth; a change that is never shown is later than all others.",
        unit: Unit::Time,
        of: Of::Sink(|_, sink| times(sink.freshness_p99_nanos)),
    },
    Measure {
        id: "stalest",
        title: "Stalest",
        meaning: "The oldest that a change grew before it was shown.",
        unit: Unit::Time,
        of: Of::Sink(|_, sink| times(sink.staleness_max_nanos)),
    },
    Measure {
        id: "recovery",
        title: "Recovery",
        meaning: "How long after a fault staleness was back below its p99 from before.",
        unit: Unit::Time,
        of: Of::Sink(|_, sink| times(sink.recovery_nanos)),
    },
    Measure {
        id: "backlog",
        title: "Backlog",
        meaning: "The most changes that waited to be shown, while a fault lasted or after it.",
        unit: Unit::Count,
        of: Of::Sink(|_, sink| Some(sink.backlog_max?.map(|count: u64| Some(count as f64)))),
    },
    Measure {
        id: "write",
        title: "What a writer waits: p99",
        meaning: "How long clients waited for a write, for all but the slowest hundredth.",
        unit: Unit::Time,
        of: Of::Strategy(|strategy| times(strategy.write_p99_nanos)),
    },
    Measure {
        id: "throughput",
        title: "Writes a second",
        meaning: "Writes done a second of the load.",
        unit: Unit::Rate,
        of: Of::Strategy(|strategy| Some(strategy.writes_per_second?.map(|n: Rounded| Some(n.get())))),
    },
];

fn times(measured: Option<OverSeeds<Option<u64>>>) -> Measured {
    Some(measured?.map(|nanos: Option<u64>| nanos.map(|nanos| nanos as f64)))
}

/// The share of seeds whose copy was wrong at the end, with Wilson's interval.
fn astray(strategy: &StrategyCell, sink: &SinkCell) -> Measured {
    let wrong = strategy.runs.checked_sub(sink.converged).filter(|_| strategy.runs > 0)?;
    let (low, high) = interval(wrong, strategy.runs);
    let share = wrong as f64 / strategy.runs as f64;
    Some(OverSeeds { median: share, low, high }.map(|share: f64| Some(share * 100.0)))
}

impl Measure {
    /// What a strategy showed, in a sink where the measure is of one; nothing where there is nothing to tell.
    pub(super) fn measured(&self, strategy: &StrategyCell, sink: Option<usize>) -> Measured {
        match (&self.of, sink) {
            (Of::Sink(of), Some(sink)) => {
                let sink = strategy.sinks.get(sink).filter(|sink| sink.served)?;
                of(strategy, sink)
            }
            (Of::Strategy(of), _) => of(strategy),
            (Of::Sink(_), None) => None,
        }
    }
}
