//! What a sink showed before its commit, and what it showed after that: a step back may come to light only when the newer value commits.
//!
//! Client A writes 1 into a sink and client B writes 2; then the database commits B first and A second. The sink has shown A's version, the
//! later one, and then B's. While it did so, neither was a version, so the order is known in hindsight alone.

use super::Timeline;
use super::show::Moved;
use super::slot::Kind;
use super::transactions::Fate;
use super::versions::{NO_VERSION, VersionNo, digest_of};
use driftlab_model::{Fingerprint, ProcessId, Row, Time, TransactionId, WriteId};

/// How many sightings of a slot are remembered. What commits only after so many others were shown is no longer judged by its order.
const MOST: usize = 256;

/// What a sink showed of a key from some moment on.
#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    pub(crate) at: Time,
    /// The process whose request caused it.
    pub(crate) by: ProcessId,
    pub(crate) row: Option<Row>,
    /// The version that it is; [`NO_VERSION`] where that is not known, not yet at least.
    pub(crate) version: VersionNo,
    /// Whether that version was newer than all that were known to have been shown before.
    pub(crate) is_first: bool,
    kind: Kind,
    /// The write that it will be a version of, once that commits.
    awaits: Option<WriteId>,
    /// Whether it was a step back by what was known when it was shown.
    is_known: bool,
}

/// A step back that came to light when the newer version committed.
#[derive(Debug)]
pub(crate) struct StepBack {
    /// When the newer version was shown, and the row that it is.
    pub(crate) newer_at: Time,
    pub(crate) newer_row: Option<Row>,
    pub(crate) older: Sighting,
    /// When it was over; `None` while the sink still shows what is older.
    pub(crate) end: Option<Time>,
}

impl Sighting {
    /// Whether it is no older than the version that now is the newest, to a reader.
    fn is_right(&self, newest: VersionNo, newest_is_absence: bool) -> bool {
        self.version == newest
            || match self.kind {
                Kind::NotHeld | Kind::Unclaimed => true,
                Kind::Deleted | Kind::Missing | Kind::ForeignDeletion => newest_is_absence,
                Kind::Row | Kind::ForeignRow => false,
            }
    }

    pub(super) fn fingerprint(&self, print: &mut Fingerprint<'_>) {
        for word in [self.version.into(), u64::from(self.is_known), self.kind as u64] {
            print.word(word);
        }
        print.row(self.row.as_ref());
        match self.awaits {
            Some(write) => print.write(write),
            None => print.word(0),
        }
    }

    fn becomes(&self, transaction: TransactionId, digest: u64) -> bool {
        self.awaits.is_some_and(|write| write.transaction == transaction)
            && self.row.as_ref().map_or(0, digest_of) == digest
    }
}

impl Timeline {
    /// Remembers what a slot shows while something uncommitted that it showed may still become a version.
    pub(super) fn note(&mut self, moved: &Moved) {
        let awaits = match moved.after.kind {
            Kind::ForeignRow => self.slots[moved.slot].row.as_ref().map(Row::write),
            Kind::ForeignDeletion => Some(self.unknown_deletion(moved.slot)),
            _ => None,
        };
        let awaits = awaits.filter(|write| self.may_commit(write.transaction));
        if awaits.is_none() && self.sightings.get(&moved.slot).is_none() {
            return;
        }
        let sighting = Sighting {
            at: self.now,
            by: moved.by,
            row: self.slots[moved.slot].row.clone(),
            version: moved.as_of,
            is_first: moved.is_first,
            kind: moved.after.kind,
            awaits,
            is_known: moved.regresses.is_some(),
        };
        let sightings = self.sightings.or_insert_with(moved.slot, Vec::new);
        sightings.push(sighting);
        if sightings.len() > MOST {
            sightings.remove(0);
            self.forget(moved.slot);
        }
    }

    fn may_commit(&self, transaction: TransactionId) -> bool {
        let fate = self.transactions.get(transaction).map(|entry| entry.fate);
        transaction != WriteId::LOAD.transaction
            && !matches!(fate, Some(Fate::Committed(_) | Fate::CommittedEmpty))
    }

    /// Looks back at what a slot showed since it showed this version, which was not committed then and is the newest now.
    pub(super) fn look_back(&mut self, place: usize, version: VersionNo) {
        let transaction = self.commit_of(version).transaction;
        let digest = self.version(version).digest;
        let Some(sightings) = self.sightings.get_mut(&place) else { return };
        let first = sightings.iter().position(|sighting| sighting.becomes(transaction, digest));
        let Some(first) = first else {
            // Something else was committed than was shown.
            for sighting in sightings.iter_mut() {
                sighting.awaits = sighting.awaits.filter(|write| write.transaction != transaction);
            }
            self.forget(place);
            return;
        };
        let slot = &mut self.slots[place];
        let was_back = slot.regressed_from != NO_VERSION;
        slot.raise(version, sightings[first].at);
        if slot.high == version {
            slot.high_at = slot.high_at.min(sightings[first].at);
        }
        let mut newer = first;
        let mut older: Option<usize> = None;
        for at in first..sightings.len() {
            if sightings[at].becomes(transaction, digest) {
                (sightings[at].version, sightings[at].awaits) = (version, None);
                sightings[at].is_first |= at == first;
                newer = if older.is_none() { at } else { newer };
            }
            if sightings[at].is_right(version, digest == 0) {
                if let Some(older) = older.take()
                    && !sightings[older].is_known
                {
                    let end = Some(sightings[at].at);
                    self.steps_back.push(StepBack::between(&sightings[newer], &sightings[older], end));
                }
            } else if sightings[at].version != NO_VERSION {
                older = older.or(Some(at));
            }
        }
        if let Some(older) = older {
            if !(was_back && sightings[older].is_known) {
                self.steps_back.push(StepBack::between(&sightings[newer], &sightings[older], None));
            }
            slot.regressed_from = version;
        }
        self.forget(place);
    }

    /// Forgets the sightings before the first that may still become a version.
    fn forget(&mut self, place: usize) {
        let Some(sightings) = self.sightings.get_mut(&place) else { return };
        match sightings.iter().position(|sighting| sighting.awaits.is_some()) {
            Some(waiting) => drop(sightings.drain(..waiting)),
            None => drop(self.sightings.remove(&place)),
        }
    }
}

impl StepBack {
    fn between(newer: &Sighting, older: &Sighting, end: Option<Time>) -> Self {
        Self { newer_at: newer.at, newer_row: newer.row.clone(), older: older.clone(), end }
    }
}
