//! The virtual world of driftlab: a deterministic executor, links, faults, a simulated database, log and stores.
//!
//! A five-minute tour, from the ground up:
//!
//! - [`executor`] runs tasks in virtual time: one thread, timers of a nanosecond, wakers that are a number. Crashing a process is dropping its task.
//! - Every choice is one of [`driftlab_model::draws`]: a hash of seed, name, purpose and subject.
//! - [`database`], [`log`] and [`store`] are state machines without time or chance of their own: an MVCC database with locks, a write-ahead log and slots; a partitioned
//!   log; cache, search index and warehouse.
//! - [`schedule`] says who goes first where a scenario leaves that open: how long legs take, or who chooses among them.
//! - [`world`] puts them together: it carries requests over links into queues, follows processes through crashes, and runs from the first write until nobody has work left.

pub mod database;
pub mod executor;
pub mod log;
pub mod schedule;
pub mod store;
pub mod world;
