//! The strategies on real stores: what is measured, and the table that `cargo bench` ends with.

mod measured;
mod table;
mod trial;

pub use measured::{Measured, MeasuredCopy};
pub use table::{Report, Section};
pub use trial::{Load, Trial};
