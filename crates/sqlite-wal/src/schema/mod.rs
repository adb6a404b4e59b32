//! Tables: what their rows mean.

mod catalog;
mod changes;
mod describe;
mod generated;
mod table;

pub(crate) use catalog::{Catalog, TableId};
pub(crate) use changes::{Changes, compare};
pub(crate) use generated::Generated;
pub use table::{Column, Schema, Table};
