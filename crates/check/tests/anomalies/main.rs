//! Every anomaly in the shortest history that shows it, and the same history without the fault, in which nothing is to be found.

mod caches;
mod deletes;
mod effects;
#[path = "../history/mod.rs"]
mod history;
mod measures;
mod newcomers;
mod order;
mod sinks;
mod uncommitted;
mod whole;
