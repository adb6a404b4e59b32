//! The cache: moka, an in-process cache with least-recently-used eviction and a time to live.
//!
//! moka has neither leases nor tombstones; they stand beside it, as they stand beside the items in memcached's lease extension. To compare versions
//! an entry must be read, so a conditional write that is refused counts as a use of the entry. All of it is memory: a cache that is opened again
//! is empty, and has forgotten its bookmark with its rows.

mod departures;
mod tombstones;

use self::departures::Departures;
use self::tombstones::Tombstones;
use super::registry::{BackendEntry, Place};
use super::{Backend, StoreError, Visible};
use driftlab_model::port::{Condition, Delivery, Lease, LoadId, Reply, Request};
use driftlab_model::{
    Failure, Key, Outcome, Refusal, Row, Settings, Shown, SinkKind, TableId, Time, Version, View,
};
use driftlab_sink::{Intake, Leases, Staging};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const ENTRY: BackendEntry = BackendEntry {
    name: "cache",
    summary: "moka, an in-process cache with least-recently-used eviction and a time to live; leases and tombstones beside it",
    kind: SinkKind::Cache,
    inapt: &[],
    open: |settings, place| Ok(Box::new(InProcessCache::new(settings, place))),
};

struct InProcessCache {
    cache: Cache<Key, Held>,
    departures: Departures,
    tombstones: Tombstones,
    leases: Leases,
    capacity: usize,
    intake: Intake,
    staged: BTreeMap<LoadId, BTreeMap<Key, Row>>,
    /// Keys of the initial load that it had no room for: everybody takes it to hold them until it says that it does not.
    turned_away: Vec<Key>,
}

/// What the cache holds of a key.
#[derive(Clone)]
struct Held {
    row: Row,
    version: Version,
}

/// What readers saw of the keys that a request touches, before it did.
#[derive(Default)]
struct Touched(Vec<(Key, Option<Row>)>);

impl InProcessCache {
    fn new(given: &Settings, _place: &Place) -> Self {
        let (ttl, capacity) = (given.span_if_set("ttl"), given.count_if_set("capacity"));
        let departures = Departures::new(ttl);
        let mut builder =
            Cache::builder().eviction_policy(EvictionPolicy::lru()).eviction_listener(departures.listener());
        if let Some(capacity) = capacity {
            builder = builder.max_capacity(capacity);
        }
        if let Some(ttl) = ttl {
            builder = builder.time_to_live(Duration::from_nanos(ttl.nanos()));
        }
        Self {
            cache: builder.build(),
            departures,
            tombstones: Tombstones::new(given.span("tombstones")),
            leases: Leases::new(given.span("lease_ttl")),
            capacity: capacity.map_or(usize::MAX, |entries| usize::try_from(entries).unwrap_or(usize::MAX)),
            intake: Intake::default(),
            staged: BTreeMap::new(),
            turned_away: Vec::new(),
        }
    }

    fn answer(&mut self, now: Time, request: &Request, touched: &mut Touched) -> Outcome<Reply> {
        match request {
            Request::Get(key) => return Ok(Reply::Row(self.row(key))),
            Request::Put(delivery) => self.write(now, delivery, touched)?,
            Request::Bulk(deliveries) => {
                let outcomes = deliveries.iter().map(|delivery| self.write(now, delivery, touched));
                return Ok(Reply::Each(outcomes.map(|outcome| outcome.map_err(Failure::from)).collect()));
            }
            Request::Apply { deliveries, after, bookmark } => {
                self.intake.take_step(*after, *bookmark)?;
                for delivery in deliveries {
                    // What is outdated is already superseded: skipping it completes the step.
                    let _ = self.write(now, delivery, touched);
                }
            }
            Request::Bookmark => return Ok(Reply::Bookmark(self.intake.bookmark())),
            Request::Invalidate(key) => {
                self.leases.revoke(key);
                touched.note(self, key);
                self.cache.invalidate(key);
            }
            Request::GetOrLease(key) => {
                let row = self.row(key);
                let lease = if row.is_none() { self.leases.grant(now, key) } else { None };
                return Ok(Reply::Leased { row, lease });
            }
            Request::Fill { key, row, lease } => self.fill(now, key, row, *lease, touched)?,
            Request::Stage { load, rows } => {
                let (load, staging) = self.intake.stage(now, *load)?;
                if staging != Staging::Over {
                    self.staged.entry(load).or_default().extend(rows.iter().cloned());
                }
                return Ok(Reply::Staged(load));
            }
            Request::Publish { load, bookmark } => {
                if self.intake.publish(*load, *bookmark)? {
                    let rows = self.staged.remove(load).unwrap_or_default();
                    self.staged.clear();
                    self.replace(now, rows, touched);
                }
            }
            Request::Complete => {}
            Request::Clear => self.replace(now, BTreeMap::new(), touched),
            Request::Keys { table, after, limit } => {
                return Ok(Reply::Keys(self.keys(*table, after.as_ref(), *limit)));
            }
        }
        Ok(Reply::Done)
    }

    fn row(&self, key: &Key) -> Option<Row> {
        self.cache.get(key).map(|held| held.row)
    }

