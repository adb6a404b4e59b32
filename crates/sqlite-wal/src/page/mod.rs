//! The format of database pages: <https://www.sqlite.org/fileformat2.html>.

mod cell;
mod database;
mod node;
mod payload;
mod record;
mod sets;
mod source;
mod varint;

pub use cell::Cell;
pub use database::{DatabaseHeader, Encoding};
pub(crate) use node::Shape;
pub use node::{Node, NodeKind};
pub(crate) use payload::{overflow_pages, payload};
pub use record::Record;
pub(crate) use sets::{PageMap, PageSet};
pub(crate) use source::{Bytes, Pages, Part, database_header};
pub use varint::varint;

/// A page that does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The page, counted from 1.
    pub page: u32,
    /// What is wrong with it.
    pub what: &'static str,
}

impl Damage {
    pub(crate) const fn new(page: u32, what: &'static str) -> Self {
        Self { page, what }
    }
}
