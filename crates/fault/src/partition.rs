//! The network between some processes and a node is cut: nothing arrives, nobody is told.

use super::registry::{FROM, STORE, lasting};
use super::schedule::{AT, EVERY};
use super::{Draw, Fate, FaultEntry, Strike};
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "partition",
    summary: "the network between some processes and a store is cut: requests vanish, and their callers wait until they give up",
    settings: &[STORE, FROM, AT, EVERY, lasting("how long the network is cut", Some("5s"))],
    build: |_| Ok(Rc::new(Partition)),
};

struct Partition;

impl Strike for Partition {
    fn request(&self, fate: &mut Fate, _: Draw<'_>) {
        fate.loses_request = true;
    }
}
