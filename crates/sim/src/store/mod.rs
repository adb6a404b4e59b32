//! The simulated stores, one mechanism a file: pure state machines that know nothing of futures, links or faults.
//!
//! The kinds are `cache`, `search` and `warehouse`; the last takes changes as `rows` (merge), `versions` (append) or `totals` (sum). They
//! stand on shared mechanisms: `versioned` (rows with versions, tombstones, and what readers have not seen yet) and `intake` (staged loads,
//! the bookmark); a cache adds `leases` and a `chain` for age and recency.

mod cache;
mod chain;
mod effects;
mod intake;
mod leases;
mod registry;
mod rows;
mod search;
mod total;
mod totals;
mod versioned;
mod versions;
mod warehouse;

#[cfg(test)]
mod tests;

pub use registry::{BuildStore, STORES, StoreEntry, StoreModel, Visible};
