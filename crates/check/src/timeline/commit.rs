//! What happens when a transaction commits.

use super::Timeline;
use super::slot::{Kind, State};
use super::transactions::{Entry, Fate};
use super::versions::{
    CommitEntry, CommitNo, KeyNo, NO_VERSION, Version, VersionNo, changed_column, digest_of, share,
};
use driftlab_model::{Change, Commit, ProcessId, Time};

/// A key that a commit changes, and the sinks that showed its newest row until then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changing {
    pub(crate) key: KeyNo,
    pub(crate) in_sync: u32,
}

/// A step: a version became the current one of its key, and a sink that showed the version before, a row, goes on showing that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outdated {
    pub(crate) sink: usize,
    pub(crate) key: KeyNo,
}

/// A step: a version became the current one of its key, and this is what it did to what a sink shows of the key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed {
    pub(crate) sink: usize,
    pub(crate) slot: usize,
    pub(crate) key: KeyNo,
    pub(crate) version: VersionNo,
    pub(crate) before: State,
    /// Whether it looks otherwise now: what was no version is one, or another.
    pub(crate) changes: bool,
    /// The newest version that counted as shown before, and the one that does now.
    pub(crate) marked: (VersionNo, VersionNo),
}

impl Timeline {
    /// Takes a commit into the source's history. Gives its place, or `None` where it changed nothing.
    ///
    /// What sinks show is not touched yet: that is for [`Timeline::settle`], version by version.
    pub(crate) fn commit(&mut self, by: ProcessId, commit: &Commit) -> Option<CommitNo> {
        if commit.changes.is_empty() {
            self.transactions.set(commit.transaction, Entry { by, fate: Fate::CommittedEmpty });
            return None;
        }
        let number = self.commits.len() as CommitNo;
        self.transactions.set(commit.transaction, Entry { by, fate: Fate::Committed(number) });
        // Keys first, because a new key brings a version of its own, and those of a commit must be neighbours.
        self.changing.clear();
        for change in &commit.changes {
            let key = self.number(&change.key);
            self.changing.push(Changing { key, in_sync: 0 });
        }
        if let Some(replaced) = &mut self.replaced {
            replaced.clear();
        }
        let first = self.versions.len() as VersionNo;
        for (place, change) in commit.changes.iter().enumerate() {
            let key = self.changing[place].key;
            self.changing[place].in_sync = self.append(number, key, change);
        }
        let end = self.versions.len() as VersionNo;
        self.commits.push(CommitEntry { at: self.now, transaction: commit.transaction, by, first, end });
        Some(number)
    }

    /// Adds a version, and gives the sinks that showed the one before.
    #[inline]
    fn append(&mut self, commit: CommitNo, number: KeyNo, change: &Change) -> u32 {
        let version = self.versions.len() as VersionNo;
        self.touch(number);
        let key = &mut self.keys[number as usize];
        let digest = change.after.as_ref().map_or(0, digest_of);
        let previous = std::mem::replace(&mut key.current, version);
        let in_sync = std::mem::take(&mut key.in_sync);
        if digest == 0 {
            key.last_absence = version;
            key.absences += 1;
        }
        let column = changed_column(key.row.as_ref(), change.after.as_ref());
        let row = std::mem::replace(&mut key.row, change.after.clone());
        if let Some(replaced) = &mut self.replaced {
            replaced.push(row);
        }
        let before = &mut self.versions[previous as usize];
        before.next = version;
        let (gone, come) = (share(key.digest, before.digest), share(key.digest, digest));
        self.hash = self.hash.wrapping_sub(gone).wrapping_add(come);
        let next = NO_VERSION;
        self.versions.push(Version {
            digest,
            key: number,
            commit,
            previous,
            next,
            write: change.write.index,
            column,
        });
        in_sync
    }

    /// A sink that showed the newest row goes on showing it now that there is a newer one. Its slot need not be told.
    #[inline]
    pub(crate) fn outdate(&mut self, sink: usize, key: KeyNo) -> Outdated {
        self.sinks[sink].count(true);
        Outdated { sink, key }
    }

    /// What a version, as it became current, does to what a sink shows of its key.
    pub(crate) fn settle(&mut self, sink: usize, number: KeyNo, version: VersionNo) -> Changed {
        let place = self.slot_of(sink, number);
        let (key, slot) = (&self.keys[number as usize], &mut self.slots[place]);
        let (before, marked) = (slot.state, slot.marked);
        let was_divergent = slot.diverged_from(self.versions[version as usize].previous);
        match before.kind {
            Kind::Row | Kind::Unclaimed => {}
            Kind::NotHeld => slot.marked = version,
            // Where the key is gone from the source too, a reader sees what it should, whichever deletion it is.
            Kind::Deleted | Kind::Missing | Kind::ForeignDeletion if key.last_absence != version => {}
            Kind::Deleted => {
                slot.marked = version;
                slot.state.latest = version;
            }
            Kind::Missing => {
                slot.marked = version;
                slot.state = State::missing(key);
            }
            Kind::ForeignRow | Kind::ForeignDeletion => self.come_true(place, version),
        }
        let (key, slot) = (&self.keys[number as usize], &mut self.slots[place]);
        let is_divergent = slot.state.diverges(key);
        if is_divergent != was_divergent {
            if !is_divergent {
                slot.regressed_from = NO_VERSION;
            }
            slot.since = if is_divergent { self.now } else { Time::NEVER };
            self.sinks[sink].count(is_divergent);
        }
        if !self.steps_back.is_empty() {
            self.steps_back.clear();
        }
        if !self.sightings.is_empty() {
            self.look_back(place, version);
        }
        let slot = &self.slots[place];
        let (changes, marked) = (slot.state != before, (marked, slot.marked));
        Changed { sink, slot: place, key: number, version, before, changes, marked }
    }

    /// A slot showed something uncommitted, and this version of its key may be that.
    fn come_true(&mut self, place: usize, version: VersionNo) {
        let transaction = self.commit_of(version).transaction;
        let digest = self.version(version).digest;
        let slot = &mut self.slots[place];
        if slot.state.kind == Kind::ForeignRow {
            let shown = slot.row.as_ref().filter(|row| digest_of(row) == digest);
            if shown.is_some_and(|row| row.write().transaction == transaction) {
                slot.state = State::row(version);
                slot.raise(version, self.now);
                slot.marked = version;
            }
            return;
        }
        slot.marked = version;
        if self.unknown_deletions.get(&place).is_some_and(|write| write.transaction == transaction) {
            slot.state = State { kind: Kind::Deleted, exact: version, latest: version };
            slot.raise(version, self.now);
            self.unknown_deletions.remove(&place);
        }
    }
}
