//! What differs between two equal runs, and stands in a file of its own: when, where and how it was run.

use crate::wording;
use driftlab_scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The name of its file in the results folder.
pub const ENVIRONMENT_FILE: &str = "environment.json";

/// When, where and how an experiment was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// driftlab's version.
    pub driftlab: String,
    /// The operating system.
    pub system: String,
    /// The processor's architecture.
    pub architecture: String,
    /// How many threads the machine runs at once, as far as it is told.
    pub cores: usize,
    /// `release`, or `debug`, which is slower.
    pub build: String,
    /// The command line.
    pub command: Vec<String>,
    /// The scenario's file, as it was named.
    pub scenario_file: String,
    /// The command that makes the same results again, without the words of the command line on which they do not depend. Empty where nobody said it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub again: String,
    /// When it began, in seconds since 1970.
    pub began_unix_seconds: u64,
    /// How long it took, in seconds of wall time.
    pub took_seconds: f64,
}

impl Environment {
    /// The environment of this process, for a scenario's file that took so long.
    #[must_use]
    pub fn here(scenario_file: &str, took: Duration) -> Self {
        let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(took);
        Self {
            driftlab: env!("CARGO_PKG_VERSION").to_owned(),
            system: std::env::consts::OS.to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            build: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
            command: std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect(),
            scenario_file: scenario_file.to_owned(),
            again: String::new(),
            began_unix_seconds: began.as_secs(),
            took_seconds: (took.as_secs_f64() * 1e3).round() / 1e3,
        }
    }

    /// The same, with the command that runs the scenario again for these seeds.
    #[must_use]
    pub fn of_run(self, scenario: &Scenario, seeds: &[u64]) -> Self {
        Self { again: wording::command(scenario, seeds), ..self }
    }

    /// Its text.
    ///
    /// # Panics
    /// Never: it has text keys and finite numbers.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json =
            serde_json::to_string_pretty(self).expect("an environment has text keys and finite numbers");
        json.push('\n');
        json
    }
}
