//! The registry of shapes: adding one is one file and one line here.

use crate::common;
use crate::dataset::Dataset;
use crate::shape::Shape;
use crate::shapes::{bank, counters, database, kv, orders, seats, ycsb};
use driftlab_model::{Contradiction, Setting, Settings};
use std::rc::Rc;
use std::sync::Arc;

/// What the registry says of a shape.
#[derive(Clone, Copy, Debug)]
pub struct ShapeEntry {
    /// Its name in scenarios.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub summary: &'static str,
    /// What a scenario can choose for it, beside what every workload takes ([`COMMON`](crate::COMMON)).
    pub settings: &'static [Setting],
    /// Whether it needs the rows of a real database.
    pub needs_dataset: bool,
    /// Makes it from the settings (its own and the common ones), the seed, and the dataset where it needs one.
    pub build: Build,
}

/// Makes a shape, or says which settings contradict each other.
pub type Build = fn(&Settings, u64, Option<&Arc<Dataset>>) -> Result<Rc<dyn Shape>, Contradiction>;

/// All shapes, in the order of help.
pub const SHAPES: &[ShapeEntry] = &[
    kv::ENTRY,
    orders::ENTRY,
    seats::ENTRY,
    bank::ENTRY,
    counters::ENTRY,
    ycsb::A,
    ycsb::B,
    ycsb::C,
    ycsb::D,
    ycsb::E,
    ycsb::F,
    database::ENTRY,
];

impl ShapeEntry {
    /// The entry of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SHAPES.iter().find(|entry| entry.name == name)
    }

    /// Finds contradictions in the settings as far as that is possible without a dataset.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(&self, settings: &Settings) -> Result<(), Contradiction> {
        if self.needs_dataset {
            return common::check(settings);
        }
        (self.build)(settings, 0, None).map(|_| ())
    }
}
