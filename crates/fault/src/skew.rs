//! The wall clock of a process's host is wrong.

use super::registry::{lasting, target};
use super::schedule::{AT, EVERY};
use super::{Affliction, FaultEntry, Strike};
use driftlab_model::{Kind, Setting};
use std::rc::Rc;

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "skew",
    summary: "the wall clock of a process's host is behind or ahead; `source` stands for the database's own clock",
    settings: &[
        target("the process whose clock is wrong, or `source`", "app"),
        AT,
        EVERY,
        lasting("how long it is wrong", Some("1h")),
        Setting {
            name: "behind",
            summary: "by how much the clock is behind",
            kind: Kind::Span,
            default: Some("0"),
        },
        Setting {
            name: "ahead",
            summary: "by how much the clock is ahead",
            kind: Kind::Span,
            default: Some("0"),
        },
    ],
    build: |settings| {
        let nanos = |name| i64::try_from(settings.span(name).nanos()).unwrap_or(i64::MAX);
        Ok(Rc::new(Skew { nanos: nanos("ahead") - nanos("behind") }))
    },
};

struct Skew {
    nanos: i64,
}

impl Strike for Skew {
    fn affliction(&self) -> Option<Affliction> {
        Some(Affliction::Skew(self.nanos))
    }
}
