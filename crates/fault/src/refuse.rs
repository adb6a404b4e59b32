//! A node refuses some requests: overload, a conflict, a full disk.

use super::registry::BY_CHANCE;
use super::{Draw, Fate, FaultEntry, Strike};
use driftlab_model::draws::happens;
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "refuse",
    summary: "a store refuses some requests; they have no effect, and their callers know it",
    settings: BY_CHANCE,
    build: |settings| Ok(Rc::new(Refuse { chance: settings.number("chance") })),
};

struct Refuse {
    chance: f64,
}

impl Strike for Refuse {
    fn request(&self, fate: &mut Fate, draw: Draw<'_>) {
        if happens(self.chance, draw(0)) {
            fate.refuses = true;
        }
    }
}
