use super::sheet::Sheet;
use crate::exporter::{Exporter, Report};
use driftlab_check::SeriesPoint;

/// A row for each run, sink, and stretch of time.
pub(crate) struct Series;

/// More points than these are not written: those of the first seeds are. A point that resembles no other takes at most some fourteen bytes.
const MOST_POINTS: usize = 140_000;

/// What a row is made from.
struct Line<'a> {
    strategy: &'a str,
    seed: u64,
    sink: &'a str,
    point: &'a SeriesPoint,
}

impl Exporter for Series {
    fn file(&self) -> &'static str {
        "series.parquet"
    }

    fn summary(&self) -> &'static str {
        "staleness and divergent keys of every run and sink over time, for DuckDB, pandas and their like"
    }

    fn render(&self, report: &Report<'_>) -> Vec<u8> {
        let experiment = report.experiment;
        let mut lines: Vec<Line<'_>> = Vec::new();
        for &seed in &experiment.seeds {
            let of_seed = experiment.strategies.iter().flat_map(|strategy| {
                let runs = strategy.runs.iter().filter(move |run| run.seed == seed);
                runs.flat_map(|run| &run.judgement.sinks).filter(|sink| sink.served).flat_map(move |sink| {
                    let line = move |point| Line { strategy: &strategy.name, seed, sink: &sink.name, point };
                    sink.series.iter().map(line)
                })
            });
            let before = lines.len();
            lines.extend(of_seed);
            if lines.len() > MOST_POINTS {
                lines.truncate(before);
                break;
            }
        }
        let mut sheet = Sheet::default();
        sheet.text("strategy", lines.iter().map(|line| Some(line.strategy)));
        sheet.whole("seed", lines.iter().map(|line| Some(line.seed)));
        sheet.text("sink", lines.iter().map(|line| Some(line.sink)));
        sheet.whole("at_nanos", lines.iter().map(|line| Some(line.point.at.nanos())));
        sheet.whole("staleness_max_nanos", lines.iter().map(|line| Some(line.point.staleness.nanos())));
        sheet.whole("divergent_keys_max", lines.iter().map(|line| Some(line.point.divergent)));
        sheet.file()
    }
}
