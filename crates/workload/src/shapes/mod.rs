//! The shapes, one a file.

pub(crate) mod bank;
pub(crate) mod counters;
pub(crate) mod database;
pub(crate) mod kv;
pub(crate) mod orders;
pub(crate) mod seats;
pub(crate) mod ycsb;
