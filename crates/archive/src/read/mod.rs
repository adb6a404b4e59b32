//! Reads a history back, and refuses what is none.

mod assembler;
mod attribution;
mod commit;
mod error;
mod file;
mod names;
mod order;
mod reader;
mod sheet;

pub use error::ReadError;
pub use file::is_decoding;
pub use reader::{Reader, read};
