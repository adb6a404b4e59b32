//! The virtual world of driftlab: a deterministic executor, links, faults, a simulated database, log and stores.

pub mod database;
pub mod executor;
pub mod fault;
pub mod log;
pub mod store;
pub mod world;
