//! What the source had and what each sink shows of it, kept up to date event by event: the model that all checks share.
//!
//! The timeline turns events into small steps, [`Outdated`], [`Changed`], [`Moved`] and [`Applied`], in which everything is a number: a key's versions are numbered in
//! the order of their commits, so "older" is "less". Checks look at the steps and never at events.

mod commit;
mod fingerprint;
mod hindsight;
mod numbers;
mod resolve;
mod show;
mod slot;
mod transactions;
mod versions;

pub(crate) use commit::{Changed, Changing, Outdated};
pub(crate) use hindsight::{Sighting, StepBack};
pub(crate) use show::{Moved, Overtaken};
pub(crate) use slot::{Kind, Slot, State};
pub(crate) use transactions::{Entry, Fate, Transactions};
pub(crate) use versions::{
    CommitEntry, CommitNo, KeyEntry, KeyNo, NO_COLUMN, NO_VERSION, Version, VersionNo, bit, digest_of, share,
};

use driftlab_model::{Cast, Key, Lookup, ProcessId, Row, SinkForm, SinkKind, Time, TransactionId, WriteId};
use numbers::Numbers;
use std::collections::BTreeMap;

/// A sink, as far as the timeline follows it.
#[derive(Clone, Debug)]
pub(crate) struct SinkState {
    pub(crate) kind: SinkKind,
    pub(crate) form: SinkForm,
    pub(crate) served: bool,
    preloaded: bool,
    /// Since when it claims to be a copy as a whole.
    pub(crate) loaded: Option<Time>,
    /// How many keys diverge from the source.
    pub(crate) divergent: u64,
}

impl SinkState {
    /// Whether it shows rows that are to be compared with the source's.
    pub(crate) fn shows_rows(&self) -> bool {
        self.served && self.form == SinkForm::Rows
    }
    /// Whether it claims to be a copy of everything.
    pub(crate) fn claims_all(&self) -> bool {
        self.shows_rows() && self.kind != SinkKind::Cache
    }
    /// One key more diverges, or one less.
    fn count(&mut self, diverges: bool) {
        self.divergent = if diverges { self.divergent + 1 } else { self.divergent - 1 };
    }
}

/// A step: a sink that keeps versions or totals applied an effect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Applied {
    pub(crate) sink: usize,
    pub(crate) key: KeyNo,
    pub(crate) slot: usize,
    pub(crate) by: ProcessId,
    pub(crate) write: WriteId,
    /// The version whose effect it is, where it is that of a committed one.
    pub(crate) version: Option<VersionNo>,
    /// The newest version that counted as shown before, and the one that does now.
    pub(crate) marked: (VersionNo, VersionNo),
}

/// What the source had and what each sink shows of it.
pub(crate) struct Timeline {
    pub(crate) cast: Cast,
    pub(crate) sinks: Vec<SinkState>,
    pub(crate) keys: Vec<KeyEntry>,
    numbers: Numbers,
    pub(crate) versions: Vec<Version>,
    pub(crate) commits: Vec<CommitEntry>,
    /// The hash of the source's state, after the load and now: the sum of its rows' shares.
    pub(crate) load_hash: u128,
    pub(crate) hash: u128,
    pub(crate) slots: Vec<Slot>,
    pub(crate) transactions: Transactions,
    /// Deletions that are shown and not committed, by slot.
    unknown_deletions: BTreeMap<usize, WriteId>,
    /// What was shown since something that may still be committed, by slot.
    sightings: Lookup<usize, Vec<Sighting>>,
    /// The steps back that came to light with the version that was settled last.
    pub(crate) steps_back: Vec<StepBack>,
    /// Keys of the initial load that have changed or were shown anew, to be put back at a restart.
    touched: Vec<KeyNo>,
    /// The keys of the last commit, in the order of its versions.
    pub(crate) changing: Vec<Changing>,
    /// The rows that the last commit replaced, in the order of its versions; `None` while nobody asks for them.
    pub(crate) replaced: Option<Vec<Option<Row>>>,
    /// Whether it is a race, run by the million: then sentences that almost every race would need are left out.
    pub(crate) is_race: bool,
    pub(crate) now: Time,
    pub(crate) load_ended: Option<Time>,
    pub(crate) quiescent: bool,
}

