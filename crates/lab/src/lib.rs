//! Runs a scenario in a world and judges it.

mod experiment;

pub use experiment::{Experiment, Judged, Run, StrategyResult, Verdict};
