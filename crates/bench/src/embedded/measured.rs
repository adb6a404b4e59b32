use driftlab_check::{Distribution, Judgement};
use driftlab_model::Time;
use serde::Serialize;

/// What one trial measured.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// Its name in the table.
    pub name: String,
    /// Writes that the clients had done a second.
    pub writes_per_s: f64,
    /// The same, divided by what the same clients did without copies.
    pub writes_against_none: f64,
    /// Row changes a second, from the first write until the slowest copy had shown the last that it ever showed; `None` where no copy showed one.
    pub changes_per_s: Option<f64>,
    /// Seconds until then.
    pub caught_up_s: Option<f64>,
    /// Client-seen latency of writes in milliseconds: median and 99th percentile.
    pub write_ms: Option<[f64; 2]>,
    /// Bytes that the source wrote to its log for each row change.
    pub log_bytes_per_change: f64,
    /// Rows that the source wrote beside the clients' own, for each row change.
    pub extra_rows_per_change: f64,
    /// The copies that the strategy serves.
    pub copies: Vec<MeasuredCopy>,
    /// Row changes that were committed.
    pub changes: u64,
}

/// How one copy fared.
#[derive(Clone, Debug, Serialize)]
pub struct MeasuredCopy {
    /// Its name.
    pub name: String,
    /// From commit to shown, in milliseconds: median and 99th percentile; `None` where nothing was shown.
    pub freshness_ms: Option<[f64; 2]>,
    /// Changes never shown.
    pub never_shown: u64,
    /// Bytes that it received for each row change.
    pub bytes_per_change: f64,
}

impl Measured {
    pub(super) fn of(name: &str, judged: &Judgement, control: &Judgement) -> Self {
        let changes = judged.evidence.row_changes;
        let each = |total: u64| total as f64 / changes.max(1) as f64;
        let served = || judged.sinks.iter().filter(|sink| sink.served);
        let last = served().filter_map(|sink| sink.caught_up).max();
        let caught_up_s = last.map(|at| (at - Time::ZERO).seconds());
        Self {
            name: name.to_owned(),
            writes_per_s: judged.writer.throughput,
            writes_against_none: judged.writer.throughput / control.writer.throughput,
            changes_per_s: caught_up_s.map(|seconds| changes as f64 / seconds),
            caught_up_s,
            write_ms: milliseconds(&judged.writer.latency),
            log_bytes_per_change: each(judged.ledger.log_bytes_written),
            extra_rows_per_change: each(judged.ledger.source_extra_rows),
            copies: served()
                .map(|sink| MeasuredCopy {
                    name: sink.name.clone(),
                    freshness_ms: milliseconds(&sink.freshness),
                    never_shown: sink.never_shown,
                    bytes_per_change: each(judged.ledger.sink_bytes[usize::from(sink.sink.0)]),
                })
                .collect(),
            changes,
        }
    }
}

fn milliseconds(distribution: &Distribution) -> Option<[f64; 2]> {
    let [p50, p99] = [0.5, 0.99].map(|part| distribution.quantile(part));
    Some([p50?, p99?].map(|span| span.seconds() * 1e3))
}