    fn write(&mut self, now: Time, delivery: &Delivery, touched: &mut Touched) -> Result<(), Refusal> {
        let key = &delivery.key;
        if delivery.condition != Condition::Always {
            let held = self.cache.get(key).map(|held| held.version);
            if held.or_else(|| self.tombstones.version(now, key)).is_some_and(|held| held >= delivery.version)
            {
                return Err(Refusal::Outdated);
            }
        }
        self.leases.revoke(key);
        self.tombstones.remove(key);
        match &delivery.after {
            Some(row) => self.hold(now, key, row, delivery.version, touched),
            None => {
                touched.note(self, key);
                self.cache.invalidate(key);
                if delivery.condition != Condition::Always {
                    self.tombstones.bury(now, key, delivery.version);
                }
            }
        }
        Ok(())
    }

    fn fill(
        &mut self,
        now: Time,
        key: &Key,
        row: &Row,
        lease: Option<Lease>,
        touched: &mut Touched,
    ) -> Result<(), Refusal> {
        if lease.is_some_and(|lease| !self.leases.is_valid(now, key, lease)) {
            return Err(Refusal::Outdated);
        }
        self.leases.revoke(key);
        self.tombstones.remove(key);
        self.hold(now, key, row, row.version(), touched);
        Ok(())
    }

    fn hold(&mut self, now: Time, key: &Key, row: &Row, version: Version, touched: &mut Touched) {
        touched.note(self, key);
        self.cache.insert(key.clone(), Held { row: row.clone(), version });
        self.departures.expect_after(now);
        // Left to itself the cache evicts after the step, when a later deletion may have made room.
        self.maintain(touched);
    }

    fn replace(&mut self, now: Time, rows: BTreeMap<Key, Row>, touched: &mut Touched) {
        let rows: BTreeMap<Key, Row> = rows.into_iter().take(self.capacity).collect();
        self.leases.revoke_all();
        self.tombstones.clear();
        for (key, held) in &self.cache {
            if !rows.contains_key(&*key) {
                self.cache.invalidate(&*key);
            }
            touched.0.push((Key::clone(&key), Some(held.row)));
        }
        // What had left by then was noted above as well: from now on the keys are compared one by one.
        self.cache.run_pending_tasks();
        for (key, row) in rows {
            self.hold(now, &key, &row, row.version(), touched);
        }
    }

    fn keys(&self, table: TableId, after: Option<&Key>, limit: usize) -> Vec<Key> {
        let keys = self.cache.iter().map(|(key, _)| Key::clone(&key));
        let mut keys: Vec<Key> =
            keys.filter(|key| key.table() == table && after.is_none_or(|after| key > after)).collect();
        keys.sort();
        keys.truncate(limit);
        keys
    }

    /// Lets the cache evict and expire what it must, and notes what left.
    fn maintain(&mut self, touched: &mut Touched) {
        self.cache.run_pending_tasks();
        touched.0.extend(self.departures.take().into_iter().map(|(key, row)| (key, Some(row))));
    }

    /// Tells what readers see differently of the keys that were touched or left by themselves.
    fn tell(&mut self, mut touched: Touched, visible: &mut Visible) {
        self.maintain(&mut touched);
        let mut before = BTreeMap::new();
        for (key, row) in touched.0 {
            // Only what was seen before the first touch counts.
            before.entry(key).or_insert(row);
        }
        for (key, before) in before {
            // To look without using the entry: only where there is one must its row be compared.
            let now = if self.cache.contains_key(&key) { self.row(&key) } else { None };
            if now != before {
                let view = now.map_or(View::NotHeld, View::Row);
                visible.shown.push(Shown { key, view });
            }
        }
    }
}

impl Touched {
    fn note(&mut self, cache: &InProcessCache, key: &Key) {
        self.0.push((key.clone(), cache.row(key)));
    }
}

impl Backend for InProcessCache {
    fn preload(&mut self, rows: &[(Key, Row)]) -> Result<(), StoreError> {
        let rows: BTreeMap<Key, Row> = rows.iter().cloned().collect();
        let mut touched = Touched::default();
        for (position, (key, row)) in rows.into_iter().enumerate() {
            if position < self.capacity {
                self.hold(Time::ZERO, &key, &row, row.version(), &mut touched);
            } else {
                self.turned_away.push(key);
            }
        }
        self.tell(touched, &mut Visible::default());
        Ok(())
    }

    fn serve(
        &mut self,
        now: Time,
        request: &Request,
        visible: &mut Visible,
    ) -> Result<Outcome<Reply>, StoreError> {
        self.tick(now, visible)?;
        let mut touched = Touched::default();
        let outcome = self.answer(now, request, &mut touched);
        visible.loaded |= outcome.is_ok() && matches!(request, Request::Publish { .. } | Request::Complete);
        self.tell(touched, visible);
        Ok(outcome)
    }

    fn due(&self) -> Option<Time> {
        if !self.turned_away.is_empty() {
            return Some(Time::ZERO);
        }
        self.departures.due()
    }

    fn tick(&mut self, now: Time, visible: &mut Visible) -> Result<(), StoreError> {
        self.tell(Touched::default(), visible);
        self.departures.passed(now, self.cache.entry_count() > 0);
        // One that was written meanwhile is held after all.
        for key in std::mem::take(&mut self.turned_away) {
            if !self.cache.contains_key(&key) {
                visible.shown.push(Shown { key, view: View::NotHeld });
            }
        }
        Ok(())
    }

    fn contents(&mut self) -> Result<Vec<(Key, Row)>, StoreError> {
        let mut rows: Vec<(Key, Row)> =
            self.cache.iter().map(|(key, held)| (Key::clone(&key), held.row)).collect();
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(rows)
    }
}
