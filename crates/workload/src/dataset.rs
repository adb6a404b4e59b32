//! Real rows, however they were read.

use driftlab_model::{Key, Schema, Value};
use std::sync::Arc;

/// The tables and rows of a real database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    /// Its tables.
    pub schema: Schema,
    /// Its rows, by table and key.
    pub rows: Vec<(Key, Arc<[Value]>)>,
}
