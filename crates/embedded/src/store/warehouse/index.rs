use super::dataset::Location;
use super::manifest::{Mode, Role};
use super::record::Record;
use driftlab_model::{Key, TableId, Time, Version, WriteId};
use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::ops::Bound;

/// Where the records of each key lie, and what they say in brief: rebuilt from the files at every opening, and kept in step with each file as it is read back.
///
/// Takes some hundred bytes a key, however wide its rows are. A warehouse that merges needs it to compare versions without reading, as any
/// one with a primary-key index does; and it says which row of which file is the one that counts.
#[derive(Debug)]
pub(super) struct Index {
    mode: Mode,
    slots: BTreeMap<Key, Slot>,
    /// Which effects have been applied; only kept by warehouses that append or add up.
    effects: BTreeSet<(Key, WriteId)>,
}

#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// The record that says what the key shows.
    pub(super) latest: Location,
    pub(super) seen: Seen,
    version: Version,
    guarded_until: Time,
    /// All records of the key, oldest first; only kept by warehouses that add up.
    pub(super) all: Vec<Location>,
}

/// What readers see of a key, in brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// A row with this digest.
    Row(u64),
    /// A deletion.
    Deleted(WriteId),
}

impl Index {
    pub(super) fn new(mode: Mode) -> Self {
        Self { mode, slots: BTreeMap::new(), effects: BTreeSet::new() }
    }

    /// Takes in the next record.
    pub(super) fn absorb(&mut self, record: &Record, location: Location, role: Role) {
        if self.mode != Mode::Merge {
            self.effects.insert((record.key.clone(), record.write));
        }
        if role == Role::Effects {
            return;
        }
        let seen = match &record.after {
            Some(row) => Seen::Row(row.digest()),
            None => Seen::Deleted(record.write),
        };
        let (version, guarded_until) = (record.version, record.guarded_until);
        let all = if self.mode == Mode::Sum { vec![location] } else { Vec::new() };
        let fresh = Slot { latest: location, seen, version, guarded_until, all };
        match self.slots.get_mut(&record.key) {
            None => drop(self.slots.insert(record.key.clone(), fresh)),
            Some(slot) => {
                let mut all = mem::take(&mut slot.all);
                all.extend(&fresh.all);
                // Who merges was let in; of a key that a load has twice the last row counts; any other may come late.
                let from_load = self.mode == Mode::Sum && record.loaded;
                if self.mode == Mode::Merge || from_load || slot.version <= version {
                    *slot = fresh;
                }
                slot.all = all;
            }
        }
    }

    pub(super) fn slot(&self, key: &Key) -> Option<&Slot> {
        self.slots.get(key)
    }

    /// The version that a conditional delivery must exceed.
    pub(super) fn version(&self, now: Time, key: &Key) -> Option<Version> {
        self.slots.get(key).filter(|slot| now < slot.guarded_until).map(|slot| slot.version)
    }

    pub(super) fn has_effect(&self, key: &Key, write: WriteId) -> bool {
        self.effects.contains(&(key.clone(), write))
    }

    /// The keys of a table that show a row, in order.
    pub(super) fn keys(&self, table: TableId, after: Option<&Key>, limit: usize) -> Vec<Key> {
        let least = Key::integer(table, i64::MIN);
        let start = match after {
            Some(after) if *after >= least => Bound::Excluded(after),
            _ => Bound::Included(&least),
        };
        let slots = self.slots.range::<Key, _>((start, Bound::Unbounded));
        let rows = slots.take_while(|(key, _)| key.table() == table).filter(|(_, slot)| slot.shows_row());
        rows.take(limit).map(|(key, _)| key.clone()).collect()
    }

    /// All keys that show a row, in order, with their slots.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&Key, &Slot)> {
        self.slots.iter().filter(|(_, slot)| slot.shows_row())
    }

    /// Forgets what keys show, and gives it back; the effects stay.
    pub(super) fn take_slots(&mut self) -> BTreeMap<Key, Slot> {
        mem::take(&mut self.slots)
    }

    pub(super) fn forget_effects(&mut self) {
        self.effects.clear();
    }

    /// Notes that a record was moved by a compaction.
    pub(super) fn moved(&mut self, key: &Key, from: Location, to: Location) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        if slot.latest == from {
            slot.latest = to;
        }
        for location in &mut slot.all {
            if *location == from {
                *location = to;
            }
        }
    }

    /// Forgets a deletion whose record a compaction has dropped.
    pub(super) fn forget(&mut self, key: &Key) {
        self.slots.remove(key);
    }
}

impl Slot {
    pub(super) fn shows_row(&self) -> bool {
        matches!(self.seen, Seen::Row(_))
    }
}
