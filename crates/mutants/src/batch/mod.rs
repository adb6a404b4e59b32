//! Mutants of jobs that copy rows at a fixed rate.

pub(crate) mod deletions;
pub(crate) mod loading;
pub(crate) mod reading;
pub(crate) mod watermark;
