//! Rows, keys and ledgers as text.

mod canonical;
mod fields;
mod key;
mod ledger;
mod row;
mod scalar;

pub(crate) use fields::Fields;
pub(crate) use key::{read_key, write_key};
pub(crate) use ledger::{read_ledger, write_ledger};
pub(crate) use row::{plain_row, read_row, write_row};
