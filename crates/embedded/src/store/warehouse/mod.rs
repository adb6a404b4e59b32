//! The warehouse: Parquet files and a manifest that says which of them count.
//!
//! Every write is a new file with the records of one atomic step; reading merges them, the newest record of a key wins, a deletion is a record
//! too. A load is written to files of its own, and takes the place of all others when the manifest is swapped. Small files are joined in time.
//!
//! A step costs two files and three syncs, however small it is, as it does in any warehouse: deliveries should come in batches.

mod columns;
mod compaction;
mod data_file;
mod dataset;
pub mod export;
mod index;
mod manifest;
mod record;
mod staging;

use self::data_file::{DataFile, DataFileWriter};
use self::dataset::{Dataset, Location};
use self::index::{Index, Seen, Slot};
use self::manifest::{FileEntry, Manifest, Mode, Role};
use self::record::Record;
use self::staging::Staged;
use super::registry::{BackendEntry, Place};
use super::{Backend, StoreError, Visible};
use driftlab_model::port::{Condition, Delivery, Reply, Request};
use driftlab_model::{
    Bookmark, Datum, Failure, Key, Outcome, Refusal, Row, Settings, Shown, SinkForm, SinkKind, Span, TableId,
    Time, Version, View, WriteId,
};
use driftlab_sink::{Intake, Staging, Total};
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

pub(super) const ENTRY: BackendEntry = BackendEntry {
    name: "warehouse",
    summary: "Parquet files with a manifest that is swapped in one step; merges on read, appends, or adds up",
    kind: SinkKind::Warehouse,
    open: |settings, place| Ok(Box::new(Warehouse::open(settings, place)?)),
};

/// Rows of a load that are rewritten together.
const CHUNK_ROWS: usize = 8 << 10;

struct Warehouse {
    mode: Mode,
    tombstones: Span,
    dataset: Dataset,
    index: Index,
    staged: BTreeMap<u64, Staged>,
    next_sequence: u64,
}

type Answer<T> = Result<Result<T, Refusal>, StoreError>;

impl Warehouse {
    fn open(given: &Settings, place: &Place) -> Result<Self, StoreError> {
        let mode = match given.get("mode") {
            Some(Datum::Word("append")) => Mode::Append,
            Some(Datum::Word("sum")) => Mode::Sum,
            _ => Mode::Merge,
        };
        let dataset = Dataset::open(place, mode)?;
        let mut index = Index::new(mode);
        let mut next_sequence = 0;
        for (file, role) in dataset.files() {
            file.scan(|place, record| {
                next_sequence = next_sequence.max(record.sequence + 1);
                index.absorb(&record, Location { file: file.id, place }, role);
                Ok(())
            })?;
        }
        let tombstones = match mode {
            Mode::Merge => given.span("tombstones"),
            // A deletion is a version of its own, or subtracts; that it happened does not expire.
            Mode::Append | Mode::Sum => Span::MAX,
        };
        Ok(Self { mode, tombstones, dataset, index, staged: BTreeMap::new(), next_sequence })
    }

    fn answer(&mut self, now: Time, request: &Request, visible: &mut Visible) -> Answer<Reply> {
        Ok(Ok(match request {
            Request::Get(key) => Reply::Row(self.row(key)?),
            Request::Put(delivery) => {
                let outcomes = self.deliver(now, std::slice::from_ref(delivery), None, visible)?;
                if let Some(Err(refusal)) = outcomes.into_iter().next() {
                    return Ok(Err(refusal));
                }
                Reply::Done
            }
            Request::Bulk(deliveries) => {
                let outcomes = self.deliver(now, deliveries, None, visible)?;
                Reply::Each(outcomes.into_iter().map(|outcome| outcome.map_err(Failure::from)).collect())
            }
            Request::Apply { deliveries, after, bookmark } => {
                let mut intake = self.intake();
                if let Err(refusal) = intake.take_step(*after, *bookmark) {
                    return Ok(Err(refusal));
                }
                // What is outdated is already superseded: skipping it completes the step.
                self.deliver(now, deliveries, Some(intake), visible)?;
                Reply::Done
            }
            Request::Bookmark => Reply::Bookmark(self.intake().bookmark()),
            Request::Stage { load, rows } => return self.stage(*load, rows),
            Request::Publish { load, bookmark } => return self.publish(*load, *bookmark, visible),
            Request::Complete => {
                visible.loaded = true;
                Reply::Done
            }
            Request::Clear => {
                let next = Manifest { files: Vec::new(), ..self.dataset.manifest().clone() };
                self.dataset.commit(next, Vec::new())?;
                let before = self.index.take_slots();
                self.index.forget_effects();
                self.tell_replaced(before, BTreeMap::new(), visible);
                Reply::Done
            }
            Request::Keys { table, after, limit } => {
                Reply::Keys(self.index.keys(*table, after.as_ref(), *limit))
            }
            Request::Invalidate(_) | Request::GetOrLease(_) | Request::Fill { .. } => {
                return Ok(Err(Refusal::Unsupported));
            }
        }))
    }

