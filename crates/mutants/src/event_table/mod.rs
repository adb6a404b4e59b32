//! Mutants of tables of events (outbox, change table) and of whoever reads them.

pub(crate) mod bookkeeping;
pub(crate) mod capacity;
pub(crate) mod capture;
pub(crate) mod order;
pub(crate) mod sequence;
