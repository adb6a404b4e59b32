//! The ways of keeping copies in step that driftlab compares, one file each.

mod registry;

pub use registry::{STRATEGIES, StrategyEntry};
