use super::Measured;
use crate::scenario;
use driftlab_lab::{Quiet, RunOptions, run};
use std::time::Duration;

/// A strategy before one load, on SQLite, a segment file log, and one copy of each kind.
pub struct Trial {
    /// What the table calls it.
    name: String,
    /// Its kind in the registry.
    kind: &'static str,
    /// Its settings other than the defaults, as lines of TOML.
    settings: String,
}

/// One copy of each kind. A refresh of the index every second, as by default, would be all that anybody sees of a strategy's end-to-end speed.
const COPIES: &str = r#"
[[sink]]
kind = "cache"
[[sink]]
kind = "search"
refresh = "100ms"
[[sink]]
kind = "warehouse"
"#;

/// What the clients do. Of ten writes one inserts, one deletes and eight update; each changes one row.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// Four clients write so many times in all, each as soon as its last write is done.
    Closed {
        /// How many writes.
        writes: u64,
    },
    /// Writes arrive evenly, whoever is done.
    Open {
        /// How many a second.
        rate: u64,
        /// How long they arrive.
        during: Duration,
    },
}

impl Trial {
    /// A strategy with its default settings; batches every 200 ms, because a benchmark cannot wait for the minutes between two of theirs.
    #[must_use]
    pub fn of(kind: &'static str) -> Self {
        match kind {
            "batch_full" | "batch_incremental" => Self::with(kind, "every", "\"200ms\""),
            _ => Self { name: kind.to_owned(), kind, settings: String::new() },
        }
    }

    /// The strategy with one setting of its own.
    #[must_use]
    pub fn with(kind: &'static str, setting: &str, value: &str) -> Self {
        Self {
            name: format!("{kind}, {setting} = {value}"),
            kind,
            settings: format!("{setting} = {value}\n"),
        }
    }

    /// Runs it once, and after it the same clients without copies: what the machine gives changes within minutes, so both are measured together.
    ///
    /// # Panics
    /// When the scenario is refused or a store fails: then there is nothing to measure.
    #[must_use]
    pub fn run(&self, load: Load, seed: u64) -> Measured {
        let (duration, work) = match load {
            Load::Closed { writes } => ("60s".to_owned(), format!("clients = 4\noperations = {writes}")),
            Load::Open { rate, during } => {
                (format!("{}ms", during.as_millis()), format!("clients = 16\nrate = \"{rate}/s\""))
            }
        };
        let scenario = scenario(&format!(
            r#"
title = "{name}"
[world]
kind = "embedded"
seed = {seed}
duration = "{duration}"
[workload]
shape = "kv"
{work}
keys = {{ count = 1000 }}
mix = {{ insert = 1, update = 8, delete = 1, read = 0 }}
{COPIES}
[[strategy]]
kind = "{kind}"
{settings}"#,
            name = self.name.replace('"', "'"),
            kind = self.kind,
            settings = self.settings,
        ));
        let experiment = run(&scenario, &RunOptions { jobs: 1 }, &Quiet)
            .unwrap_or_else(|error| panic!("{} could not be measured: {error}", self.name));
        let [tried, control] =
            [&experiment.strategies[0], &experiment.baseline].map(|result| &result.runs[0].judgement);
        Measured::of(&self.name, tried, control)
    }
}
