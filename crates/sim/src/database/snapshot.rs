//! Snapshots: consistent views of all tables for reads of many rows.

use super::Database;
use driftlab_model::port::{Page, Scan};
use driftlab_model::{CommitIndex, Lsn, Refusal, Time};

/// Names an open snapshot. One that was closed is known as such, however often its place was reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId {
    place: u32,
    generation: u32,
}

/// What a snapshot is a view of, fixed when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotView {
    /// Its name for scans.
    pub id: SnapshotId,
    /// The log position of the view.
    pub lsn: Lsn,
    /// The same in the commit order.
    pub index: CommitIndex,
    /// The highest `updated_at` stamp in the view, those of softly deleted rows included; `Time::ZERO` where it is empty.
    pub newest_stamp: Time,
}

/// All snapshots.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    places: Vec<Snapshot>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Snapshot {
    /// Grows when it is closed.
    generation: u32,
    index: CommitIndex,
}

impl Snapshots {
    fn open(&mut self, index: CommitIndex) -> SnapshotId {
        if let Some(place) = self.free.pop() {
            let snapshot = &mut self.places[place as usize];
            snapshot.index = index;
            return SnapshotId { place, generation: snapshot.generation };
        }
        self.places.push(Snapshot { generation: 0, index });
        SnapshotId { place: self.places.len() as u32 - 1, generation: 0 }
    }

    fn index(&self, id: SnapshotId) -> Option<CommitIndex> {
        let snapshot = self.places.get(id.place as usize)?;
        (snapshot.generation == id.generation).then_some(snapshot.index)
    }

    fn close(&mut self, id: SnapshotId) -> Option<CommitIndex> {
        let index = self.index(id)?;
        let snapshot = &mut self.places[id.place as usize];
        snapshot.generation = snapshot.generation.wrapping_add(1);
        self.free.push(id.place);
        Some(index)
    }

    /// Closes all and keeps the memory; generations go on, as those of sessions do.
    pub(super) fn reset(&mut self) {
        for snapshot in &mut self.places {
            snapshot.generation = snapshot.generation.wrapping_add(1);
        }
        self.free.clear();
        self.free.extend((0..self.places.len() as u32).rev());
    }
}

impl Database {
    /// Opens a consistent view of what is committed now. It must be closed, or old versions pile up.
    pub fn open_snapshot(&mut self) -> SnapshotView {
        let index = self.views.open(self.last_index);
        let id = self.snapshots.open(index);
        SnapshotView { id, lsn: self.wal.end(), index, newest_stamp: self.versions.newest_stamp() }
    }

    /// Reads one page of a table as a snapshot sees it; a limit of 0 counts as 1.
    ///
    /// # Errors
    /// `Unavailable` when the snapshot was closed: open another.
    pub fn scan(&mut self, id: SnapshotId, scan: &Scan) -> Result<Page, Refusal> {
        let index = self.snapshots.index(id).ok_or(Refusal::Unavailable)?;
        let page = self.versions.scan(scan, index);
        self.rows_read += page.rows.len() as u64;
        Ok(page)
    }

    /// Closes a snapshot; one that is closed stays so.
    pub fn close_snapshot(&mut self, id: SnapshotId) {
        if let Some(index) = self.snapshots.close(id) {
            self.close_view(index);
        }
    }

    /// How many replaced versions are kept because an open snapshot, or a transaction under snapshot isolation, may still read them.
    #[must_use]
    pub fn old_versions(&self) -> usize {
        self.versions.older_images()
    }

    pub(super) fn close_view(&mut self, index: CommitIndex) {
        self.views.close(index);
        self.versions.vacuum(&self.views);
    }
}
