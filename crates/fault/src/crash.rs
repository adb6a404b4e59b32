//! A process dies, at any `await`, and is started again later.

use super::registry::{lasting, target};
use super::schedule::{AT, EVERY};
use super::{Affliction, FaultEntry, Strike};
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "crash",
    summary: "a process dies: what it had in memory is gone, what it had sent still arrives; it is started again later",
    settings: &[
        target(
            "the process: `app` (all clients), `background` (all of the strategy's), `client-3`, `relay`, `consumer.search`, …",
            "app",
        ),
        AT,
        EVERY,
        lasting("how long it stays down", Some("1s")),
    ],
    build: |_| Ok(Rc::new(Crash)),
};

struct Crash;

impl Strike for Crash {
    fn affliction(&self) -> Option<Affliction> {
        Some(Affliction::Crash)
    }
}
