//! A sink loses what it held: a cache that was restarted, an index that somebody deleted, a disk that had to be replaced.

use super::registry::{lasting, target};
use super::schedule::{AT, EVERY};
use super::{FaultEntry, Strike};
use driftlab_model::Setting;
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "wipe",
    summary: "a sink loses all that it held, and the position that was saved with it: it is there again at once, and empty",
    settings: &[
        target("the sink; `*` for all of them", "*"),
        Setting { default: Some("1s"), ..AT },
        EVERY,
        lasting(
            "nothing happens meanwhile: recovery is measured from its end, by when the loss has to be staler than is usual",
            Some("100ms"),
        ),
    ],
    build: |_| Ok(Rc::new(Wipe)),
};

struct Wipe;

impl Strike for Wipe {
    fn wipes(&self) -> bool {
        true
    }
}
