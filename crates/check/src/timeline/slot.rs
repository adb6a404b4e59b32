//! What a sink shows of a key.

use super::versions::{KeyEntry, NO_VERSION, VersionNo};
use driftlab_model::{Row, Time};

/// What is shown.
///
/// As wide as the versions beside it, so that a [`State`] has no holes and is copied as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Kind {
    /// Nothing yet: the sink started empty and its first load is not complete.
    Unclaimed,
    /// A committed row.
    Row,
    /// No row, and it is known which deletion took it away.
    Deleted,
    /// No row, and nobody knows why.
    Missing,
    /// Nothing is claimed: a cache does not hold the key.
    NotHeld,
    /// A row that is not committed, not now at least.
    ForeignRow,
    /// No row, because of a deletion that is not committed, not now at least.
    ForeignDeletion,
}

/// What is shown, as versions.
///
/// An absence may be that of several versions, and a reader cannot tell which. So there are two bounds: what is surely shown and what
/// may be shown. Verdicts that accuse use whichever of them speaks for the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) kind: Kind,
    /// The version that is surely shown; [`NO_VERSION`] where that is not known.
    pub(crate) exact: VersionNo,
    /// The newest version that looks like what is shown: [`NO_VERSION`] where none does, the highest number where nothing is claimed.
    pub(crate) latest: VersionNo,
}

/// Newer than every version.
pub(crate) const BEYOND: VersionNo = VersionNo::MAX;

impl State {
    pub(crate) const NOT_HELD: Self = Self { kind: Kind::NotHeld, exact: NO_VERSION, latest: BEYOND };
    pub(crate) const UNCLAIMED: Self = Self { kind: Kind::Unclaimed, exact: NO_VERSION, latest: BEYOND };

    pub(crate) const fn row(version: VersionNo) -> Self {
        Self { kind: Kind::Row, exact: version, latest: version }
    }

    /// An absence of which nobody knows the reason. It is surely one version only where the key was absent in no other.
    pub(crate) const fn missing(key: &KeyEntry) -> Self {
        let exact = if key.absences == 1 { key.last_absence } else { NO_VERSION };
        Self { kind: Kind::Missing, exact, latest: key.last_absence }
    }

    pub(crate) const fn is_absence(self) -> bool {
        matches!(self.kind, Kind::Deleted | Kind::Missing | Kind::ForeignDeletion)
    }

    pub(crate) const fn is_foreign(self) -> bool {
        matches!(self.kind, Kind::ForeignRow | Kind::ForeignDeletion)
    }

    /// Whether the sink claims something of the key.
    pub(crate) const fn claims(self) -> bool {
        !matches!(self.kind, Kind::NotHeld | Kind::Unclaimed)
    }

    /// Whether it differs from the source's row now.
    pub(crate) const fn diverges(self, key: &KeyEntry) -> bool {
        match self.kind {
            Kind::Unclaimed | Kind::NotHeld => false,
            Kind::Row => self.exact != key.current,
            Kind::Deleted | Kind::Missing | Kind::ForeignDeletion => key.last_absence != key.current,
            Kind::ForeignRow => true,
        }
    }
}

/// What a sink shows of a key, and what it has shown.
// A cache line, as a key is.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct Slot {
    pub(crate) state: State,
    /// The newest version that was ever surely shown.
    pub(crate) high: VersionNo,
    /// The newest that was surely shown before `high`.
    pub(crate) below: VersionNo,
    /// Where an older version took the place of a newer one and nothing as new was shown since: the newer one.
    pub(crate) regressed_from: VersionNo,
    /// The newest version that counts as shown: it, or a later one, was shown or could not be told from what was shown.
    pub(crate) marked: VersionNo,
    /// The deletion that the sink showed last, or where it did not say which, the source's newest version at that time.
    pub(crate) gone: VersionNo,
    /// Since when it diverges from the source; [`Time::NEVER`] where it does not, and where it shows a row that was the newest until the next
    /// was committed: then that moment says it. Ask [`Timeline::since`](super::Timeline::since).
    pub(super) since: Time,
    /// When `high` came to be shown.
    pub(crate) high_at: Time,
    /// The row that is shown.
    pub(crate) row: Option<Row>,
}

impl Slot {
    /// Whether it diverged while this was the key's newest version.
    #[inline]
    pub(super) fn diverged_from(&self, newest: VersionNo) -> bool {
        self.since != Time::NEVER || (self.state.kind == Kind::Row && self.state.exact != newest)
    }

    /// A slot in which nothing has happened.
    pub(crate) fn new(state: State, key: &KeyEntry, row: Option<Row>) -> Self {
        Self {
            state,
            high: if state.kind == Kind::Row { key.base } else { NO_VERSION },
            below: NO_VERSION,
            regressed_from: NO_VERSION,
            marked: key.base,
            gone: NO_VERSION,
            since: Time::NEVER,
            high_at: Time::ZERO,
            row,
        }
    }
}
