//! A process stands still and does not know it: a long collection of garbage, a virtual machine that is moved.

use super::registry::{PROCESS, lasting};
use super::schedule::{AT, EVERY};
use super::{Affliction, FaultEntry, Strike};
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "pause",
    summary: "a process stands still for a while, then goes on with what it knew, as a garbage collection or a moved machine does it",
    settings: &[PROCESS, AT, EVERY, lasting("how long it stands still", Some("5s"))],
    build: |_| Ok(Rc::new(Pause)),
};

struct Pause;

impl Strike for Pause {
    fn affliction(&self) -> Option<Affliction> {
        Some(Affliction::Pause)
    }
}