    fn intake(&self) -> Intake {
        self.dataset.manifest().intake.clone()
    }

    /// What a reader gets of a key.
    fn row(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        match self.index.slot(key).filter(|slot| slot.shows_row()) {
            Some(slot) => self.row_of(slot),
            None => Ok(None),
        }
    }

    fn row_of(&self, slot: &Slot) -> Result<Option<Row>, StoreError> {
        let newest = self.dataset.read(slot.latest)?.after;
        if self.mode != Mode::Sum {
            return Ok(newest);
        }
        let mut total = Total::default();
        for location in &slot.all {
            self.dataset.read(*location)?.add_to(&mut total);
        }
        Ok(newest.map(|newest| total.row(&newest)))
    }

    /// Takes what is to be taken of some deliveries in one atomic step, and the intake with it.
    fn deliver(
        &mut self,
        now: Time,
        deliveries: &[Delivery],
        intake: Option<Intake>,
        visible: &mut Visible,
    ) -> Result<Vec<Result<(), Refusal>>, StoreError> {
        let mut step = Step::default();
        let outcomes = deliveries.iter().map(|delivery| self.admit(now, delivery, &mut step)).collect();
        if !step.records.is_empty() || intake.is_some() {
            let mut records = step.records;
            if self.mode == Mode::Merge {
                // Nobody sees what is superseded within the step.
                let mut seen = BTreeSet::new();
                records.reverse();
                records.retain(|record| seen.insert(record.key.clone()));
                records.reverse();
            }
            let tables: BTreeSet<TableId> = records.iter().map(|record| record.key.table()).collect();
            let fresh = self.dataset.write(records)?;
            self.append_files(fresh, intake, visible, Told::AsEffects)?;
            for table in tables {
                compaction::compact(&mut self.dataset, &mut self.index, self.mode, table, now)?;
            }
        }
        Ok(outcomes)
    }

    /// Refuses a delivery, or adds it to a step.
    fn admit(&mut self, now: Time, delivery: &Delivery, step: &mut Step) -> Result<(), Refusal> {
        let key = &delivery.key;
        match self.mode {
            Mode::Merge if delivery.condition != Condition::Always => {
                let held = match step.versions.get(key) {
                    Some((version, until)) => (now < *until).then_some(*version),
                    None => self.index.version(now, key),
                };
                if held.is_some_and(|held| held >= delivery.version) {
                    return Err(Refusal::Outdated);
                }
            }
            Mode::Append | Mode::Sum if delivery.condition == Condition::Once => {
                let effect = (key.clone(), delivery.write);
                if self.index.has_effect(key, delivery.write) || step.effects.contains(&effect) {
                    return Ok(());
                }
            }
            _ => {}
        }
        let mut record = Record::delivered(delivery, self.next_sequence, now, self.tombstones);
        self.next_sequence += 1;
        if self.mode != Mode::Sum {
            record.before = None;
        }
        step.versions.insert(key.clone(), (record.version, record.guarded_until));
        if self.mode != Mode::Merge {
            step.effects.insert((key.clone(), delivery.write));
        }
        step.records.push(record);
        Ok(())
    }

