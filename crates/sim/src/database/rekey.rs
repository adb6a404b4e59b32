//! An update of the primary key: one statement, two keys.

use super::session::SessionId;
use super::version::{Draft, Image, RowId};
use super::{Database, Step};
use driftlab_model::port::Capture;
use driftlab_model::{Change, Deed, Key, Refusal, Row, Time, Value, Version, WriteId, WritePath};
use std::sync::Arc;

/// What a row is to be.
pub(super) struct Rekeyed<'a> {
    pub(super) from: (RowId, &'a Key),
    pub(super) to: &'a Key,
    pub(super) values: &'a Arc<[Value]>,
    pub(super) write: WriteId,
    pub(super) stamp: Time,
}

impl Database {
    /// Gives a row, whose lock is held, another key.
    pub(super) fn rekey(&mut self, id: SessionId, rekeyed: &Rekeyed<'_>, path: WritePath) -> Step {
        let Rekeyed { from: (row, key), to, values, write, stamp } = *rekeyed;
        let place = self.versions.place(to);
        if let Err(step) = self.claim(id, place) {
            return step;
        }
        let Some(session) = self.sessions.get(id) else { return Step::Refused(Refusal::RolledBack) };
        if session.view.is_some_and(|view| self.versions.changed_after(place, view)) {
            return session.fail(Refusal::SerializationFailure);
        }
        if self.versions.current(place).is_some() {
            return session.fail(Refusal::Conflict);
        }
        self.last_version = Version(self.last_version.0 + 1);
        let version = self.last_version;
        let before = self.versions.current(row).cloned();
        let after = Row::new(write, version, stamp, Arc::clone(values));
        if self.config.triggers && path == WritePath::Statements {
            let gone = Change { key: key.clone(), before, after: None, write, version };
            let there = Change { key: to.clone(), before: None, after: Some(after.clone()), write, version };
            for change in [gone, there] {
                let index = session.sequences.len() as u32;
                session.sequences.push(self.events.append(session.transaction, index, None, change));
                self.extra_rows_written += 1;
            }
        }
        let gone = if session.capture == Capture::SoftDeletes { Image::Marked(stamp) } else { Image::Absent };
        for (row, image) in [(row, gone), (place, Image::Row(after))] {
            if self.versions.draft(row, Draft { write, version, image }) {
                session.written.push(row);
            }
            self.rows_written += 1;
        }
        session.deeds.push(Deed::Moved { from: key.clone(), to: to.clone() });
        Step::Done
    }
}
