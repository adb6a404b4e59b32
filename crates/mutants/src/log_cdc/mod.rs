//! Mutants of log-based capture: the connector, the log, the consumers.

pub(crate) mod bootstrap;
pub(crate) mod consumer;
pub(crate) mod decoding;
pub(crate) mod position;
pub(crate) mod producer;
pub(crate) mod transactions;
