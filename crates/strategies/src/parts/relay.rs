//! The message relay: reads a table of events, publishes them, and marks them as sent.

use crate::parts::applier::Applier;
use crate::parts::event_table::Gaps;
use crate::parts::grouping::{Group, Grouper, Grouping};
use crate::parts::position::{Position, save, saved};
use crate::parts::retry::persist;
use crate::parts::schedule::FixedRate;
use driftlab_model::port::Ports;
use driftlab_model::{Bookmark, Contradiction, Kind, Sequence, Setting, Settings, Span};

/// The setting `poll`.
pub(crate) const POLL: Setting = Setting {
    name: "poll",
    summary: "How often the event table is read.",
    kind: Kind::Span,
    default: Some("100ms"),
};

/// The setting `batch`.
pub(crate) const BATCH: Setting = Setting {
    name: "batch",
    summary: "How many events are read at once, at most.",
    kind: Kind::Count(1, 1_000_000),
    default: Some("500"),
};

/// When events are marked as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// After the sinks have them: a crash between the two sends them again.
    AfterPublish,
    /// Before: a crash between the two never sends them.
    BeforePublish,
}

impl Mark {
    /// The setting `mark`.
    pub(crate) const SETTING: Setting = Setting {
        name: "mark",
        summary: "When events are marked as sent.",
        kind: Kind::Choice(&[
            ("after_publish", "once the sinks have them: a crash sends them again (at least once)"),
            ("before_publish", "before: a crash loses them (at most once)"),
        ]),
        default: Some("after_publish"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("mark") {
            "before_publish" => Self::BeforePublish,
            _ => Self::AfterPublish,
        }
    }
}

/// How events are marked as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remove {
    /// By remembering the last sequence.
    KeepPosition,
    /// By deleting them: what is left in the table is what is still to be sent.
    DeleteRows,
}

impl Remove {
    /// The setting `remove`.
    pub(crate) const SETTING: Setting = Setting {
        name: "remove",
        summary: "How events are marked as sent.",
        kind: Kind::Choice(&[
            ("keep_position", "the last sequence is remembered"),
            ("delete_rows", "they are deleted, and each poll reads what is left"),
        ]),
        default: Some("keep_position"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("remove") {
            "delete_rows" => Self::DeleteRows,
            _ => Self::KeepPosition,
        }
    }
}

/// A relay's options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relay {
    pub(crate) poll: Span,
    pub(crate) batch: usize,
    pub(crate) gaps: Gaps,
    pub(crate) mark: Mark,
    pub(crate) remove: Remove,
    pub(crate) applier: Applier,
}

/// The name under which the position is saved. Relays that run side by side share it, as they share the table.
const POSITION: &str = "relay";

impl Relay {
    /// Refuses options that contradict each other.
    pub(crate) fn check(&self) -> Result<(), Contradiction> {
        if self.remove == Remove::KeepPosition {
            return Ok(());
        }
        if self.applier.position == Position::WithData {
            return Err(Contradiction::at(
                "position",
                "with remove = \"delete_rows\" there is no position to save with the data: the table holds what is left",
            ));
        }
        if self.applier.grouping == Grouping::Transactions {
            return Err(Contradiction::at(
                "apply",
                "with remove = \"delete_rows\" a poll may see part of a transaction only: use remove = \"keep_position\"",
            ));
        }
        Ok(())
    }

    /// Runs for ever.
    ///
    /// It serves the sinks in turn, so one that is down holds up the others.
    pub(crate) async fn run(self, ports: &Ports) {
        let runtime = ports.runtime.as_ref();
        let mut cursor = Sequence::from(saved(ports, POSITION).await);
        let mut marked = Bookmark::from(cursor);
        let mut reached = Vec::new();
        for sink in &ports.sinks {
            reached.push(self.applier.reached(runtime, sink).await);
        }
        let mut grouper = Grouper::new(self.applier.grouping);
        let mut schedule = FixedRate::new(runtime, self.poll);
        let mut has_more = false;
        loop {
            if !has_more {
                schedule.tick(runtime).await;
            }
            runtime.round();
            let entries = self.gaps.read(ports, cursor, self.batch).await;
            has_more = entries.len() == self.batch;
            let mut groups = Vec::new();
            for entry in entries {
                groups.extend(grouper.push(entry.event, cursor.into(), entry.sequence.into()));
                cursor = entry.sequence;
            }
            if self.mark == Mark::BeforePublish {
                self.mark(ports, &groups, grouper.resume_from(cursor.into()), &mut marked).await;
            }
            for (sink, reached) in ports.sinks.iter().zip(&mut reached) {
                // A relay has the events of this round and no others: what the sink has lost beside them cannot be sent again.
                while self.applier.apply(runtime, sink, &groups, reached).await.is_err() {}
            }
            if self.mark == Mark::AfterPublish {
                self.mark(ports, &groups, grouper.resume_from(cursor.into()), &mut marked).await;
            }
            if self.remove == Remove::DeleteRows {
                cursor = Sequence::default();
            }
        }
    }

    /// Makes sure that a later start does not send these events again.
    async fn mark(&self, ports: &Ports, groups: &[Group], position: Bookmark, marked: &mut Bookmark) {
        match self.remove {
            Remove::KeepPosition if position > *marked => {
                save(ports, POSITION, position).await;
                *marked = position;
            }
            Remove::DeleteRows if !groups.is_empty() => {
                let sent: Vec<Sequence> = groups.iter().map(|group| group.end.into()).collect();
                persist(ports.runtime.as_ref(), async || ports.source.remove(sent.clone()).await).await;
            }
            _ => {}
        }
    }
}
