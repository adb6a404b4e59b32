//! The registry of real stores: adding one is one file and one line here.

use super::{Backend, Durability, StoreError, cache, search, warehouse};
use driftlab_model::{Schema, Settings, SinkKind};
use std::path::PathBuf;

/// What the registry says of a real store.
#[derive(Clone, Copy)]
pub struct BackendEntry {
    /// Its name in scenarios, the same as that of the virtual store whose part it takes.
    pub name: &'static str,
    /// What it is made of, in one sentence.
    pub summary: &'static str,
    /// Its kind.
    pub kind: SinkKind,
    /// What the virtual store of this name can be told to do and this one cannot.
    pub inapt: &'static [Inapt],
    /// Opens it: empty in an empty folder, as it was left in one that was used before.
    pub open: OpenBackend,
}

/// A setting of the virtual store that means nothing to the real one, so that a scenario which depends on it would be about something else.
#[derive(Clone, Copy, Debug)]
pub struct Inapt {
    /// The setting.
    pub setting: &'static str,
    /// Why, after the store's name: `takes a bulk request whole`.
    pub reason: &'static str,
}

/// Opens a store in its place, from the settings that the virtual store of the same name declares, complete.
///
/// Settings that the real one has no use for are ignored; those that contradict each other were refused when the scenario was read.
pub type OpenBackend = fn(&Settings, &Place) -> Result<Box<dyn Backend>, StoreError>;

/// Where a store lives, and what it may know of the source.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its folder, its alone; made where it does not exist.
    pub folder: PathBuf,
    /// The source's tables: names and types of columns, for stores that keep typed columns. Rows that do not fit it are kept all the same.
    pub schema: Schema,
    /// What a promise to keep something is worth.
    pub durability: Durability,
}

/// All real stores, in the order of help.
pub const BACKENDS: &[BackendEntry] = &[cache::ENTRY, search::ENTRY, warehouse::ENTRY];

impl BackendEntry {
    /// The entry of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        BACKENDS.iter().find(|entry| entry.name == name)
    }
}
