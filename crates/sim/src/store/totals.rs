use super::effects::Effects;
use super::registry::{StoreModel, Visible};
use super::rows::Rows;
use super::versioned::{Absence, SlotId};
use driftlab_model::port::{Condition, Delivery, Reply, Request};
use driftlab_model::{Failure, Key, Outcome, Refusal, Row, SinkForm, Span, Time};
use driftlab_sink::Total;

/// A warehouse that adds up: every delivery adds what it changed, after minus before, to the totals of its key.
///
/// While each change is applied exactly once, a key's totals are the numbers of its row; a change applied twice is in them twice, for good.
/// A sum has no version to compare: [`Condition::Newer`] is taken for [`Condition::Always`], and only [`Condition::Once`] keeps a
/// repeated delivery out. A delivery that does not know the row before counts as an insertion. See [`Total::row`] for what a reader gets.
#[derive(Debug)]
pub(super) struct Totals {
    /// The row of the newest effect of each key, for its version, its texts, and the order of keys.
    latest: Rows,
    totals: Vec<Total>,
    applied: Effects,
}

impl Totals {
    pub(super) fn new() -> Self {
        // Deletions subtract; that one happened does not expire.
        Self {
            latest: Rows::new(Absence::Claimed, Span::MAX),
            totals: Vec::new(),
            applied: Effects::default(),
        }
    }

    fn deliver(&mut self, now: Time, delivery: &Delivery, visible: &mut Visible) -> Result<(), Refusal> {
        if let Some(deletions) = self.latest.table.spread(delivery) {
            return deletions.iter().try_for_each(|deletion| self.deliver(now, deletion, visible));
        }
        if delivery.condition == Condition::Once && self.applied.contains(&delivery.key, delivery.write) {
            return Ok(());
        }
        let id = self.latest.table.slot(&delivery.key);
        self.applied.add(&delivery.key, delivery.write);
        visible.applied.push((delivery.key.clone(), delivery.write));
        let Delivery { key, before, after, write, .. } = delivery;
        self.total_mut(id).apply(key, before.as_ref(), after.as_ref(), *write);
        let table = &mut self.latest.table;
        if table.version(now, id).is_none_or(|latest| latest <= delivery.version) {
            match &delivery.after {
                Some(row) => {
                    if let Some(row) = table.completed(id, row) {
                        table.put(id, &row, delivery.version);
                    }
                }
                None => table.bury(id, delivery.write, delivery.version),
            }
        }
        Ok(())
    }

    fn total_mut(&mut self, id: SlotId) -> &mut Total {
        if self.totals.len() <= id.index() {
            self.totals.resize_with(id.index() + 1, Total::default);
        }
        &mut self.totals[id.index()]
    }

    fn load(&mut self, rows: &[(Key, Row)]) {
        self.totals.clear();
        self.latest.table.replace(rows);
        for (key, row) in rows {
            self.applied.add(key, row.write());
            let id = self.latest.table.slot(key);
            *self.total_mut(id) = Total::of(key, row);
        }
    }

    fn total_row(&self, key: &Key) -> Option<Row> {
        let id = self.latest.table.find(key)?;
        Some(self.totals.get(id.index())?.row(self.latest.table.held(id)?))
    }

    fn answer(&mut self, now: Time, request: &Request, visible: &mut Visible) -> Outcome<Reply> {
        match request {
            Request::Get(key) => return Ok(Reply::Row(self.total_row(key))),
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
                if let Some(rows) = self.latest.intake.publish(*load, *bookmark)? {
                    self.load(&rows);
                }
                visible.loaded = true;
            }
            Request::Clear => {
                self.load(&[]);
                self.applied.clear();
            }
            _ => return self.latest.answer(now, request, visible),
        }
        Ok(Reply::Done)
    }
}

impl StoreModel for Totals {
    fn form(&self) -> SinkForm {
        SinkForm::Totals
    }

    fn preload(&mut self, rows: &[(Key, Row)]) {
        self.load(rows);
        self.latest.table.settle();
    }

    fn serve(&mut self, now: Time, request: &Request, _draw: u64, visible: &mut Visible) -> Outcome<Reply> {
        let outcome = self.answer(now, request, visible);
        self.latest.table.settle();
        outcome
    }

    fn reset(&mut self) {
        self.latest.reset();
        self.totals.clear();
        self.applied.clear();
    }
}
