//! A node is down.

use super::registry::{FROM, STORE, lasting};
use super::schedule::{AT, EVERY};
use super::{Draw, Fate, FaultEntry, Strike};
use driftlab_model::{Kind, Setting};
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "outage",
    summary: "a store is down: requests are refused, or hang until their callers give up",
    settings: &[
        STORE,
        FROM,
        AT,
        EVERY,
        lasting("how long it is down", Some("5s")),
        Setting {
            name: "answer",
            summary: "what a caller meets meanwhile",
            kind: Kind::Choice(&[
                ("refuse", "the connection is refused at once"),
                ("hang", "no answer at all"),
            ]),
            default: Some("refuse"),
        },
    ],
    build: |settings| Ok(Rc::new(Outage { hangs: settings.word("answer") == "hang" })),
};

struct Outage {
    hangs: bool,
}

impl Strike for Outage {
    fn request(&self, fate: &mut Fate, _: Draw<'_>) {
        if self.hangs {
            fate.hangs = true;
        } else {
            fate.refuses = true;
        }
    }
}
