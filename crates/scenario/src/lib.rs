//! driftlab's scenario files: TOML to a typed scenario, with errors that point at the line.
//!
//! [`Scenario::load`] reads a file, [`Scenario::parse`] a text. What a file may say is not written down here: it follows from the
//! [`Registries`] of strategies, shapes, stores and faults, each of which declares its settings as data, and from the sections
//! of [`sections`]. So a new kind of thing can be chosen in a scenario as soon as its registry has the line.
//!
//! A file with a `[matrix]` is many scenarios, one for each combination of the options that it sweeps: [`Matrix::load`] reads any file, and
//! [`Scenario::load`] one that sweeps nothing.
//!
//! Whatever is wrong with a text comes back at once, as [`Problems`]: file, line, column, what was expected, and the nearest right word.
//! [`scenario_schema`] is what editors check a file by, and [`describe()`] turns a declaration into lines for a person who asks what can be chosen.
#![allow(
    clippy::disallowed_methods,
    reason = "scenarios are files: this crate reads them, before anything runs"
)]

mod bonds;
mod choices;
mod describe;
mod expectations;
mod lines;
mod load;
pub mod matrix;
mod nearest;
mod overrides;
mod parse;
mod problem;
mod profile;
mod refusal;
mod registered;
mod registries;
mod render;
mod scenario;
mod schema;
pub mod sections;
mod settings;
mod table;
mod value;
mod when;
mod workload;
mod world;

pub use describe::{SettingLine, describe};
pub use lines::Position;
pub use load::LoadError;
pub use matrix::Matrix;
pub use overrides::Overrides;
pub use problem::Problem;
pub use profile::Profile;
pub use refusal::Refusal;
pub use registries::Registries;
pub use render::{Colour, Problems};
pub use scenario::{Choice, Claim, Comparison, Expectation, Measure, Scenario, WorkloadChoice};
pub use schema::scenario_schema;
