use super::effects::Effects;
use super::registry::{StoreModel, Visible};
use super::rows::Rows;
use super::versioned::Absence;
use driftlab_model::port::{Condition, Delivery, Reply, Request};
use driftlab_model::{Failure, Key, Outcome, Refusal, Row, SinkForm, Span, Time, Version, WriteId};

/// A warehouse that appends: every delivery adds a version of its key, deletions too, and none is ever replaced.
///
/// A reader sees the highest version of a key; of equal ones, the last to arrive. Older versions are told as effects
/// ([`Visible::applied`]) and only their writes are kept, since no request asks for their rows.
///
/// An append replaces nothing, so there is no version to compare: [`Condition::Newer`] is taken for [`Condition::Always`], and only
/// [`Condition::Once`] keeps a repeated delivery out.
#[derive(Debug)]
pub(super) struct Versions {
    latest: Rows,
    applied: Effects,
}

impl Versions {
    pub(super) fn new() -> Self {
        // A version that says "deleted" is a row of its own here and does not expire.
        Self { latest: Rows::new(Absence::Claimed, Span::MAX), applied: Effects::default() }
    }

    fn deliver(&mut self, now: Time, delivery: &Delivery, visible: &mut Visible) -> Result<(), Refusal> {
        if let Some(deletions) = self.latest.table.spread(delivery) {
            return deletions.iter().try_for_each(|deletion| self.deliver(now, deletion, visible));
        }
        if delivery.condition == Condition::Once && self.applied.contains(&delivery.key, delivery.write) {
            return Ok(());
        }
        self.append(now, &delivery.key, delivery.after.as_ref(), (delivery.write, delivery.version));
        visible.applied.push((delivery.key.clone(), delivery.write));
        Ok(())
    }

    fn append(&mut self, now: Time, key: &Key, row: Option<&Row>, (write, version): (WriteId, Version)) {
        self.applied.add(key, write);
        let table = &mut self.latest.table;
        let id = table.slot(key);
        if table.version(now, id).is_some_and(|latest| latest > version) {
            return;
        }
        match row {
            Some(row) => {
                if let Some(row) = table.completed(id, row) {
                    table.put(id, &row, version);
                }
            }
            None => table.bury(id, write, version),
        }
    }

    fn answer(&mut self, now: Time, request: &Request, visible: &mut Visible) -> Outcome<Reply> {
        match request {
            Request::Put(delivery) => self.deliver(now, delivery, visible)?,
            Request::Bulk(deliveries) => {
                let outcomes = deliveries.iter().map(|delivery| self.deliver(now, delivery, visible));
                return Ok(Reply::Each(outcomes.map(|outcome| outcome.map_err(Failure::from)).collect()));
            }
            Request::Apply { deliveries, after, bookmark } => {
                self.latest.intake.take_step(*after, *bookmark)?;
                for delivery in deliveries {
                    // Nothing can be refused here: a repeated delivery is done without effect.
                    let _ = self.deliver(now, delivery, visible);
                }
            }
            Request::Publish { load, bookmark } => {
                for (key, row) in self.latest.intake.publish(*load, *bookmark)?.unwrap_or_default() {
                    let id = self.latest.table.slot(&key);
                    if self.latest.table.held(id).map(Row::write) != Some(row.write()) {
                        self.append(now, &key, Some(&row), (row.write(), row.version()));
                        visible.applied.push((key, row.write()));
                    }
                }
                visible.loaded = true;
            }
            Request::Clear => {
                self.latest.table.clear();
                self.applied.clear();
            }
            _ => return self.latest.answer(now, request, visible),
        }
        Ok(Reply::Done)
    }
}

impl StoreModel for Versions {
    fn form(&self) -> SinkForm {
        SinkForm::Versions
    }

    fn preload(&mut self, rows: &[(Key, Row)]) {
        for (key, row) in rows {
            self.applied.add(key, row.write());
        }
        self.latest.preload(rows);
    }

    fn serve(&mut self, now: Time, request: &Request, _draw: u64, visible: &mut Visible) -> Outcome<Reply> {
        let outcome = self.answer(now, request, visible);
        self.latest.table.settle();
        outcome
    }

    fn reset(&mut self) {
        self.latest.reset();
        self.applied.clear();
    }
}
