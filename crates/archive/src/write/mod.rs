//! Writes a history as it happens.

mod batch;
mod column;
mod error;
mod writer;

pub use error::WriteError;
pub use writer::{Writer, write};
