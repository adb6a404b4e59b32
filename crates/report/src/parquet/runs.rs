use super::sheet::Sheet;
use crate::exporter::{Exporter, Report};
use driftlab_check::{ANOMALIES, Distribution, Level, SinkJudgement, Standing, Tally};
use driftlab_lab::{Run, StrategyResult};
use driftlab_model::Span;

/// A row for each run and sink that the strategy serves.
pub(crate) struct Runs;

/// What a row is made from.
struct Line<'a> {
    strategy: &'a StrategyResult,
    run: &'a Run,
    sink: &'a SinkJudgement,
    place: usize,
}

type Whole = fn(&Line<'_>) -> Option<u64>;
type Real = fn(&Line<'_>) -> f64;

/// The columns of whole numbers.
const WHOLE: &[(&str, Whole)] = &[
    ("seed", |line| Some(line.run.seed)),
    ("steps", |line| Some(line.run.steps)),
    ("commits", |line| Some(line.run.judgement.evidence.commits)),
    ("row_changes", |line| Some(line.run.judgement.evidence.row_changes)),
    ("reads", |line| Some(line.run.judgement.evidence.reads)),
    ("load_ended_nanos", |line| Some(line.run.judgement.load_ended.nanos())),
    ("ended_nanos", |line| Some(line.run.judgement.ended.nanos())),
    ("freshness_count", |line| Some(line.sink.freshness.count())),
    ("freshness_p50_nanos", |line| nanos(&line.sink.freshness, 0.5)),
    ("freshness_p90_nanos", |line| nanos(&line.sink.freshness, 0.9)),
    ("freshness_p99_nanos", |line| nanos(&line.sink.freshness, 0.99)),
    ("freshness_max_nanos", |line| line.sink.freshness.max().map(Span::nanos)),
    ("never_shown", |line| Some(line.sink.never_shown)),
    ("divergent_at_end", |line| Some(line.sink.divergent_at_end)),
    ("read_staleness_p50_nanos", |line| nanos(&line.sink.read_staleness, 0.5)),
    ("read_staleness_p99_nanos", |line| nanos(&line.sink.read_staleness, 0.99)),
    ("fresh_within_nanos", |line| line.sink.fresh_within.map(Span::nanos)),
    ("write_p50_nanos", |line| nanos(&line.run.judgement.writer.latency, 0.5)),
    ("write_p99_nanos", |line| nanos(&line.run.judgement.writer.latency, 0.99)),
    ("writes_done", |line| Some(line.run.judgement.writer.done)),
    ("writes_refused", |line| Some(line.run.judgement.writer.refused)),
    ("writes_unknown", |line| Some(line.run.judgement.writer.unknown)),
    ("source_rows_read", |line| Some(line.run.judgement.ledger.source_rows_read)),
    ("source_extra_rows", |line| Some(line.run.judgement.ledger.source_extra_rows)),
    ("log_bytes_written", |line| Some(line.run.judgement.ledger.log_bytes_written)),
    ("log_bytes_retained_max", |line| Some(line.run.judgement.ledger.log_bytes_retained_max)),
    ("sink_requests", |line| line.run.judgement.ledger.sink_requests.get(line.place).copied()),
    ("sink_operations", |line| line.run.judgement.ledger.sink_operations.get(line.place).copied()),
];

/// The columns of real numbers.
const REAL: &[(&str, Real)] = &[
    ("staleness_mean_seconds", |line| line.sink.staleness.mean),
    ("staleness_max_seconds", |line| line.sink.staleness.max),
    ("divergent_keys_mean", |line| line.sink.divergent.mean),
    ("divergent_keys_max", |line| line.sink.divergent.max),
    ("writes_per_second", |line| line.run.judgement.writer.throughput),
];

impl Exporter for Runs {
    fn file(&self) -> &'static str {
        "runs.parquet"
    }

    fn summary(&self) -> &'static str {
        "every measure of every run and sink, for DuckDB, pandas and their like"
    }

    fn render(&self, report: &Report<'_>) -> Vec<u8> {
        let lines: Vec<Line<'_>> = report.experiment.strategies.iter().flat_map(of_strategy).collect();
        let traces: Vec<String> = lines.iter().map(|line| format!("{:032x}", line.run.trace)).collect();
        let scenario = &report.summary.scenario;
        let mut sheet = Sheet::default();
        sheet.text("scenario", lines.iter().map(|_| Some(scenario.name.as_str())));
        sheet.text("digest", lines.iter().map(|_| Some(scenario.digest.as_str())));
        sheet.text("strategy", lines.iter().map(|line| Some(line.strategy.name.as_str())));
        sheet.text("kind", lines.iter().map(|line| Some(line.strategy.kind)));
        sheet.text("sink", lines.iter().map(|line| Some(line.sink.name.as_str())));
        sheet.text("sink_kind", lines.iter().map(|line| Some(line.sink.kind.name())));
        sheet.text("trace", traces.iter().map(|trace| Some(trace.as_str())));
        sheet.truth("quiescent", lines.iter().map(|line| Some(line.run.judgement.quiescent)));
        sheet.truth("converges", lines.iter().map(converges));
        sheet.text("guarantee", lines.iter().map(|line| line.sink.ladder.strongest().map(Level::name)));
        for (name, of) in WHOLE {
            sheet.whole(name, lines.iter().map(of));
        }
        for (name, of) in REAL {
            sheet.real(name, lines.iter().map(|line| Some(of(line))));
        }
        for (place, entry) in ANOMALIES.iter().enumerate() {
            let tally = |line: &Line<'_>| -> Tally { line.sink.tallies[place] };
            sheet.whole(entry.name, lines.iter().map(|line| Some(tally(line).total)));
            sheet.whole(
                &format!("{}_permanent", entry.name),
                lines.iter().map(|line| Some(tally(line).permanent)),
            );
        }
        sheet.file()
    }
}

fn of_strategy(strategy: &StrategyResult) -> impl Iterator<Item = Line<'_>> {
    strategy.runs.iter().flat_map(move |run| {
        let sinks = run.judgement.sinks.iter().enumerate().filter(|(_, sink)| sink.served);
        sinks.map(move |(place, sink)| Line { strategy, run, sink, place })
    })
}

fn converges(line: &Line<'_>) -> Option<bool> {
    match line.sink.ladder.standings.get(Level::Convergent as usize)? {
        Standing::Held => Some(true),
        Standing::Broken(_) => Some(false),
        Standing::Unknown(_) => None,
    }
}

fn nanos(distribution: &Distribution, quantile: f64) -> Option<u64> {
    distribution.quantile(quantile).map(Span::nanos)
}
