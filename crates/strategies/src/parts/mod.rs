//! What strategies share, one concept a file.

pub(crate) mod anomalies;
pub(crate) mod applier;
pub(crate) mod delivery;
pub(crate) mod event_table;
pub(crate) mod grouping;
pub(crate) mod guess;
pub(crate) mod halt;
pub(crate) mod key_diff;
pub(crate) mod newcomer;
pub(crate) mod pages;
pub(crate) mod position;
pub(crate) mod relay;
pub(crate) mod retry;
pub(crate) mod schedule;
pub(crate) mod swap;
