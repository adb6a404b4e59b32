//! The virtual world of driftlab: a deterministic executor, links, faults, a simulated database, log and stores.

pub mod fault;
pub mod store;
