//! Truncation: all rows of a table at once, under a lock of the whole table.

use super::lock::Claim;
use super::session::SessionId;
use super::version::{Draft, Image};
use super::{Database, Step};
use driftlab_model::{Deed, Key, Refusal, Version, WriteId};

impl Database {
    /// Waits while another transaction truncates the table of a key, or has waited for one that did; `None` where it may go on.
    ///
    /// The lock of a table is that of the key that stands for all of its rows, so it is granted, and its circles are found, as any other.
    pub(super) fn wait_for_table(&mut self, id: SessionId, key: &Key) -> Option<Step> {
        let table = self.versions.find(&Key::all_of(key.table()))?;
        if self.locks.is_free(table) {
            return None;
        }
        self.claim(id, table).err()
    }

    /// Removes all rows of a table. No trigger fires.
    pub(super) fn truncate(&mut self, id: SessionId, key: &Key, write: WriteId) -> Step {
        self.has_truncates = true;
        let table = self.versions.place(key);
        // Whoever writes in the table by now holds the lock of a row, there or not there yet; whoever comes later waits for the table.
        let rows = self.versions.places_of(key.table());
        for row in std::iter::once(table).chain(rows.iter().copied()) {
            if let Err(step) = self.claim(id, row) {
                return step;
            }
        }
        let Some(session) = self.sessions.get(id) else { return Step::Refused(Refusal::RolledBack) };
        if let Some(view) = session.view
            && rows.iter().any(|&row| self.versions.changed_after(row, view))
        {
            return session.fail(Refusal::SerializationFailure);
        }
        self.last_version = Version(self.last_version.0 + 1);
        let version = self.last_version;
        for row in rows {
            if self.versions.current(row).is_none() {
                continue;
            }
            if self.versions.draft(row, Draft { write, version, image: Image::Absent }) {
                session.written.push(row);
            }
            self.rows_written += 1;
        }
        session.deeds.push(Deed::Truncated { table: key.table(), write, version });
        Step::Done
    }

    /// Takes a lock, or gives what comes of the statement that needs it.
    pub(super) fn claim(&mut self, id: SessionId, row: super::version::RowId) -> Result<(), Step> {
        match self.locks.claim(id.place(), row) {
            Claim::Held => Ok(()),
            Claim::Queued => Err(Step::Wait),
            Claim::Deadlock => Err(match self.sessions.get(id) {
                Some(session) => session.fail(Refusal::Deadlock),
                None => Step::Refused(Refusal::RolledBack),
            }),
        }
    }
}