impl Timeline {
    /// The timeline of a history that has not begun.
    pub(crate) fn new(cast: &Cast) -> Self {
        let sinks = cast.sinks.iter().map(|sink| SinkState {
            kind: sink.kind,
            form: sink.form,
            served: sink.served,
            preloaded: sink.preloaded,
            loaded: sink.preloaded.then_some(Time::ZERO),
            divergent: 0,
        });
        let nothing =
            Version { digest: 0, key: 0, commit: 0, previous: 0, next: 0, write: 0, column: NO_COLUMN };
        let mut timeline = Self {
            sinks: sinks.collect(),
            cast: cast.clone(),
            keys: Vec::with_capacity(2 * cast.load.len()),
            numbers: Numbers::default(),
            versions: Vec::with_capacity(2 * cast.load.len() + 1),
            commits: Vec::new(),
            load_hash: 0,
            hash: 0,
            slots: Vec::with_capacity(2 * cast.load.len() * cast.sinks.len()),
            transactions: Transactions::default(),
            unknown_deletions: BTreeMap::new(),
            sightings: Lookup::default(),
            steps_back: Vec::new(),
            touched: Vec::new(),
            changing: Vec::new(),
            replaced: None,
            is_race: false,
            now: Time::ZERO,
            load_ended: None,
            quiescent: false,
        };
        timeline.versions.push(nothing);
        for place in 0..cast.load.len() {
            let key = &cast.load[place].0;
            if timeline.numbers.get(key).is_none() {
                timeline.add(key, Some(place));
            }
        }
        let load = CommitEntry {
            at: Time::ZERO,
            transaction: WriteId::LOAD.transaction,
            by: ProcessId(u16::MAX),
            first: 1,
            end: timeline.versions.len() as VersionNo,
        };
        timeline.commits.push(load);
        timeline.load_hash = timeline.hash;
        timeline
    }

    /// Begins anew with the same cast; costs as much as has changed, not as much as was loaded.
    pub(crate) fn restart(&mut self) {
        self.commits.truncate(1);
        self.hash = self.load_hash;
        let loaded = self.commits[0].end - 1;
        for key in self.keys.drain(loaded as usize..) {
            self.numbers.remove(&key.key);
        }
        self.versions.truncate(loaded as usize + 1);
        self.slots.truncate(loaded as usize * self.sinks.len());
        while let Some(number) = self.touched.pop() {
            if number < loaded {
                self.put_back(number);
            }
        }
        for sink in &mut self.sinks {
            sink.loaded = sink.preloaded.then_some(Time::ZERO);
            sink.divergent = 0;
        }
        self.transactions.clear();
        self.unknown_deletions.clear();
        self.sightings.clear();
        (self.now, self.load_ended, self.quiescent) = (Time::ZERO, None, false);
    }

    fn put_back(&mut self, number: KeyNo) {
        let key = &mut self.keys[number as usize];
        // Loaded keys have the versions 1, 2, ... in the order of their numbers.
        let row = &self.cast.load[self.versions[key.base as usize].write as usize].1;
        (key.current, key.last_absence, key.absences, key.touched) = (key.base, NO_VERSION, 0, false);
        key.row = Some(row.clone());
        self.versions[key.base as usize].next = NO_VERSION;
        key.in_sync = 0;
        for sink in 0..self.sinks.len() {
            let slot = self.fresh_slot(sink, number);
            let place = self.slot_of(sink, number);
            self.slots[place] = slot;
        }
    }

    /// The number of a key, given now where it is new: then it was absent until now.
    #[inline]
    pub(crate) fn number(&mut self, key: &Key) -> KeyNo {
        match self.numbers.get(key) {
            Some(number) => number,
            None => self.add(key, None),
        }
    }

    /// The number of a key that is known.
    pub(crate) fn find(&self, key: &Key) -> Option<KeyNo> {
        self.numbers.get(key)
    }

    fn add(&mut self, key: &Key, loaded: Option<usize>) -> KeyNo {
        let number = self.keys.len() as KeyNo;
        let base = self.versions.len() as VersionNo;
        let digest = key.digest();
        let row = loaded.map(|place| self.cast.load[place].1.clone());
        let row_digest = row.as_ref().map_or(0, digest_of);
        self.hash = self.hash.wrapping_add(share(digest, row_digest));
        self.versions.push(Version {
            digest: row_digest,
            key: number,
            commit: 0,
            previous: NO_VERSION,
            next: NO_VERSION,
            // All rows of the load share one write; their place in it is of more use here.
            write: loaded.unwrap_or_default() as u32,
            column: NO_COLUMN,
        });
        let absent = row.is_none();
        self.keys.push(KeyEntry {
            key: key.clone(),
            digest,
            base,
            current: base,
            last_absence: if absent { base } else { NO_VERSION },
            absences: u32::from(absent),
            in_sync: 0,
            touched: false,
            row,
        });
        self.numbers.insert(key, number);
        for sink in 0..self.sinks.len() {
            let slot = self.fresh_slot(sink, number);
            self.slots.push(slot);
        }
        number
    }

