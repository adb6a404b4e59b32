use super::columns::Decoder;
use super::dataset::{Dataset, Location};
use super::index::Index;
use super::manifest::{FileEntry, Mode, Role};
use crate::store::StoreError;
use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use driftlab_model::{Key, TableId, Time};
use std::ops::Range;

/// A table with more files than this is compacted: each read of the whole table opens them all.
const FILES_MOST: usize = 16;
/// So many of the newest files are taken at least.
const FILES_TAKEN: usize = 8;
/// An older file is taken as well where the newer ones taken have at least a quarter of its rows, so that a row is rewritten a number of
/// times that grows with the logarithm of the table and not with its updates.
const GROWTH: u64 = 4;

/// Joins the newest files of a table, where it has many, into one, and drops what newer records have superseded.
pub(super) fn compact(
    dataset: &mut Dataset,
    index: &mut Index,
    mode: Mode,
    table: TableId,
    now: Time,
) -> Result<(), StoreError> {
    let of_table: Vec<FileEntry> = dataset
        .manifest()
        .files
        .iter()
        .filter(|entry| entry.table == table.0 && entry.role == Role::Data)
        .copied()
        .collect();
    if of_table.len() <= FILES_MOST {
        return Ok(());
    }
    let taken = choose(&of_table);
    // A deletion must outlive every older record of its key, or that would come back at the next opening.
    let drops_deletions = taken.start == 0 && mode == Mode::Merge;
    let taken = &of_table[taken];

    let mut writer = dataset.writer(table)?;
    let mut moves: Vec<(Key, Location, Location)> = Vec::new();
    let mut forgotten: Vec<Key> = Vec::new();
    let mut place = 0;
    for (file, _) in dataset.files().filter(|(file, _)| taken.iter().any(|entry| entry.id == file.id)) {
        let mut from = Location { file: file.id, place: 0 };
        for batch in file.batches()? {
            let batch = batch.map_err(|cause| file.failed(cause))?;
            let decoder = Decoder::new(&batch).map_err(|cause| file.failed(cause))?;
            let mut kept = Vec::with_capacity(decoder.len());
            for i in 0..decoder.len() {
                let key = decoder.key(i).map_err(|cause| file.failed(cause))?;
                let slot = index.slot(&key);
                let counts = mode != Mode::Merge || slot.is_some_and(|slot| slot.latest == from);
                let expired = drops_deletions
                    && decoder.guarded_until(i) <= now
                    && slot.is_some_and(|slot| !slot.shows_row());
                kept.push(counts && !expired);
                if counts && expired {
                    forgotten.push(key);
                } else if counts {
                    moves.push((key, from, Location { file: writer.id(), place }));
                    place += 1;
                }
                from.place += 1;
            }
            let kept = select(&batch, kept).map_err(|cause| file.failed(cause))?;
            // A file of another schema (the table's columns have changed) would be refused by the writer; its records are written anew.
            if kept.schema() == *writer.schema() {
                writer.write_batch(&kept)?;
            } else {
                let decoder = Decoder::new(&kept).map_err(|cause| file.failed(cause))?;
                let records = (0..decoder.len()).map(|i| decoder.record(i));
                let records = records.collect::<Result<Vec<_>, _>>().map_err(|cause| file.failed(cause))?;
                writer.write(&records)?;
            }
        }
    }

    let mut next = dataset.manifest().clone();
    let position = next.files.iter().position(|entry| entry.id == taken[0].id).unwrap_or(0);
    next.files.retain(|entry| taken.iter().all(|taken| taken.id != entry.id));
    let mut fresh = Vec::new();
    if writer.rows() > 0 {
        fresh = dataset.finish([writer])?;
        next.files.splice(position..position, fresh.iter().map(FileEntry::of));
    }
    dataset.commit(next, fresh)?;
    for (key, from, to) in moves {
        index.moved(&key, from, to);
    }
    forgotten.iter().for_each(|key| index.forget(key));
    Ok(())
}

fn choose(files: &[FileEntry]) -> Range<usize> {
    let mut start = files.len() - FILES_TAKEN;
    let mut rows: u64 = files[start..].iter().map(|entry| entry.rows).sum();
    while start > 0 && files[start - 1].rows <= GROWTH * rows {
        start -= 1;
        rows += files[start].rows;
    }
    start..files.len()
}

fn select(batch: &RecordBatch, kept: Vec<bool>) -> Result<RecordBatch, arrow::error::ArrowError> {
    let kept = BooleanArray::from(kept);
    let columns: Result<Vec<ArrayRef>, _> =
        batch.columns().iter().map(|column| arrow::compute::filter(column, &kept)).collect();
    RecordBatch::try_new(batch.schema(), columns?)
}
