//! What requests ask, as far as it decides how long they take.

use crate::port::{Capture, Request};

/// A kind of request to a source, a log, a checkpoint store or a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestKind {
    /// A client's transaction.
    Transaction,
    /// One that writes its changes into the outbox too.
    TransactionWithOutbox,
    /// One that marks rows as deleted.
    TransactionWithMarks,
    /// One whose changes triggers write down.
    TransactionWithTriggers,
    /// One that says in the log who it is.
    TransactionInLog,
    /// A row of the source.
    ReadRow,
    /// The event table.
    Poll,
    /// Removes events.
    Remove,
    /// Opens a snapshot.
    OpenSnapshot,
    /// A page of a snapshot.
    Scan,
    /// Writes a watermark.
    Mark,
    /// Makes a replication slot.
    CreateSlot,
    /// Commits, through a slot.
    ReadSlot,
    /// Moves a slot on.
    Acknowledge,
    /// A slot's position.
    Confirmed,
    /// Events into the log.
    Append,
    /// Events out of the log.
    ReadLog,
    /// Keeps a position.
    Save,
    /// A position that was kept.
    Load,
    /// [`Request::Get`].
    Get,
    /// [`Request::Put`].
    Put,
    /// [`Request::Bulk`].
    Bulk,
    /// [`Request::Apply`].
    Apply,
    /// [`Request::Bookmark`].
    Bookmark,
    /// [`Request::Invalidate`].
    Invalidate,
    /// [`Request::GetOrLease`].
    GetOrLease,
    /// [`Request::Fill`].
    Fill,
    /// [`Request::Stage`].
    Stage,
    /// [`Request::Publish`].
    Publish,
    /// [`Request::Complete`].
    Complete,
    /// [`Request::Clear`].
    Clear,
    /// [`Request::Keys`].
    Keys,
    /// What a sink does by itself to show what it has taken: the refresh of a search index. Nobody asks for it.
    Refresh,
}

impl RequestKind {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 33] = [
        (Self::Transaction, "transaction"),
        (Self::TransactionWithOutbox, "transaction_with_outbox"),
        (Self::TransactionWithMarks, "transaction_with_marks"),
        (Self::TransactionWithTriggers, "transaction_with_triggers"),
        (Self::TransactionInLog, "transaction_in_log"),
        (Self::ReadRow, "read_row"),
        (Self::Poll, "poll"),
        (Self::Remove, "remove"),
        (Self::OpenSnapshot, "open_snapshot"),
        (Self::Scan, "scan"),
        (Self::Mark, "mark"),
        (Self::CreateSlot, "create_slot"),
        (Self::ReadSlot, "read_slot"),
        (Self::Acknowledge, "acknowledge"),
        (Self::Confirmed, "confirmed"),
        (Self::Append, "append"),
        (Self::ReadLog, "read_log"),
        (Self::Save, "save"),
        (Self::Load, "load"),
        (Self::Get, "get"),
        (Self::Put, "put"),
        (Self::Bulk, "bulk"),
        (Self::Apply, "apply"),
        (Self::Bookmark, "bookmark"),
        (Self::Invalidate, "invalidate"),
        (Self::GetOrLease, "get_or_lease"),
        (Self::Fill, "fill"),
        (Self::Stage, "stage"),
        (Self::Publish, "publish"),
        (Self::Complete, "complete"),
        (Self::Clear, "clear"),
        (Self::Keys, "keys"),
        (Self::Refresh, "refresh"),
    ];

    /// Its name in profiles.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// The kind of a transaction: what the application adds to it, whether triggers fire, whether somebody reads it in the log.
    #[must_use]
    pub const fn of_transaction(capture: Capture, has_triggers: bool, is_streamed: bool) -> Self {
        match capture {
            Capture::Outbox => Self::TransactionWithOutbox,
            Capture::SoftDeletes => Self::TransactionWithMarks,
            Capture::Nothing if has_triggers => Self::TransactionWithTriggers,
            Capture::Nothing if is_streamed => Self::TransactionInLog,
            Capture::Nothing => Self::Transaction,
        }
    }

    /// The kind of a request to a sink.
    #[must_use]
    pub const fn of_request(request: &Request) -> Self {
        match request {
            Request::Get(_) => Self::Get,
            Request::Put(_) => Self::Put,
            Request::Bulk(_) => Self::Bulk,
            Request::Apply { .. } => Self::Apply,
            Request::Bookmark => Self::Bookmark,
            Request::Invalidate(_) => Self::Invalidate,
            Request::GetOrLease(_) => Self::GetOrLease,
            Request::Fill { .. } => Self::Fill,
            Request::Stage { .. } => Self::Stage,
            Request::Publish { .. } => Self::Publish,
            Request::Complete => Self::Complete,
            Request::Clear => Self::Clear,
            Request::Keys { .. } => Self::Keys,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = RequestKind::ALL.iter().map(|(_, name)| *name).collect();
        assert_eq!(names.len(), RequestKind::ALL.len());
        for (kind, name) in RequestKind::ALL {
            assert_eq!((kind.name(), RequestKind::named(name)), (name, Some(kind)));
        }
        assert_eq!(RequestKind::named("dance"), None);
    }
}
