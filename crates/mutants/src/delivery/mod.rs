//! Mutants of the last leg: what is written into a copy, under which key and which version.

pub(crate) mod images;
pub(crate) mod keys;
pub(crate) mod versions;
