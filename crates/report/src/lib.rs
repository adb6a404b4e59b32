//! What driftlab tells people: tables, JSON, Markdown and HTML drawn from an experiment.
//!
//! A five-minute tour:
//!
//! - An experiment comes in, and a [`Pool`] adds up what one strategy showed in one sink over all seeds.
//! - The [`Summary`] is what is left when only what people compare is kept. It is `summary.json`, it is versioned, and two equal
//!   runs make the same one, byte for byte: no wall time, no path of the machine, no number in more digits than it deserves.
//! - A [`Report`] is both together, and an [`Exporter`] turns it into the text of one file. [`EXPORTERS`] lists them all.
//! - An [`OutputFolder`] is where the files go. It is made before a run begins, because an hour of work that cannot be written down is lost.
//!   Files appear whole or not at all.
//! - [`terminal::table`] is the same summary for a person who waits at a prompt.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "reports are written to files, and environment.json says when and on what machine"
)]

mod album;
mod answers;
pub mod asof;
mod checked;
mod claim;
pub mod compare;
pub mod drawing;
mod environment;
pub mod exploration;
mod exporter;
mod exporters;
mod folder;
mod html;
mod intrusion;
mod json;
mod junit;
mod markdown;
mod newcomers;
mod parquet;
mod pool;
mod schema;
mod summary;
mod svg;
mod swap;
pub mod sweep;
pub mod terminal;
mod wording;
mod write;

pub use album::{Album, Drawn, Plate};
pub use checked::{Checked, CheckedFinding, CheckedSink};
pub use claim::Claimed;
pub use environment::{ENVIRONMENT_FILE, Environment};
pub use exporter::{Exporter, Report};
pub use exporters::EXPORTERS;
pub use folder::OutputFolder;
pub use markdown::headline;
pub use pool::Pool;
pub use schema::summary_schema;
pub use summary::{
    AnomalyCount, AnswerSummary, AnswersSummary, ApartSummary, AuditSummary, Baseline, Broken,
    CompactionSummary, Costly, DivergentKeys, ExpectationSummary, FORMAT, FindingEnd, FindingSummary,
    JoiningSummary, Late, Latest, OfAll, OverSeeds, Overall, PartSummary, PastSummary, PredictedCopy,
    PredictedMeasure, Prediction, Quantiles, RecoverySummary, Rounded, RunSummary, ScenarioSummary,
    ShrunkSummary, SilentFor, SinkName, SinkSummary, SpecimenSummary, Staleness, StrategySummary, Summary,
    UnderSummary, Verdict, WorldSummary, Wrong,
};
pub use write::{WriteError, write_whole};
