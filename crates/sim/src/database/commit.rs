//! The end of a transaction, and what it leaves in the log.

use super::Database;
use super::session::SessionId;
use driftlab_model::{Changes, Commit, CommitIndex, Lsn, Refusal, Time, Watermark};
use std::sync::Arc;

impl Database {
    /// Commits a transaction and ends its session, whatever comes of it.
    ///
    /// The commit holds the net changes, one a key, in the order of the first writes. A transaction that changed nothing (a row that it
    /// added and removed again is nothing) commits too, but takes no place in the commit order and leaves no record:
    /// it has the index and position of the last one.
    ///
    /// # Errors
    /// The refusal that its failed statement had; `RolledBack` when the session has ended or still waits for a lock. It left no trace then.
    pub fn commit(&mut self, id: SessionId, now: Time) -> Result<Arc<Commit>, Refusal> {
        self.append_outbox(id);
        let session = self.sessions.get(id).ok_or(Refusal::RolledBack)?;
        let refusal = session.failed.or_else(|| self.locks.waits(id.place()).then_some(Refusal::RolledBack));
        if let Some(why) = refusal {
            self.rollback(id);
            return Err(why);
        }
        // Its own view ends first: what it replaces need not be kept for it.
        if let Some(view) = session.view.take() {
            self.views.close(view);
            self.versions.vacuum(&self.views);
        }
        let index = self.last_index.next();
        let mut changes = Changes::with_capacity(session.written.len());
        for &row in &session.written {
            changes.extend(self.versions.install(row, index, &self.views));
        }
        let told = self.config.telling.of(&changes, &session.deeds);
        if !session.sequences.is_empty() {
            self.wal.grow(self.events.commit(&session.sequences));
        }
        let transaction = session.transaction;
        self.locks.release(id.place());
        self.sessions.close(id);
        if changes.is_empty() {
            let (index, lsn) = (self.last_index, self.wal.end());
            return Ok(Arc::new(Commit { transaction, index, lsn, at: now, changes, watermark: None }));
        }
        self.last_index = index;
        self.wal.neighbours_wrote(self.config.neighbours_bytes_per_s, now);
        let commit = Commit { transaction, index, lsn: Lsn(0), at: now, changes, watermark: None };
        Ok(self.wal.append(commit, told, self.config.retain_bytes))
    }

    /// Rolls a transaction back, wherever it stands, and ends its session; nothing when it has ended.
    pub fn rollback(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(id) else { return };
        for &row in &session.written {
            self.versions.discard(row);
        }
        if !session.sequences.is_empty() {
            self.events.roll_back(&session.sequences);
        }
        if let Some(view) = session.view.take() {
            self.views.close(view);
            self.versions.vacuum(&self.views);
        }
        self.locks.release(id.place());
        self.sessions.close(id);
    }

    /// Writes a watermark into the log, and gives its position.
    pub fn mark(&mut self, watermark: Watermark, now: Time) -> Lsn {
        let mark = Commit {
            transaction: driftlab_model::TransactionId::default(),
            index: self.last_index,
            lsn: Lsn(0),
            at: now,
            changes: Changes::new(),
            watermark: Some(watermark),
        };
        self.wal.neighbours_wrote(self.config.neighbours_bytes_per_s, now);
        self.wal.append(mark, None, self.config.retain_bytes).lsn
    }

    /// The newest commit's place in the commit order.
    #[must_use]
    pub const fn last_index(&self) -> CommitIndex {
        self.last_index
    }
}
