//! From pages to row changes.

mod decode;
mod diff;
mod keyed;
mod leaves;
mod same;

pub(crate) use decode::RowDecoder;
pub(crate) use diff::{Side, diff};
