//! Some requests take effect and their replies are lost: the caller cannot know.

use super::registry::BY_CHANCE;
use super::{Draw, Fate, FaultEntry, Strike};
use driftlab_model::draws::happens;
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "lose_reply",
    summary: "some requests take effect but their reply is lost; their callers wait until they give up and cannot know",
    settings: BY_CHANCE,
    build: |settings| Ok(Rc::new(LoseReply { chance: settings.number("chance") })),
};

struct LoseReply {
    chance: f64,
}

impl Strike for LoseReply {
    fn request(&self, fate: &mut Fate, draw: Draw<'_>) {
        if happens(self.chance, draw(0)) {
            fate.loses_reply = true;
        }
    }
}
