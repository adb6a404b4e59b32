//! Measures as Parquet, read back by a reader that is not ours.
#![allow(clippy::disallowed_methods, reason = "these tests look at files")]

mod fixture;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use driftlab_report::{Album, EXPORTERS, Report, Summary};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;

fn table(file: &str) -> RecordBatch {
    let experiment = fixture::experiment();
    let album = Album::default();
    let summary = Summary::of(&experiment);
    let exporter = EXPORTERS.iter().find(|exporter| exporter.file() == file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    let report = Report { experiment: &experiment, summary: &summary, album: &album };
    driftlab_report::write_whole(&path, exporter.render(&report)).unwrap();
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap().build().unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap()
}

fn texts(table: &RecordBatch, column: &str) -> Vec<String> {
    let column = table.column_by_name(column).unwrap().as_string::<i32>();
    column.iter().map(|text| text.unwrap_or("null").to_owned()).collect()
}

fn wholes(table: &RecordBatch, column: &str) -> Vec<Option<i64>> {
    table.column_by_name(column).unwrap().as_primitive::<Int64Type>().iter().collect()
}

#[test]
fn every_run_and_sink_is_a_row() {
    let runs = table("runs.parquet");
    // Dual writes serve one sink, CDC two; two seeds.
    assert_eq!(texts(&runs, "strategy"), ["dual writes", "dual writes", "CDC", "CDC", "CDC", "CDC"]);
    assert_eq!(texts(&runs, "sink"), ["search", "search", "search", "warehouse", "search", "warehouse"]);
    assert_eq!(wholes(&runs, "seed"), [7, 8, 7, 7, 8, 8].map(Some));
    assert_eq!(wholes(&runs, "stale_overwrite")[..3], [Some(9), Some(9), Some(0)]);
    assert_eq!(wholes(&runs, "stale_overwrite_permanent")[..3], [Some(4), Some(4), Some(0)]);
    assert_eq!(wholes(&runs, "freshness_p99_nanos")[0], Some(14_000_127));
    assert_eq!(texts(&runs, "guarantee")[..2], ["null", "null"]);
    assert_eq!(texts(&runs, "trace")[0], "0123456789abcdef001122334455667e");
    let rate = runs.column_by_name("writes_per_second").unwrap().as_primitive::<Float64Type>().value(0);
    assert!((rate - 1_000.0 / 22.0).abs() < 1e-9);
}

#[test]
fn series_are_long_tables() {
    let series = table("series.parquet");
    assert_eq!(series.num_rows(), 6 * 13);
    assert_eq!(wholes(&series, "at_nanos")[..2], [Some(0), Some(1_000_000_000)]);
    assert_eq!(wholes(&series, "staleness_max_nanos")[3], Some(60_000_000));
    assert_eq!(wholes(&series, "divergent_keys_max")[2], Some(2));
}

/// docs/results.md names every column with its type; somebody's query depends on it.
#[test]
fn the_columns_are_those_that_the_documentation_names() {
    let documented = include_str!("../../../docs/results.md");
    for file in ["runs.parquet", "series.parquet"] {
        for field in table(file).schema().fields() {
            let kind = match field.data_type() {
                DataType::Utf8 => "text",
                DataType::Int64 => "int64",
                DataType::Float64 => "double",
                DataType::Boolean => "boolean",
                other => panic!("{}: {other}", field.name()),
            };
            let anomaly = field.name().trim_end_matches("_permanent");
            if driftlab_check::ANOMALIES.iter().any(|entry| entry.name == anomaly) {
                continue;
            }
            let row = format!("| `{}` | {kind} |", field.name());
            assert!(documented.contains(&row), "docs/results.md lacks {row}");
        }
    }
}
