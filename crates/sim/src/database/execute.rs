//! Statements: most of them one row each, under that row's lock.

use super::config::Isolation;
use super::lock::Claim;
use super::rekey::Rekeyed;
use super::session::{Outbox, Session, SessionId};
use super::version::{Draft, Image};
use super::{Database, Step};
use driftlab_model::port::Capture;
use driftlab_model::{Change, Key, Refusal, Row, Statement, Time, Version, WriteId, WritePath};

impl Database {
    /// Opens a transaction; `capture` is what the application does in it beside its own statements.
    pub fn begin(&mut self, transaction: driftlab_model::TransactionId, capture: Capture) -> SessionId {
        self.sessions.open(transaction, capture)
    }

    /// Runs one statement: takes the row's lock, then changes the row, and fires its trigger.
    ///
    /// `write` names the write, and `stamp` becomes the row's `updated_at`. After [`Step::Wait`] the session stands in the lock's queue:
    /// once [`Database::take_granted`] has named it, the same statement is run again. After [`Step::Refused`] the transaction can only be
    /// rolled back; a session that has ended is refused as rolled back.
    pub fn execute(
        &mut self,
        id: SessionId,
        statement: &Statement,
        write: WriteId,
        stamp: Time,
        path: WritePath,
    ) -> Step {
        let Some(session) = self.sessions.get(id) else { return Step::Refused(Refusal::RolledBack) };
        if let Some(why) = session.failed {
            return Step::Refused(why);
        }
        if self.config.isolation == Isolation::Snapshot && session.view.is_none() {
            session.view = Some(self.views.open(self.last_index));
        }
        if self.has_truncates
            && let Some(step) = self.wait_for_table(id, statement.key())
        {
            return step;
        }
        if let Statement::Truncate { key } = statement {
            return self.truncate(id, key, write);
        }
        let Some(session) = self.sessions.get(id) else { return Step::Refused(Refusal::RolledBack) };
        let row = self.versions.place(statement.key());
        match self.locks.claim(id.place(), row) {
            Claim::Held => {}
            Claim::Queued => return Step::Wait,
            Claim::Deadlock => return session.fail(Refusal::Deadlock),
        }
        if session.view.is_some_and(|view| self.versions.changed_after(row, view)) {
            return session.fail(Refusal::SerializationFailure);
        }

        let before = self.versions.current(row);
        match statement {
            Statement::Insert { .. } if before.is_some() => return session.fail(Refusal::Conflict),
            Statement::Update { .. } | Statement::Delete { .. } | Statement::Rekey { .. }
                if before.is_none() =>
            {
                return Step::Done;
            }
            Statement::Rekey { key, to, values } => {
                let rekeyed = Rekeyed { from: (row, key), to, values, write, stamp };
                return self.rekey(id, &rekeyed, path);
            }
            _ => {}
        }
        self.last_version = Version(self.last_version.0 + 1);
        let version = self.last_version;
        let image = match statement.outcome_on(before.map(Row::values)) {
            Some(values) => Image::Row(Row::new(write, version, stamp, values)),
            None if session.capture == Capture::SoftDeletes => Image::Marked(stamp),
            None => Image::Absent,
        };
        if self.config.triggers && path == WritePath::Statements {
            let index = session.sequences.len() as u32;
            let key = statement.key().clone();
            let (before, after) = (before.cloned(), image.row().cloned());
            let change = Change { key, before, after, write, version };
            session.sequences.push(self.events.append(session.transaction, index, None, change));
            self.extra_rows_written += 1;
        }
        if self.versions.draft(row, Draft { write, version, image }) {
            session.written.push(row);
        }
        self.rows_written += 1;
        Step::Done
    }

    /// Writes the transaction's net changes so far into the outbox, as the application's last statement; nothing where it keeps no outbox,
    /// or has done it. A transaction that commits without this call does it then.
    #[inline]
    pub fn append_outbox(&mut self, id: SessionId) {
        let is_due = |session: &mut Session| session.outbox == Outbox::Due && session.failed.is_none();
        if self.sessions.get(id).is_some_and(is_due) {
            self.append_changes_so_far(id);
        }
    }

    fn append_changes_so_far(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(id) else { return };
        session.outbox = Outbox::Written;
        let changes = session.written.iter().filter_map(|&row| self.versions.net_change(row));
        let changes: Vec<Change> = changes.collect();
        let of = Some(changes.len() as u32);
        self.extra_rows_written += changes.len() as u64;
        for (index, change) in (0..).zip(changes) {
            session.sequences.push(self.events.append(session.transaction, index, of, change));
        }
    }

    /// Adds to `out` the sessions that came to hold the lock they waited for, in that order. Each is named once.
    #[inline]
    pub fn take_granted(&mut self, out: &mut Vec<SessionId>) {
        if self.locks.nobody_was_granted() {
            return;
        }
        out.extend(self.locks.take_granted().map(|place| self.sessions.at(place)));
    }

    /// The committed row of a key, now.
    pub fn read(&mut self, key: &Key) -> Option<Row> {
        let row = self.versions.committed(self.versions.find(key)?)?.clone();
        self.rows_read += 1;
        Some(row)
    }

    /// The row of a key as a transaction sees it: its own write, else what its isolation level shows. Waits for no lock.
    ///
    /// # Errors
    /// The refusal that its failed statement had; `RolledBack` when the transaction has ended.
    pub fn read_in(&mut self, id: SessionId, key: &Key) -> Result<Option<Row>, Refusal> {
        let session = self.sessions.get(id).ok_or(Refusal::RolledBack)?;
        if let Some(why) = session.failed {
            return Err(why);
        }
        if self.config.isolation == Isolation::Snapshot && session.view.is_none() {
            session.view = Some(self.views.open(self.last_index));
        }
        let Some(row) = self.versions.find(key) else { return Ok(None) };
        let seen = match session.view {
            _ if self.locks.holds(id.place(), row) && self.versions.has_draft(row) => {
                self.versions.current(row)
            }
            Some(view) => self.versions.seen(row, view),
            None => self.versions.committed(row),
        };
        self.rows_read += u64::from(seen.is_some());
        Ok(seen.cloned())
    }
}

impl Session {
    pub(super) fn fail(&mut self, why: Refusal) -> Step {
        self.failed = Some(why);
        Step::Refused(why)
    }
}
