//! A node is slow.

use super::registry::{FROM, STORE, lasting};
use super::schedule::{AT, EVERY};
use super::{Draw, Fate, FaultEntry, Strike};
use driftlab_model::{Kind, Setting};
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "slow",
    summary: "a store serves every request so many times slower",
    settings: &[
        STORE,
        FROM,
        AT,
        EVERY,
        lasting("how long it is slow", Some("5s")),
        Setting {
            name: "factor",
            summary: "how many times slower",
            kind: Kind::Number(1.0, 1e6),
            default: Some("10"),
        },
    ],
    build: |settings| Ok(Rc::new(Slow { factor: settings.number("factor") })),
};

struct Slow {
    factor: f64,
}

impl Strike for Slow {
    fn request(&self, fate: &mut Fate, _: Draw<'_>) {
        fate.slowness *= self.factor;
    }
}
