//! A store, and what may become of a request to it.

use super::{Fake, Rows};
use driftlab_model::port::{Condition, Delivery, Lease, LoadId, Reply, Request, Store};
use driftlab_model::{Bookmark, Call, Doubt, Key, Outcome, Refusal, Row, Version, WriteId};
use std::collections::{BTreeMap, VecDeque};

/// What becomes of a request to a store.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    Refused,
    ReplyLost,
}

#[derive(Clone, Default)]
pub(crate) struct StoreState {
    pub(crate) cells: BTreeMap<Key, (Option<Row>, Version)>,
    pub(crate) bookmark: Option<Bookmark>,
    pub(crate) staged: BTreeMap<LoadId, Rows>,
    /// How many loads were begun, before the store was lost too.
    pub(crate) loads: u64,
    pub(crate) leases: BTreeMap<Key, u64>,
    pub(crate) granted: u64,
    pub(crate) fates: VecDeque<Option<Fate>>,
    /// Whether the next atomic step stays on the way until it is let go, so that its sender gives it up.
    pub(crate) delays_step: bool,
    /// The step that is still on the way.
    pub(crate) late: Option<Request>,
    pub(crate) refused_steps: usize,
    /// How often rows were refused because their load was not there.
    pub(crate) refused_loads: usize,
    /// What readers saw after each request that was served.
    pub(crate) shown: Vec<Rows>,
    /// What they saw whenever the load was declared complete.
    pub(crate) completed: Vec<Rows>,
    /// The writes that took effect, in order.
    pub(crate) applied: Vec<WriteId>,
}

impl StoreState {
    pub(crate) fn rows(&self) -> Rows {
        self.cells.iter().filter_map(|(key, (row, _))| Some((key.clone(), row.clone()?))).collect()
    }

    fn deliver(&mut self, delivery: &Delivery) -> Outcome<()> {
        let held = self.cells.get(&delivery.key).map(|(_, version)| *version);
        if delivery.condition != Condition::Always && held >= Some(delivery.version) {
            return Err(Refusal::Outdated.into());
        }
        self.cells.insert(delivery.key.clone(), (delivery.after.clone(), delivery.version));
        self.applied.push(delivery.write);
        Ok(())
    }

    /// All that it held is gone.
    pub(crate) fn lose(&mut self) {
        *self = Self { loads: self.loads, refused_loads: self.refused_loads, ..Self::default() };
    }

    pub(super) fn serve(&mut self, request: Request) -> Outcome<Reply> {
        match request {
            Request::Get(key) => Ok(Reply::Row(self.cells.get(&key).and_then(|(row, _)| row.clone()))),
            Request::Put(delivery) => self.deliver(&delivery).map(|()| Reply::Done),
            Request::Bulk(deliveries) => {
                Ok(Reply::Each(deliveries.iter().map(|delivery| self.deliver(delivery)).collect()))
            }
            Request::Apply { deliveries, after, bookmark } => {
                if self.bookmark.unwrap_or_default() != after || bookmark <= after {
                    self.refused_steps += 1;
                    return Err(Refusal::Outdated.into());
                }
                for delivery in &deliveries {
                    let _ = self.deliver(delivery);
                }
                self.bookmark = Some(bookmark);
                Ok(Reply::Done)
            }
            Request::Bookmark => Ok(Reply::Bookmark(self.bookmark)),
            Request::Invalidate(key) => {
                self.cells.remove(&key);
                self.leases.remove(&key);
                Ok(Reply::Done)
            }
            Request::GetOrLease(key) => {
                let row = self.cells.get(&key).and_then(|(row, _)| row.clone());
                let is_free = row.is_none() && !self.leases.contains_key(&key);
                let lease = is_free.then(|| {
                    self.granted += 1;
                    self.leases.insert(key, self.granted);
                    Lease(self.granted)
                });
                Ok(Reply::Leased { row, lease })
            }
            Request::Fill { key, row, lease } => {
                if lease.is_some_and(|lease| self.leases.get(&key) != Some(&lease.0)) {
                    return Err(Refusal::Outdated.into());
                }
                self.leases.remove(&key);
                self.cells.insert(key, (Some(row.clone()), row.version()));
                Ok(Reply::Done)
            }
            Request::Stage { load: None, rows } => {
                self.loads += 1;
                let load = LoadId(self.loads);
                self.staged.insert(load, rows.into_iter().collect());
                Ok(Reply::Staged(load))
            }
            Request::Stage { load: Some(load), rows } => {
                let Some(staged) = self.staged.get_mut(&load) else {
                    self.refused_loads += 1;
                    return Err(Refusal::NoSuchLoad.into());
                };
                staged.extend(rows);
                Ok(Reply::Staged(load))
            }
            Request::Publish { load, bookmark } => {
                let rows = self.staged.remove(&load).ok_or(Refusal::NoSuchLoad)?;
                self.staged.clear();
                self.cells =
                    rows.into_iter().map(|(key, row)| (key, (Some(row.clone()), row.version()))).collect();
                self.bookmark = Some(bookmark);
                Ok(Reply::Done)
            }
            Request::Complete => {
                self.completed.push(self.rows());
                Ok(Reply::Done)
            }
            Request::Clear => {
                self.cells.clear();
                Ok(Reply::Done)
            }
            Request::Keys { table, after, limit } => {
                let keys = self.rows().into_keys().filter(|key| key.table() == table);
                Ok(Reply::Keys(
                    keys.filter(|key| after.as_ref().is_none_or(|a| key > a)).take(limit).collect(),
                ))
            }
        }
    }
}

pub(super) struct FakeStore(pub(super) Fake, pub(super) usize);

impl Store for FakeStore {
    fn call(&self, request: Request) -> Call<'_, Outcome<Reply>> {
        self.0.step(move |world| {
            let store = &mut world.stores[self.1];
            let fate = store.fates.pop_front().flatten();
            if matches!(fate, Some(Fate::Refused)) {
                return Err(Refusal::Unavailable.into());
            }
            if store.delays_step && matches!(request, Request::Apply { .. }) {
                store.delays_step = false;
                store.late = Some(request);
                return Err(Doubt::TimedOut.into());
            }
            let reply = store.serve(request);
            store.shown.push(store.rows());
            if matches!(fate, Some(Fate::ReplyLost)) {
                return Err(Doubt::TimedOut.into());
            }
            reply
        })
    }
}
