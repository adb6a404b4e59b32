//! driftlab's scenario files: TOML to a typed scenario, with errors that point at the line.

mod scenario;

pub use scenario::{Choice, Claim, Comparison, Expectation, Measure, Scenario, WorkloadChoice};
