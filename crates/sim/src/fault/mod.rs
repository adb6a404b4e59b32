//! Faults, one kind a file.

mod registry;

pub use registry::{FAULTS, FaultEntry};
