//! Some requests arrive twice.

use super::registry::{CHANCE, FROM, STORE, WINDOW};
use super::schedule::{AT, EVERY};
use super::{Draw, Fate, FaultEntry, Strike};
use driftlab_model::draws::happens;
use driftlab_model::{Kind, Latency, Setting};
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "repeat",
    summary: "some requests arrive once more, later: a proxy or a driver sent them again",
    settings: &[
        STORE,
        FROM,
        AT,
        EVERY,
        WINDOW,
        CHANCE,
        Setting {
            name: "after",
            summary: "how much later the second one arrives",
            kind: Kind::Latency,
            default: Some("exp(50ms)"),
        },
    ],
    build: |settings| {
        Ok(Rc::new(Repeat { chance: settings.number("chance"), after: settings.latency("after") }))
    },
};

struct Repeat {
    chance: f64,
    after: Latency,
}

impl Strike for Repeat {
    fn request(&self, fate: &mut Fate, draw: Draw<'_>) {
        if happens(self.chance, draw(0)) {
            fate.repeats_after = Some(self.after.sample(draw(1)));
        }
    }
}
