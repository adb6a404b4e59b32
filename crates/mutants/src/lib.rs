//! Strategies with one seeded bug each, which the checker must catch by the right name.
//!
//! A verdict is worth what its checker is worth, and a checker that reports nothing may be blind. So each [`Mutant`] takes a strategy that is right,
//! breaks one thing in it as real pipelines have broken it, and names the anomalies by which it must be caught in the smallest
//! scenario that triggers it. The same scenario is run with the original, which must show nothing of the kind. And the checker itself is
//! mutated ([`sabotage`]): a checker that ignores deletions must let mutants live, or the mutants prove nothing.
//!
//! Most mutants are an [`Interposer`]: something between a strategy and its world that changes one call. Others are options of a
//! strategy, or small strategies written wrongly. Nothing but tests and the generator of `docs/mutants.md` depends on this crate.

mod batch;
mod cache_aside;
mod delivery;
mod dual_writes;
mod event_sourcing;
mod event_table;
mod hunt;
mod interposer;
mod log_cdc;
mod matrix;
mod mutant;
mod pursuit;
mod registry;
pub mod sabotage;

pub use hunt::{Catch, Survival, catch, judge, survive};
pub use interposer::Interposer;
pub use matrix::{Line, Matrix, pursuit_line};
pub use mutant::{Mutant, Mutation, Specimen};
pub use pursuit::{FEW, Pursuit, SCHEDULES, Witness, pursue};
pub use registry::MUTANTS;
