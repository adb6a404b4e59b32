//! Mutants of writing database and copies one after another.

pub(crate) mod errors;
pub(crate) mod order;
