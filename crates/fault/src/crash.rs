//! A process dies, at any `await`, and is started again later.

use super::registry::{PROCESS, lasting};
use super::schedule::{AT, EVERY};
use super::{Affliction, FaultEntry, Strike};
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "crash",
    summary: "a process dies: what it had in memory is gone, what it had sent still arrives; it is started again later",
    settings: &[PROCESS, AT, EVERY, lasting("how long it stays down", Some("1s"))],
    build: |_| Ok(Rc::new(Crash)),
};

struct Crash;

impl Strike for Crash {
    fn affliction(&self) -> Option<Affliction> {
        Some(Affliction::Crash)
    }
}