    /// Adds files to those that count, reads them back, and tells what readers see differently.
    fn append_files(
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

    fn stage(&mut self, load: u64, rows: &[(Key, Row)]) -> Answer<Reply> {
        let mut intake = self.intake();
        match intake.stage(load) {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(Staging::Over) => return Ok(Ok(Reply::Done)),
            Ok(Staging::GoesOn) => {}
            Ok(Staging::Begins) => {
                let next = Manifest { intake, ..self.dataset.manifest().clone() };
                self.dataset.commit(next, Vec::new())?;
            }
        }
        let staged = self.staged.entry(load).or_default();
        staged.add(&mut self.dataset, rows, self.next_sequence)?;
        self.next_sequence += rows.len() as u64;
        Ok(Ok(Reply::Done))
    }

    fn publish(&mut self, load: u64, bookmark: Bookmark, visible: &mut Visible) -> Answer<Reply> {
        let mut intake = self.intake();
        match intake.publish(load, bookmark) {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(false) => {
                visible.loaded = true;
                return Ok(Ok(Reply::Done));
            }
            Ok(true) => {}
        }
        let staged = self.staged.remove(&load).unwrap_or_default();
        let files = self.dataset.finish(staged.into_writers())?;
        self.staged.clear();
        if self.mode == Mode::Append {
            let fresh = self.only_new(&files)?;
            self.append_files(fresh, Some(intake), visible, Told::AsEffects)?;
        } else {
            self.replace(files, intake, visible)?;
        }
        visible.loaded = true;
        Ok(Ok(Reply::Done))
    }

    /// Makes a load all that readers see. Effects that were applied before count as applied.
    fn replace(
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

    /// Tells which keys went missing, and what others show.
    fn tell_replaced(&self, before: BTreeMap<Key, Slot>, shown: BTreeMap<Key, View>, visible: &mut Visible) {
        if self.mode != Mode::Merge {
            return;
        }
        let missing = before.into_keys().filter(|key| self.index.slot(key).is_none());
        visible.shown.extend(missing.map(|key| Shown { key, view: View::Missing }));
        visible.shown.extend(shown.into_iter().map(|(key, view)| Shown { key, view }));
    }

    /// The rows of a load that are not the latest of their keys already, in files of their own.
    fn only_new(&mut self, files: &[DataFile]) -> Result<Vec<DataFile>, StoreError> {
        let mut chosen: BTreeMap<Key, Location> = BTreeMap::new();
        for file in files {
            file.scan(|place, record| {
                chosen.insert(record.key, Location { file: file.id, place });
                Ok(())
            })?;
        }
        let mut fresh = Vec::new();
        for file in files {
            let mut writer: DataFileWriter = self.dataset.writer(file.table)?;
            let mut chunk = Vec::new();
            file.scan(|place, record| {
                let counts = chosen.get(&record.key) == Some(&Location { file: file.id, place });
                if counts && !self.is_latest(&record)? {
                    chunk.push(record);
                }
                if chunk.len() == CHUNK_ROWS {
                    writer.write(&mem::take(&mut chunk))?;
                }
                Ok(())
            })?;
            writer.write(&chunk)?;
            if writer.rows() > 0 {
                fresh.push(writer);
            }
            std::fs::remove_file(file.path())
                .map_err(|cause| StoreError::at("remove", file.path(), cause))?;
        }
        self.dataset.finish(fresh)
    }

    fn is_latest(&self, record: &Record) -> Result<bool, StoreError> {
        let Some(slot) = self.index.slot(&record.key).filter(|slot| slot.shows_row()) else {
            return Ok(false);
        };
        let held = self.dataset.read(slot.latest)?.after;
        Ok(held.as_ref().map(Row::write) == record.after.as_ref().map(Row::write))
    }
}

/// How new records are told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// As what they are.
    AsEffects,
    /// Not at all: they have always been there.
    Not,
}

/// What an atomic step has so far.
#[derive(Default)]
struct Step {
    records: Vec<Record>,
    versions: BTreeMap<Key, (Version, Time)>,
    effects: BTreeSet<(Key, WriteId)>,
}

impl Backend for Warehouse {
    fn form(&self) -> SinkForm {
        match self.mode {
            Mode::Merge => SinkForm::Rows,
            Mode::Append => SinkForm::Versions,
            Mode::Sum => SinkForm::Totals,
        }
    }

    fn preload(&mut self, rows: &[(Key, Row)]) -> Result<(), StoreError> {
        let mut staged = Staged::default();
        for chunk in rows.chunks(CHUNK_ROWS) {
            staged.add(&mut self.dataset, chunk, self.next_sequence)?;
            self.next_sequence += chunk.len() as u64;
        }
        let files = self.dataset.finish(staged.into_writers())?;
        self.append_files(files, None, &mut Visible::default(), Told::Not)
    }

    fn serve(
        &mut self,
        now: Time,
        request: &Request,
        visible: &mut Visible,
    ) -> Result<Outcome<Reply>, StoreError> {
        Ok(self.answer(now, request, visible)?.map_err(Failure::from))
    }

    fn contents(&mut self) -> Result<Vec<(Key, Row)>, StoreError> {
        let mut rows = Vec::new();
        if self.mode == Mode::Sum {
            for (key, slot) in self.index.rows() {
                rows.extend(self.row_of(slot)?.map(|row| (key.clone(), row)));
            }
            return Ok(rows);
        }
        for (file, _) in self.dataset.files() {
            file.scan(|place, record| {
                let location = Location { file: file.id, place };
                let counts = self.index.slot(&record.key).is_some_and(|slot| slot.latest == location);
                rows.extend(record.after.filter(|_| counts).map(|row| (record.key, row)));
                Ok(())
            })?;
        }
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(rows)
    }
}
