//! What a strategy cost.

use crate::summary::{CompactionSummary, Quantiles, Rounded};
use driftlab_check::Distribution;
use driftlab_lab::{Run, StrategyResult};
use driftlab_model::Ledger;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What clients paid where nobody kept any copy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// From the intended start of a write to its end.
    pub write: Quantiles,
    /// Writes done a second of the load.
    pub writes_per_second: Rounded,
    /// Bytes written to the source's log for each row change.
    pub log_bytes_per_row_change: Option<Rounded>,
}

/// What a strategy cost, over all seeds. Ratios are to the baseline: 1 is as if there were no copies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Costly {
    /// From the intended start of a write to its end, those that were done.
    pub write: Quantiles,
    /// The median write against the baseline's.
    pub write_p50_ratio: Option<Rounded>,
    /// The 99th percentile against the baseline's.
    pub write_p99_ratio: Option<Rounded>,
    /// Writes done a second of the load: the mean of the runs.
    pub writes_per_second: Rounded,
    /// The same against the baseline's.
    pub throughput_ratio: Option<Rounded>,
    /// Writes refused.
    pub writes_refused: u64,
    /// Writes whose outcome nobody knows.
    pub writes_unknown: u64,
    /// Rows that reads of the source returned, for each row change.
    pub source_rows_read_per_row_change: Option<Rounded>,
    /// Rows written beside the clients' own, for each of their row changes.
    pub extra_rows_per_row_change: Option<Rounded>,
    /// Bytes written to the source's log for each row change.
    pub log_bytes_per_row_change: Option<Rounded>,
    /// The same against the baseline's.
    pub log_bytes_ratio: Option<Rounded>,
    /// The most bytes of the log that were ever held back.
    pub log_bytes_retained_max: u64,
    /// Events moved between capture and sinks, for each row change.
    pub events_moved_per_row_change: Option<Rounded>,
    /// Their bytes, for each row change.
    pub bytes_moved_per_row_change: Option<Rounded>,
    /// Requests that each sink served for each committed transaction, in the order of the sinks.
    pub sink_requests_per_commit: Vec<Option<Rounded>>,
    /// What compaction has left of the log between capture and sinks; `None` where it is not compacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compaction: Option<CompactionSummary>,
}

/// Everything that was counted, over all runs.
struct Totals {
    write: Distribution,
    writes_per_second: f64,
    refused: u64,
    unknown: u64,
    row_changes: f64,
    commits: f64,
    ledger: Ledger,
}

impl Totals {
    fn of(runs: &[Run]) -> Self {
        let mut totals = Self {
            write: Distribution::default(),
            writes_per_second: 0.0,
            refused: 0,
            unknown: 0,
            row_changes: 0.0,
            commits: 0.0,
            ledger: Ledger::default(),
        };
        for run in runs {
            let judged = &run.judgement;
            totals.write.merge(&judged.writer.latency);
            totals.writes_per_second += judged.writer.throughput / runs.len() as f64;
            totals.refused += judged.writer.refused;
            totals.unknown += judged.writer.unknown;
            totals.row_changes += judged.evidence.row_changes as f64;
            totals.commits += judged.evidence.commits as f64;
            add(&mut totals.ledger, &judged.ledger);
        }
        totals
    }

    fn per_row_change(&self, count: u64) -> Option<Rounded> {
        Rounded::ratio(count as f64, self.row_changes)
    }
}

fn add(ours: &mut Ledger, theirs: &Ledger) {
    ours.source_rows_read += theirs.source_rows_read;
    ours.source_rows_written += theirs.source_rows_written;
    ours.source_extra_rows += theirs.source_extra_rows;
    ours.source_requests += theirs.source_requests;
    ours.log_bytes_written += theirs.log_bytes_written;
    ours.log_bytes_retained_max = ours.log_bytes_retained_max.max(theirs.log_bytes_retained_max);
    ours.events_moved += theirs.events_moved;
    ours.bytes_moved += theirs.bytes_moved;
    let sinks = ours.sink_requests.len().max(theirs.sink_requests.len());
    ours.sink_requests.resize(sinks, 0);
    for (ours, theirs) in ours.sink_requests.iter_mut().zip(&theirs.sink_requests) {
        *ours += theirs;
    }
}

impl Baseline {
    pub(crate) fn of(control: &StrategyResult) -> Self {
        let totals = Totals::of(&control.runs);
        Self {
            write: Quantiles::of(&totals.write),
            writes_per_second: Rounded::of(totals.writes_per_second),
            log_bytes_per_row_change: totals.per_row_change(totals.ledger.log_bytes_written),
        }
    }
}

impl Costly {
    pub(crate) fn of(strategy: &StrategyResult, control: &StrategyResult, sinks: usize) -> Self {
        let (ours, none) = (Totals::of(&strategy.runs), Totals::of(&control.runs));
        let ledger = &ours.ledger;
        let against = |quantile| {
            let (ours, none) = (ours.write.quantile(quantile)?, none.write.quantile(quantile)?);
            Rounded::ratio(ours.nanos() as f64, none.nanos() as f64)
        };
        let log_bytes =
            |totals: &Totals| totals.ledger.log_bytes_written as f64 / totals.row_changes.max(1.0);
        Self {
            write: Quantiles::of(&ours.write),
            write_p50_ratio: against(0.5),
            write_p99_ratio: against(0.99),
            writes_per_second: Rounded::of(ours.writes_per_second),
            throughput_ratio: Rounded::ratio(ours.writes_per_second, none.writes_per_second),
            writes_refused: ours.refused,
            writes_unknown: ours.unknown,
            source_rows_read_per_row_change: ours.per_row_change(ledger.source_rows_read),
            extra_rows_per_row_change: ours.per_row_change(ledger.source_extra_rows),
            log_bytes_per_row_change: ours.per_row_change(ledger.log_bytes_written),
            log_bytes_ratio: Rounded::ratio(log_bytes(&ours), log_bytes(&none)),
            log_bytes_retained_max: ledger.log_bytes_retained_max,
            events_moved_per_row_change: ours.per_row_change(ledger.events_moved),
            bytes_moved_per_row_change: ours.per_row_change(ledger.bytes_moved),
            sink_requests_per_commit: (0..sinks)
                .map(|sink| {
                    let requests = ledger.sink_requests.get(sink).copied().unwrap_or(0);
                    Rounded::ratio(requests as f64, ours.commits)
                })
                .collect(),
            compaction: CompactionSummary::of(strategy),
        }
    }
}
