//! The first copy, fitted into the stream chunk by chunk (DBLog, Andreakis and Papapanagiotou, 2020).
//!
//! The connector writes a low watermark into the database's log, reads a chunk of rows, and writes a high watermark. Then it goes on reading the log.
//! Whatever changes between the two watermarks is newer than the chunk's rows, or at least as new, so those rows leave the chunk. When the
//! high watermark comes by, the rest takes its place in the stream there: older changes are before it, newer ones after it, and no lock was held.

use crate::parts::pages::Pages;
use crate::parts::position::{save, saved};
use crate::parts::retry::persist;
use driftlab_model::port::Ports;
use driftlab_model::{
    Bookmark, Change, ChangeEvent, Commit, Key, Lsn, Outcome, Row, Schema, TableId, Watermark, WriteId,
};
use std::collections::BTreeMap;

/// The copy as far as it is done.
pub(crate) struct WatermarkedSnapshot {
    limit: usize,
    /// The tables still to be copied, the current one first.
    tables: Vec<TableId>,
    pages: Pages,
    chunk: Option<Chunk>,
    /// How many tables are done, where that is news.
    progress: Option<u64>,
}

/// A chunk on its way into the stream.
struct Chunk {
    low: Lsn,
    high: Lsn,
    rows: BTreeMap<Key, Row>,
}

/// The name under which the number of copied tables is saved.
const TABLES_DONE: &str = "snapshot.tables";

impl WatermarkedSnapshot {
    /// Goes on with the first table that is not done. One that was half done is copied again: each chunk is right at its own place in the stream.
    pub(crate) async fn resume(ports: &Ports, limit: usize) -> Self {
        let done = saved(ports, TABLES_DONE).await.0 as usize;
        let tables: Vec<TableId> = ports.schema.tables().map(|(table, _)| table).skip(done).collect();
        let pages = Pages::of(tables.first().copied().unwrap_or_default(), limit);
        Self { limit, tables, pages, chunk: None, progress: None }
    }

    /// Saves how many tables are wholly in the stream.
    pub(crate) async fn save(ports: &Ports, done: u64) {
        save(ports, TABLES_DONE, Bookmark(done)).await;
    }

    /// Reads the next chunk between two watermarks, unless one is on its way or all is done.
    pub(crate) async fn read_chunk(&mut self, ports: &Ports) {
        if self.chunk.is_some() || self.tables.is_empty() {
            return;
        }
        self.chunk = Some(persist(ports.runtime.as_ref(), async || self.window(ports).await).await);
    }

    async fn window(&mut self, ports: &Ports) -> Outcome<Chunk> {
        let low = ports.source.mark(Watermark(0)).await?;
        let view = ports.source.snapshot().await?;
        let rows = self.pages.next(view.as_ref()).await?.unwrap_or_default();
        let rows = rows.into_iter().filter_map(|scanned| Some((scanned.key, scanned.row?))).collect();
        let high = persist(ports.runtime.as_ref(), async || ports.source.mark(Watermark(1)).await).await;
        Ok(Chunk { low, high, rows })
    }

    /// Lets a commit pass by the chunk; gives what takes its place in the stream right after it.
    pub(crate) fn pass(&mut self, schema: &Schema, commit: &Commit) -> Vec<ChangeEvent> {
        let Some(chunk) = &mut self.chunk else { return Vec::new() };
        if commit.lsn > chunk.low {
            commit.changes.iter().for_each(|change| chunk.let_pass(schema, change));
        }
        if commit.lsn < chunk.high {
            return Vec::new();
        }
        let events = self.chunk.take().map(Chunk::into_events).unwrap_or_default();
        if !self.pages.is_unfinished() {
            self.progress = Some(u64::from(self.tables.remove(0).0) + 1);
            self.pages = Pages::of(self.tables.first().copied().unwrap_or_default(), self.limit);
        }
        events
    }

    /// How many tables the stream has wholly taken in, if that has changed since this was last asked.
    pub(crate) fn take_progress(&mut self) -> Option<u64> {
        self.progress.take()
    }

    /// Whether all tables are in the stream.
    pub(crate) fn is_complete(&self) -> bool {
        self.tables.is_empty()
    }

    /// Forgets the chunk on its way, because its watermarks were lost with the slot, and copies its table again.
    pub(crate) fn abandon_chunk(&mut self) {
        self.chunk = None;
        self.pages = Pages::of(self.tables.first().copied().unwrap_or_default(), self.limit);
    }
}

impl Chunk {
    /// Leaves out what a change is newer than, or at least as new as.
    fn let_pass(&mut self, schema: &Schema, change: &Change) {
        if let Some(table) = change.empties() {
            self.rows.retain(|key, _| key.table() != table);
            return;
        }
        for half in change.halves(schema) {
            match (&half.after, self.rows.get_mut(&half.key)) {
                // It says a part of the row, and the rest is in the chunk, before it or already with it.
                (Some(after), Some(row)) if after.is_partial() => {
                    if after.version() > row.version() {
                        *row = after.over(row);
                    }
                }
                _ => drop(self.rows.remove(&half.key)),
            }
        }
    }

    /// Its rows as one transaction of their own, at the high watermark.
    fn into_events(self) -> Vec<ChangeEvent> {
        let of = Some(self.rows.len() as u32);
        let position = self.high;
        self.rows
            .into_iter()
            .zip(0..)
            .map(|((key, row), index)| ChangeEvent {
                position,
                transaction: WriteId::LOAD.transaction,
                index,
                of,
                change: Change {
                    key,
                    before: None,
                    write: row.write(),
                    version: row.version(),
                    after: Some(row),
                },
            })
            .collect()
    }
}
