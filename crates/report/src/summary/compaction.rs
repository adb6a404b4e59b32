//! What compaction has left of a log.

use driftlab_lab::StrategyResult;
use driftlab_model::CompactedLog;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The log between capture and sinks before and after compaction, over all seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompactionSummary {
    /// Events appended: what the log would hold if it kept everything.
    pub events_before: u64,
    /// Events held at the end.
    pub events_after: u64,
    /// Bytes appended.
    pub bytes_before: u64,
    /// Bytes held at the end.
    pub bytes_after: u64,
}

impl CompactionSummary {
    /// Over all runs; `None` where no log was compacted, or nothing ever went into it.
    pub(crate) fn of(strategy: &StrategyResult) -> Option<Self> {
        let mut all = Self { events_before: 0, events_after: 0, bytes_before: 0, bytes_after: 0 };
        for CompactedLog { events, bytes, events_held, bytes_held } in
            strategy.runs.iter().filter_map(|run| run.compacted_log)
        {
            all.events_before += events;
            all.events_after += events_held;
            all.bytes_before += bytes;
            all.bytes_after += bytes_held;
        }
        (all.events_before > 0).then_some(all)
    }
}
