//! The simulated stores, one mechanism a file: pure state machines that know nothing of futures, links or faults.

mod registry;

pub use registry::{STORES, StoreEntry, StoreModel, Visible};
