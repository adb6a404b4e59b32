//! Some requests are long on their way, so that later ones overtake them.

use super::registry::{CHANCE, FROM, STORE, WINDOW};
use super::schedule::{AT, EVERY};
use super::{Draw, Fate, FaultEntry, Strike};
use driftlab_model::draws::happens;
use driftlab_model::{Kind, Latency, Setting};
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "delay",
    summary: "some requests are long on their way, so that later ones overtake them",
    settings: &[
        STORE,
        FROM,
        AT,
        EVERY,
        WINDOW,
        CHANCE,
        Setting { name: "by", summary: "how much longer", kind: Kind::Latency, default: Some("exp(50ms)") },
    ],
    build: |settings| Ok(Rc::new(Delay { chance: settings.number("chance"), by: settings.latency("by") })),
};

struct Delay {
    chance: f64,
    by: Latency,
}

impl Strike for Delay {
    fn request(&self, fate: &mut Fate, draw: Draw<'_>) {
        if happens(self.chance, draw(0)) {
            fate.delay += self.by.sample(draw(1));
        }
    }
}
