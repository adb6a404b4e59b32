//! Which version is it that a sink shows?

use super::Timeline;
use super::slot::{BEYOND, Kind, State};
use super::transactions::Fate;
use super::versions::{KeyNo, NO_VERSION, VersionNo, digest_of};
use driftlab_model::{Row, TransactionId, View, WriteId};

/// What a sink shows, told in versions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolved {
    pub(super) state: State,
    /// The version to which it belongs in the key's order, for verdicts on that order; [`NO_VERSION`] where that is not known.
    pub(super) as_of: VersionNo,
    /// The version that is proved to be shown, or to be older than what is; what is shown later must not be older.
    pub(super) sure: VersionNo,
}

impl Resolved {
    pub(super) const fn as_version(state: State) -> Self {
        Self { state, as_of: state.exact, sure: state.exact }
    }
    pub(super) const fn unexplained(state: State) -> Self {
        Self { state, as_of: NO_VERSION, sure: NO_VERSION }
    }
}

/// Versions are looked for from the newest back; most are found within a few steps.
const NEAR: usize = 4;

impl Timeline {
    pub(super) fn resolve(&self, slot: usize, number: KeyNo, view: &View) -> Resolved {
        match view {
            View::NotHeld => Resolved::as_version(State::NOT_HELD),
            View::Row(row) => match self.version_of(number, row) {
                Some(version) => Resolved::as_version(State::row(version)),
                None => {
                    Resolved::as_version(State { kind: Kind::ForeignRow, exact: NO_VERSION, latest: BEYOND })
                }
            },
            // A store that was cleared, or loaded without the row, says nothing of when the row went away.
            View::Missing => Resolved::unexplained(State::missing(self.key(number))),
            View::Deleted(write) => self.resolve_deletion(slot, number, *write),
        }
    }

    fn resolve_deletion(&self, slot: usize, number: KeyNo, write: WriteId) -> Resolved {
        let key = self.key(number);
        let missing = State::missing(key);
        if write.transaction == WriteId::LOAD.transaction {
            // Somebody took the row away on purpose, so it is at least the first absence that is not older than what was shown.
            let as_of = self.first_absence_from(number, self.slots[slot].high);
            return Resolved { as_of, sure: as_of, ..Resolved::unexplained(missing) };
        }
        match self.transactions.get(write.transaction).map(|entry| entry.fate) {
            Some(Fate::Committed(_) | Fate::CommittedEmpty) => {
                match self.deletion_by(number, write.transaction) {
                    Some(version) => Resolved::as_version(State {
                        kind: Kind::Deleted,
                        exact: version,
                        latest: key.last_absence,
                    }),
                    // It found nothing to delete.
                    None => Resolved { as_of: key.last_absence, ..Resolved::unexplained(missing) },
                }
            }
            // Where the source has no row either, a reader sees what it should.
            _ if key.last_absence == key.current => Resolved::unexplained(missing),
            _ => {
                let state = State { kind: Kind::ForeignDeletion, exact: NO_VERSION, latest: BEYOND };
                Resolved::unexplained(state)
            }
        }
    }

    /// Whether a row is the newest version of its key.
    #[inline]
    pub(crate) fn is_newest(&self, number: KeyNo, row: &Row) -> bool {
        self.version(self.key(number).current).digest == digest_of(row)
    }

    /// The version of a key that this row is.
    pub(crate) fn version_of(&self, number: KeyNo, row: &Row) -> Option<VersionNo> {
        // Mostly it is the newest.
        if self.is_newest(number, row) {
            return Some(self.key(number).current);
        }
        self.older_version_of(number, row)
    }

    fn older_version_of(&self, number: KeyNo, row: &Row) -> Option<VersionNo> {
        let digest = digest_of(row);
        let transaction = row.write().transaction;
        self.search(number, transaction, |version| self.version(version).digest == digest)
    }

    /// The version of a key that is its deletion by this transaction.
    pub(crate) fn deletion_by(&self, number: KeyNo, transaction: TransactionId) -> Option<VersionNo> {
        self.search(number, transaction, |version| {
            self.version(version).is_absence() && self.commit_of(version).transaction == transaction
        })
    }

    /// The version of a key that this write made.
    pub(super) fn version_by(&self, number: KeyNo, write: WriteId) -> Option<VersionNo> {
        self.search(number, write.transaction, |version| {
            let found = self.version(version);
            let is_of_load = write.transaction == WriteId::LOAD.transaction;
            self.commit_of(version).transaction == write.transaction
                && if is_of_load { !found.is_absence() } else { found.write == write.index }
        })
    }

    fn search(
        &self,
        number: KeyNo,
        transaction: TransactionId,
        is_it: impl Fn(VersionNo) -> bool,
    ) -> Option<VersionNo> {
        let key = self.key(number);
        let mut at = key.current;
        for _ in 0..NEAR {
            if at == NO_VERSION || is_it(at) {
                return (at != NO_VERSION).then_some(at);
            }
            at = self.version(at).previous;
        }
        if transaction == WriteId::LOAD.transaction {
            return is_it(key.base).then_some(key.base);
        }
        let Some(Fate::Committed(commit)) = self.transactions.get(transaction).map(|entry| entry.fate) else {
            return None;
        };
        let entry = self.commits[commit as usize];
        if entry.end - entry.first <= 16 {
            return (entry.first..entry.end).find(|&v| self.version(v).key == number && is_it(v));
        }
        // A big transaction: the way back along the key's versions is the shorter one.
        while at >= entry.first {
            if at < entry.end && is_it(at) {
                return Some(at);
            }
            at = self.version(at).previous;
        }
        None
    }

    /// The first absence of a key that is not older than a version.
    fn first_absence_from(&self, number: KeyNo, from: VersionNo) -> VersionNo {
        let key = self.key(number);
        if key.last_absence < from || key.last_absence == NO_VERSION {
            return NO_VERSION;
        }
        let mut at = from.max(key.base);
        while !self.version(at).is_absence() {
            at = self.version(at).next;
        }
        at
    }
}
