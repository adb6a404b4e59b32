//! `runs.parquet` and `series.parquet`: what was measured run by run, for whoever computes with it. docs/results.md describes the columns.

mod runs;
mod series;
mod sheet;

pub(crate) use runs::Runs;
pub(crate) use series::Series;
