//! The simulated database keeps what its isolation level promises, and breaks what that level allows to be broken.

mod events;
mod fixture;
mod isolation;
mod locks;
mod log;
mod random;
mod snapshots;
mod telling;
mod transactions;
