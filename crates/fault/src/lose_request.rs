//! Some requests never arrive.

use super::registry::BY_CHANCE;
use super::{Draw, Fate, FaultEntry, Strike};
use driftlab_model::draws::happens;
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "lose_request",
    summary: "some requests never arrive; their callers wait until they give up and cannot know",
    settings: BY_CHANCE,
    build: |settings| Ok(Rc::new(LoseRequest { chance: settings.number("chance") })),
};

struct LoseRequest {
    chance: f64,
}

impl Strike for LoseRequest {
    fn request(&self, fate: &mut Fate, draw: Draw<'_>) {
        if happens(self.chance, draw(0)) {
            fate.loses_request = true;
        }
    }
}
