//! The registry of shapes: adding one is one file and one line here.

use driftlab_model::{Contradiction, Invariant, Key, Schema, Setting, Settings, Transaction, Value};
use std::rc::Rc;
use std::sync::Arc;

/// What the registry says of a shape.
#[derive(Clone, Copy)]
pub struct ShapeEntry {
    /// Its name in scenarios.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub summary: &'static str,
    /// What a scenario can choose for it, beside what every workload takes ([`COMMON`]).
    pub settings: &'static [Setting],
    /// Whether it needs the rows of a real database.
    pub needs_dataset: bool,
    /// Makes it from the settings (its own and the common ones), the seed, and the dataset where it needs one.
    pub build: fn(&Settings, u64, Option<&Arc<Dataset>>) -> Result<Rc<dyn Shape>, Contradiction>,
}

/// The tables and rows of a real database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    /// Its tables.
    pub schema: Schema,
    /// Its rows, by table and key.
    pub rows: Vec<(Key, Arc<[Value]>)>,
}

/// A domain: its tables, its first rows, what its clients do, and the rules that hold in it.
///
/// Operations are a pure function of seed and index: an operation does not know which came before it, so leaving one out changes no other.
pub trait Shape {
    /// Its tables.
    fn schema(&self) -> Schema;
    /// The rows that are there before anybody writes.
    fn load(&self) -> Vec<(Key, Arc<[Value]>)>;
    /// The operation with this index.
    fn operation(&self, index: u64) -> Operation;
    /// The rules of the domain, for the checker.
    fn invariants(&self) -> Vec<Box<dyn Invariant>> {
        Vec::new()
    }
}

/// What a client does.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// A transaction; its id is the operation's index.
    Write(Transaction),
    /// A read of one key, through a copy.
    Read(Key),
}

/// The settings that every workload takes.
pub const COMMON: &[Setting] = &[];

/// All shapes, in the order of help.
pub const SHAPES: &[ShapeEntry] = &[];

impl ShapeEntry {
    /// The entry of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SHAPES.iter().find(|entry| entry.name == name)
    }
}
