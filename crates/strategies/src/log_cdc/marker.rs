//! The connector's own words in the stream: each consumer meets them after all that came before, and before all that comes after.
//!
//! A slot can be lost: dropped by hand, invalidated because it held back too much of the log, gone with a failover. A stream that simply goes on behind
//! the gap is the silent loss that people find weeks later. Therefore the gap is declared, in the stream, where it is.

use driftlab_model::{Change, ChangeEvent, Key, Lsn, TableId, TransactionId, Version, WriteId};

/// What the connector has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    /// Changes before this place may be missing from the stream.
    Gap,
    /// The first copy is wholly in the stream before this place.
    Copied,
}

impl Marker {
    /// A word ([`ChangeEvent::is_word`]): no change can be mistaken for it.
    pub(crate) fn event(self, position: Lsn) -> ChangeEvent {
        ChangeEvent {
            position,
            transaction: TransactionId::default(),
            index: self as u32,
            of: Some(0),
            change: Change {
                key: Key::new(TableId::default(), &[]),
                before: None,
                after: None,
                write: WriteId::default(),
                version: Version::default(),
            },
        }
    }

    /// The marker that an event is, if it is one.
    pub(crate) fn of(event: &ChangeEvent) -> Option<Self> {
        event.is_word().then_some(if event.index == Self::Gap as u32 { Self::Gap } else { Self::Copied })
    }
}
