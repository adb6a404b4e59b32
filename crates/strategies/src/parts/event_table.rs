//! Reading a table of events whose numbers come out of a sequence: the gap problem, and its cure.
//!
//! A sequence hands out its numbers when a statement runs, not when its transaction commits. So 101 can be committed, and read, while 100
//! belongs to a transaction that is still open. A reader who remembers "I have read up to 101" never sees 100.

use crate::parts::retry::persist;
use driftlab_model::port::{Ports, QueueEntry};
use driftlab_model::{Kind, Sequence, Setting, Settings};

/// What a reader of the event table makes of gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gaps {
    /// It reads past them.
    Ignore,
    /// It reads only what no open transaction can still fill a gap below.
    Wait,
}

impl Gaps {
    /// The setting `gaps`.
    pub(crate) const SETTING: Setting = Setting {
        name: "gaps",
        summary: "What the reader makes of a gap in the sequence, which a transaction may still fill.",
        kind: Kind::Choice(&[
            ("ignore", "reads past it: what commits there later is never read (poll by id)"),
            ("wait", "reads only below the lowest number that an open transaction holds"),
        ]),
        default: Some("ignore"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("gaps") {
            "wait" => Self::Wait,
            _ => Self::Ignore,
        }
    }

    /// Reads at most `limit` entries after a sequence, in order.
    pub(crate) async fn read(self, ports: &Ports, after: Sequence, limit: usize) -> Vec<QueueEntry> {
        let runtime = ports.runtime.as_ref();
        let page = persist(runtime, async || ports.source.poll(after, limit).await).await;
        let mut entries = page.entries;
        if self == Self::Wait {
            entries.retain(|entry| entry.sequence < page.settled_below);
        }
        entries
    }
}
