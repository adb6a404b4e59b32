use super::intake::Intake;
use super::registry::{StoreModel, Visible};
use super::versioned::{Absence, Versioned};
use driftlab_model::port::{Delivery, Reply, Request};
use driftlab_model::{Failure, Fingerprint, Key, Outcome, Refusal, Row, Span, Time};

/// The current row of each key: a warehouse that merges, and the ground that cache and search index stand on.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) table: Versioned,
    pub(super) intake: Intake,
}

impl Rows {
    pub(super) fn new(absence: Absence, tombstones: Span) -> Self {
        Self { table: Versioned::new(absence, tombstones), intake: Intake::default() }
    }

    /// Answers a request without showing its effects to readers yet.
    pub(super) fn answer(&mut self, now: Time, request: &Request, visible: &mut Visible) -> Outcome<Reply> {
        match request {
            Request::Get(key) => return Ok(Reply::Row(self.table.shown(key).cloned())),
            Request::Put(delivery) => self.write(now, delivery)?,
            Request::Bulk(deliveries) => {
                return Ok(Reply::Each(
                    deliveries.iter().map(|delivery| self.write(now, delivery)).collect(),
                ));
            }
            Request::Apply { deliveries, after, bookmark } => {
                self.intake.take_step(*after, *bookmark)?;
                for delivery in deliveries {
                    // What is outdated is already superseded: skipping it completes the step.
                    let _ = self.write(now, delivery);
                }
            }
            Request::Publish { load, bookmark } => {
                if let Some(rows) = self.intake.publish(*load, *bookmark)? {
                    self.table.replace(&rows);
                }
                visible.loaded = true;
            }
            Request::Complete => visible.loaded = true,
            Request::Clear => self.table.clear(),
            Request::Keys { table, after, limit } => {
                return Ok(Reply::Keys(self.table.keys(*table, after.as_ref(), *limit)));
            }
            Request::Bookmark | Request::Stage { .. } => return self.intake.answer(now, request),
            Request::Invalidate(_) | Request::GetOrLease(_) | Request::Fill { .. } => {
                return Err(Refusal::Unsupported.into());
            }
        }
        Ok(Reply::Done)
    }

    pub(super) fn write(&mut self, now: Time, delivery: &Delivery) -> Outcome<()> {
        if let Some(deletions) = self.table.spread(delivery) {
            // What is newer than the truncate stays.
            for deletion in &deletions {
                let _ = self.table.write(now, deletion);
            }
            return Ok(());
        }
        self.table.write(now, delivery).map(drop).map_err(Failure::from)
    }
}

impl StoreModel for Rows {
    fn preload(&mut self, rows: &[(Key, Row)]) {
        for (key, row) in rows {
            self.table.load(key, row);
        }
    }

    fn serve(&mut self, now: Time, request: &Request, _draw: u64, visible: &mut Visible) -> Outcome<Reply> {
        let outcome = self.answer(now, request, visible);
        self.table.show(&mut visible.shown);
        outcome
    }

    fn fingerprint(&self, print: &mut Fingerprint<'_>) -> bool {
        self.table.fingerprint(print);
        self.intake.fingerprint(print)
    }

    fn reset(&mut self) {
        self.table.reset();
        self.intake.reset();
    }

    fn rewind(&mut self, _: &[(Key, Row)]) {
        self.table.rewind();
        self.intake.reset();
    }
}
