//! The simulated stores, one mechanism a file: pure state machines that know nothing of futures, links or faults.
//!
//! The kinds are `cache`, `search` and `warehouse`; the last takes changes as `rows` (merge), `versions` (append) or `totals` (sum). They
//! stand on shared mechanisms: `versioned` (rows with versions, tombstones, and what readers have not seen yet) and `intake` (staged loads,
//! the bookmark); a cache adds a `chain` for age and recency. What they have in common with real stores is in [`driftlab_sink`].

mod cache;
mod chain;
mod effects;
mod intake;
mod registry;
mod rows;
mod search;
mod totals;
mod versioned;
mod versions;
mod warehouse;

#[cfg(test)]
mod tests;

pub use registry::{BuildStore, STORES, StoreEntry, StoreModel, Visible};
