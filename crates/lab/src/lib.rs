//! Runs a scenario in a world and judges it.
//!
//! A scenario names its world, one of [`WORLDS`]: simulated or real, filled with the same processes and judged by the same checks.
//! [`run`] takes a scenario and gives an [`Experiment`]: every strategy, every seed, spread over threads, each run judged online by a checker that
//! sees nothing but its history. A [`Stage`] is what the runs of one strategy share; it is made once and reset between seeds. Results do not
//! depend on the number of threads.
//!
//! A [`dossier`] goes with an experiment: what each fault does alone, and the first case of each anomaly, shrunk.
#![allow(
    clippy::disallowed_methods,
    reason = "the lab reads database files and spreads runs over threads; what happens inside a run stays deterministic"
)]

mod calibrate;
mod case;
mod company;
mod dataset;
mod digest;
mod dossier;
mod error;
mod expect;
mod experiment;
pub mod explore;
pub mod finding;
mod freshness;
mod reel;
mod retell;
mod run;
mod shrink;
mod stage;
mod witness;
mod world;

pub use calibrate::{Calibration, calibrate, predicting};
pub use case::{Case, Recording};
pub use dataset::{DatasetError, read_dataset};
pub use digest::digest;
pub use dossier::{Apart, Dossier, Specimen, Under, dossier};
pub use driftlab_embedded::{Readiness, remove_run_folders};
pub use driftlab_workload::{Script, Task};
pub use error::RunError;
pub use experiment::{Experiment, Judged, Run, StrategyResult, Verdict};
pub use freshness::freshness_quantile;
pub use reel::Reel;
pub use retell::retell;
pub use run::{Progress, Quiet, RunOptions, dataset_of, run};
pub use shrink::{Effort, Shrunk, Staging, Target, shrink, shrink_within};
pub use stage::Stage;
pub use world::{Reproducible, WORLDS, WorldEntry};

/// The strategies that a scenario can name.
#[must_use]
pub const fn strategies() -> &'static [driftlab_strategies::StrategyEntry] {
    driftlab_strategies::STRATEGIES
}
