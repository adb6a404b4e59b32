//! What every sink keeps beside its rows, simulated or real: which rules it follows does not depend on what it is made of.
//!
//! - [`Intake`]: which loads are under way, which was published last, and the bookmark of the last atomic step.
//! - [`Leases`]: permissions to fill missing keys of a cache.
//! - [`Total`]: what the effects on one key of a warehouse add up to.

mod intake;
mod leases;
mod total;

pub use intake::{Intake, Staging};
pub use leases::Leases;
pub use total::Total;
