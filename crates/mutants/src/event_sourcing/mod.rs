//! Mutants of event sourcing: how events are appended, how streams are folded, what projections make of them, and what becomes of the events of other releases.

pub(crate) mod appending;
pub(crate) mod folding;
pub(crate) mod projecting;
pub(crate) mod releases;

use driftlab_model::{Schema, TableId, Value};

/// A table of the domain.
fn table(schema: &Schema, name: &str) -> TableId {
    let found = schema.tables().find(|(_, table)| table.name == name);
    found.map(|(id, _)| id).expect("event sourcing is run on the tables that it understands")
}

/// The columns of an event, as `event_sourcing` stores it.
const VERSION: usize = 1;
const TYPE: usize = 2;

/// A row with another value in one column.
fn with(values: &[Value], column: usize, value: &Value) -> std::sync::Arc<[Value]> {
    values.iter().enumerate().map(|(place, old)| if place == column { value } else { old }).cloned().collect()
}