    fn fresh_slot(&mut self, place: usize, number: KeyNo) -> Slot {
        let (sink, key) = (&self.sinks[place], &mut self.keys[number as usize]);
        let state = match (sink.kind, &key.row) {
            _ if !sink.shows_rows() => State::UNCLAIMED,
            (_, Some(_)) if sink.preloaded => State::row(key.base),
            (SinkKind::Cache, _) => State::NOT_HELD,
            _ if sink.loaded.is_none() => State::UNCLAIMED,
            _ => State::missing(key),
        };
        if state.kind == Kind::Row {
            key.in_sync |= bit(place);
        }
        Slot::new(state, key, key.row.clone().filter(|_| state.kind == Kind::Row))
    }

    fn touch(&mut self, number: KeyNo) {
        if !std::mem::replace(&mut self.keys[number as usize].touched, true) {
            self.touched.push(number);
        }
    }

    /// Where the slot of a sink and a key is.
    pub(crate) fn slot_of(&self, sink: usize, key: KeyNo) -> usize {
        key as usize * self.sinks.len() + sink
    }
    /// The slot of a sink and a key.
    pub(crate) fn slot(&self, sink: usize, key: KeyNo) -> &Slot {
        &self.slots[self.slot_of(sink, key)]
    }
    /// Since when what a sink shows of a key diverges from the source; [`Time::NEVER`] where it does not.
    pub(crate) fn since(&self, sink: usize, number: KeyNo) -> Time {
        let slot = self.slot(sink, number);
        if slot.since == Time::NEVER && slot.diverged_from(self.key(number).current) {
            return self.commit_of(self.version(slot.state.exact).next).at;
        }
        slot.since
    }
    /// A version.
    pub(crate) fn version(&self, number: VersionNo) -> &Version {
        &self.versions[number as usize]
    }
    /// A key.
    pub(crate) fn key(&self, number: KeyNo) -> &KeyEntry {
        &self.keys[number as usize]
    }
    /// The commit of a version.
    pub(crate) fn commit_of(&self, version: VersionNo) -> &CommitEntry {
        &self.commits[self.version(version).commit as usize]
    }
    /// What a version adds to the hash of a state in which it is its key's.
    pub(crate) fn share(&self, number: VersionNo) -> u128 {
        let version = self.version(number);
        share(self.key(version.key).digest, version.digest)
    }
    /// Whether the newest commit is of one version.
    pub(crate) fn is_alone(&self) -> bool {
        self.commits.last().is_some_and(|commit| commit.end - commit.first == 1)
    }
    /// The newest commit's place in the commit order.
    pub(crate) fn last_commit(&self) -> CommitNo {
        (self.commits.len() - 1) as CommitNo
    }

    /// A sink that keeps versions or totals applied an effect.
    pub(crate) fn apply(&mut self, by: ProcessId, sink: usize, key: &Key, write: WriteId) -> Applied {
        let number = self.number(key);
        let slot = self.slot_of(sink, number);
        let version = self.version_by(number, write);
        self.touch(number);
        let marked = self.slots[slot].marked;
        let now = marked.max(version.unwrap_or(NO_VERSION));
        self.slots[slot].marked = now;
        Applied { sink, key: number, slot, by, write, version, marked: (marked, now) }
    }

    /// Whether anything that was shown may still come to be a version, so that each commit is looked at from every slot.
    #[inline]
    pub(crate) fn looks_back(&self) -> bool {
        !self.sightings.is_empty()
    }

    /// Notes that a transaction opened.
    pub(crate) fn begin(&mut self, by: ProcessId, transaction: TransactionId) {
        self.transactions.set(transaction, Entry { by, fate: Fate::Open });
    }

    /// Notes that a transaction ended without effect.
    pub(crate) fn abort(&mut self, by: ProcessId, transaction: TransactionId) {
        self.transactions.set(transaction, Entry { by, fate: Fate::Aborted });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is met with every row lies in one cache line each: a field more would double the waits.
    #[test]
    fn a_key_and_a_slot_take_a_cache_line_and_a_version_half_of_one() {
        assert_eq!((size_of::<KeyEntry>(), size_of::<Slot>()), (64, 64));
        assert_eq!((size_of::<Version>(), size_of::<CommitEntry>()), (32, 32));
    }
}
