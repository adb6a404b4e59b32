//! What driftlab's clients do: keys, arrivals, mixes, transactions, domain shapes with invariants.

mod registry;

pub use registry::{COMMON, Dataset, Operation, SHAPES, Shape, ShapeEntry};
