//! Which files count: the manifest is swapped, and readers are told what they see differently.

use super::Warehouse;
use super::data_file::DataFile;
use super::dataset::Location;
use super::index::{Seen, Slot};
use super::manifest::{FileEntry, Manifest, Mode, Role};
use crate::store::{StoreError, Visible};
use driftlab_model::{Key, Shown, View, WriteId};
use driftlab_sink::Intake;
use std::collections::BTreeMap;

/// How new records are told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// As what they are.
    AsEffects,
    /// Not at all: they have always been there.
    Not,
}

impl Warehouse {
    /// Adds files to those that count, reads them back, and tells what readers see differently.
    pub(super) fn append_files(
        &mut self,
        fresh: Vec<DataFile>,
        intake: Option<Intake>,
        visible: &mut Visible,
        told: Told,
    ) -> Result<(), StoreError> {
        let mut next = self.dataset.manifest().clone();
        next.intake = intake.unwrap_or(next.intake);
        next.files.extend(fresh.iter().map(FileEntry::of));
        let ids: Vec<u64> = fresh.iter().map(|file| file.id).collect();
        self.dataset.commit(next, fresh)?;
        let mut applied: Vec<(u64, Key, WriteId)> = Vec::new();
        for (file, role) in self.dataset.files().filter(|(file, _)| ids.contains(&file.id)) {
            file.scan(|place, record| {
                let before = self.index.slot(&record.key).map(|slot| slot.seen);
                self.index.absorb(&record, Location { file: file.id, place }, role);
                if self.mode != Mode::Merge {
                    applied.push((record.sequence, record.key, record.write));
                } else if told == Told::AsEffects
                    && self.index.slot(&record.key).map(|slot| slot.seen) != before
                {
                    let view = record.after.map_or(View::Deleted(record.write), View::Row);
                    visible.shown.push(Shown { key: record.key, view });
                }
                Ok(())
            })?;
        }
        if told == Told::AsEffects {
            applied.sort_by_key(|(sequence, ..)| *sequence);
            visible.applied.extend(applied.into_iter().map(|(_, key, write)| (key, write)));
        }
        Ok(())
    }

    /// Makes a load all that readers see. Effects that were applied before count as applied.
    pub(super) fn replace(
        &mut self,
        fresh: Vec<DataFile>,
        intake: Intake,
        visible: &mut Visible,
    ) -> Result<(), StoreError> {
        let mut next = Manifest { intake, ..self.dataset.manifest().clone() };
        if self.mode == Mode::Sum {
            next.files.iter_mut().for_each(|entry| entry.role = Role::Effects);
        } else {
            next.files.clear();
        }
        next.files.extend(fresh.iter().map(FileEntry::of));
        let ids: Vec<u64> = fresh.iter().map(|file| file.id).collect();
        self.dataset.commit(next, fresh)?;
        let before = self.index.take_slots();
        let mut shown = BTreeMap::new();
        for (file, role) in self.dataset.files().filter(|(file, _)| ids.contains(&file.id)) {
            file.scan(|place, record| {
                self.index.absorb(&record, Location { file: file.id, place }, role);
                if self.mode == Mode::Merge
                    && let Some(row) = record.after
                {
                    if before.get(&record.key).map(|slot| slot.seen) == Some(Seen::Row(row.digest())) {
                        // Of a key that was staged twice the last row counts.
                        shown.remove(&record.key);
                    } else {
                        shown.insert(record.key, View::Row(row));
                    }
                }
                Ok(())
            })?;
        }
        self.tell_replaced(before, shown, visible);
        Ok(())
    }

    /// Makes nothing count any more. The intake stays: what was taken has been taken.
    pub(super) fn clear(&mut self, visible: &mut Visible) -> Result<(), StoreError> {
        let next = Manifest { files: Vec::new(), ..self.dataset.manifest().clone() };
        self.dataset.commit(next, Vec::new())?;
        let before = self.index.take_slots();
        self.index.forget_effects();
        self.tell_replaced(before, BTreeMap::new(), visible);
        Ok(())
    }

    /// Tells which keys went missing, and what others show.
    fn tell_replaced(&self, before: BTreeMap<Key, Slot>, shown: BTreeMap<Key, View>, visible: &mut Visible) {
        if self.mode != Mode::Merge {
            return;
        }
        let missing = before.into_keys().filter(|key| self.index.slot(key).is_none());
        visible.shown.extend(missing.map(|key| Shown { key, view: View::Missing }));
        visible.shown.extend(shown.into_iter().map(|(key, view)| Shown { key, view }));
    }
}
