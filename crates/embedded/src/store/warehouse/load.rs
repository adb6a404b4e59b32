//! Loads: staged in files of their own, then published at once.

use super::data_file::{DataFile, DataFileWriter};
use super::dataset::Location;
use super::manifest::{Manifest, Mode};
use super::record::Record;
use super::staging::Staged;
use super::swap::Told;
use super::{Answer, Warehouse};
use crate::store::{StoreError, Visible};
use driftlab_model::port::{LoadId, Reply};
use driftlab_model::{Bookmark, Key, Row, Time};
use driftlab_sink::Staging;
use std::collections::BTreeMap;
use std::mem;

/// Rows of a load that are rewritten together.
const CHUNK_ROWS: usize = 8 << 10;

impl Warehouse {
    /// Takes the rows that have always been there.
    pub(super) fn load_first(&mut self, rows: &[(Key, Row)]) -> Result<(), StoreError> {
        let mut staged = Staged::default();
        for chunk in rows.chunks(CHUNK_ROWS) {
            staged.add(&mut self.dataset, chunk, self.next_sequence)?;
            self.next_sequence += chunk.len() as u64;
        }
        let files = self.dataset.finish(staged.into_writers())?;
        self.append_files(files, None, &mut Visible::default(), Told::Not)
    }

    pub(super) fn stage(&mut self, now: Time, load: Option<LoadId>, rows: &[(Key, Row)]) -> Answer<Reply> {
        let mut intake = self.intake();
        let (load, staging) = match intake.stage(now, load) {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(staged) => staged,
        };
        match staging {
            Staging::Over => return Ok(Ok(Reply::Staged(load))),
            Staging::GoesOn => {}
            Staging::Begins => {
                let next = Manifest { intake, ..self.dataset.manifest().clone() };
                self.dataset.commit(next, Vec::new())?;
            }
        }
        let staged = self.staged.entry(load).or_default();
        staged.add(&mut self.dataset, rows, self.next_sequence)?;
        self.next_sequence += rows.len() as u64;
        Ok(Ok(Reply::Staged(load)))
    }

    pub(super) fn publish(
        &mut self,
        load: LoadId,
        bookmark: Bookmark,
        visible: &mut Visible,
    ) -> Answer<Reply> {
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
