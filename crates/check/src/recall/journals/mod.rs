//! The stores that keep something of the past, each as a journal.

mod date;
mod event_table;
mod log;
mod tables;
mod versions;

pub(super) use date::date;
pub(super) use event_table::event_table;
pub(super) use log::log;
pub(super) use tables::tables;
pub(super) use versions::versions;
