use super::chain::Chain;
use super::registry::{StoreEntry, StoreModel, Visible};
use super::rows::Rows;
use super::versioned::{Absence, SlotId, TOMBSTONES};
use driftlab_model::port::{Delivery, Lease, Reply, Request};
use driftlab_model::{
    Contradiction, Failure, Key, Kind, Outcome, Refusal, Row, Setting, Settings, Shown, SinkKind, Span, Time,
    View,
};
use driftlab_sink::Leases;

/// A cache: it holds some keys and claims nothing of the others.
///
/// Entries leave it by deletion, invalidation, age and lack of room. All four look alike to a reader, and all but a conditional deletion
/// forget the version too.
#[derive(Debug)]
struct Cache {
    rows: Rows,
    leases: Leases,
    capacity: Option<usize>,
    ttl: Option<Span>,
    /// Entries by their last use; kept only where there is a capacity.
    recency: Chain,
    /// Entries by their last write, hence by their expiry, since all live equally long; kept only where there is a TTL.
    age: Chain,
    /// When each slot of `age` expires.
    expiry: Vec<Time>,
    /// Keys of the initial load that it had no room for: everybody takes it to hold them until it says that it does not.
    turned_away: Vec<Key>,
}

pub(super) const ENTRY: StoreEntry = StoreEntry {
    name: "cache",
    summary: "A cache of some keys, with time to live, least-recently-used eviction and leases",
    kind: SinkKind::Cache,
    settings: SETTINGS,
    build: |settings, _seed| Ok(Box::new(Cache::new(settings)?)),
};

const SETTINGS: &[Setting] = &[
    Setting {
        name: "ttl",
        summary: "How long an entry lives after it was written; without it, until it is removed",
        kind: Kind::Span,
        default: None,
    },
    Setting {
        name: "capacity",
        summary: "How many entries it holds before it evicts the least recently used; without it, all",
        kind: Kind::Count(1, u64::MAX),
        default: None,
    },
    TOMBSTONES,
    Setting {
        name: "lease_ttl",
        summary: "How long a lease lasts that nobody uses or revokes",
        kind: Kind::Span,
        default: Some("10s"),
    },
];

impl Cache {
    fn new(settings: &Settings) -> Result<Self, Contradiction> {
        let (ttl, capacity) = (settings.span_if_set("ttl"), settings.count_if_set("capacity"));
        let lease_ttl = settings.span("lease_ttl");
        if ttl.is_some_and(Span::is_zero) {
            let message = "an entry would expire as it is written; give a longer time, or leave `ttl` out to keep entries";
            return Err(Contradiction::at("ttl", message));
        }
        if capacity == Some(0) {
            let message =
                "the cache could hold nothing; give at least 1, or leave `capacity` out to hold everything";
            return Err(Contradiction::at("capacity", message));
        }
        if lease_ttl.is_zero() {
            let message = "a lease would end as it is granted, so no fill could succeed; give a longer time";
            return Err(Contradiction::at("lease_ttl", message));
        }
        Ok(Self {
            rows: Rows::new(Absence::Unclaimed, settings.span("tombstones")),
            leases: Leases::new(lease_ttl),
            capacity: capacity.map(|entries| usize::try_from(entries).unwrap_or(usize::MAX)),
            ttl,
            recency: Chain::default(),
            age: Chain::default(),
            expiry: Vec::new(),
            turned_away: Vec::new(),
        })
    }

    fn answer(&mut self, now: Time, request: &Request, visible: &mut Visible) -> Outcome<Reply> {
        match request {
            Request::Get(key) => return Ok(Reply::Row(self.hit(key))),
            Request::Put(delivery) => self.write(now, delivery)?,
            Request::Bulk(deliveries) => {
                let outcomes = deliveries.iter().map(|delivery| self.write(now, delivery));
                return Ok(Reply::Each(outcomes.map(|outcome| outcome.map_err(Failure::from)).collect()));
            }
            Request::Apply { deliveries, after, bookmark } => {
                self.rows.intake.take_step(*after, *bookmark)?;
                for delivery in deliveries {
                    // What is outdated is already superseded: skipping it completes the step.
                    let _ = self.write(now, delivery);
                }
            }
            Request::Invalidate(key) => {
                self.leases.revoke(key);
                if let Some(id) = self.held(key) {
                    self.drop_entry(id);
                }
            }
            Request::GetOrLease(key) => {
                let row = self.hit(key);
                let lease = if row.is_none() { self.leases.grant(now, key) } else { None };
                return Ok(Reply::Leased { row, lease });
            }
            Request::Fill { key, row, lease } => self.fill(now, key, row, *lease)?,
            Request::Publish { load, bookmark } => {
                if let Some(rows) = self.rows.intake.publish(*load, *bookmark)? {
                    self.replace(now, &rows);
                }
                visible.loaded = true;
            }
            Request::Clear => self.replace(now, &[]),
            Request::Bookmark | Request::Stage { .. } | Request::Complete | Request::Keys { .. } => {
                // Expiries of this moment must be shown before keys are listed.
                self.rows.table.show(&mut visible.shown);
                return self.rows.answer(now, request, visible);
            }
        }
        Ok(Reply::Done)
    }

    fn held(&self, key: &Key) -> Option<SlotId> {
        self.rows.table.find(key).filter(|id| self.rows.table.held(*id).is_some())
    }

    fn hit(&mut self, key: &Key) -> Option<Row> {
        let id = self.rows.table.find(key)?;
        let row = self.rows.table.held(id)?.clone();
        if self.capacity.is_some() {
            self.recency.move_to_end(id);
        }
        Some(row)
    }

    fn write(&mut self, now: Time, delivery: &Delivery) -> Result<(), Refusal> {
        if let Some(deletions) = self.rows.table.spread(delivery) {
            // What is newer than the truncate stays.
            for deletion in &deletions {
                let _ = self.write(now, deletion);
            }
            return Ok(());
        }
        let id = self.rows.table.write(now, delivery)?;
        self.leases.revoke(&delivery.key);
        if self.rows.table.held(id).is_some() {
            self.entered(now, id);
        } else {
            self.left(id);
        }
        Ok(())
    }

    fn fill(&mut self, now: Time, key: &Key, row: &Row, lease: Option<Lease>) -> Result<(), Refusal> {
        if lease.is_some_and(|lease| !self.leases.is_valid(now, key, lease)) {
            return Err(Refusal::Outdated);
        }
        self.leases.revoke(key);
        let id = self.rows.table.slot(key);
        self.rows.table.put(id, row, row.version());
        self.entered(now, id);
        Ok(())
    }

    fn replace(&mut self, now: Time, rows: &[(Key, Row)]) {
        let rows = &rows[..rows.len().min(self.capacity.unwrap_or(usize::MAX))];
        self.leases.revoke_all();
        self.recency.clear();
        self.age.clear();
        self.rows.table.replace(rows);
        for (key, _) in rows {
            let id = self.rows.table.slot(key);
            self.entered(now, id);
        }
    }

    fn entered(&mut self, now: Time, id: SlotId) {
        if let Some(ttl) = self.ttl {
            if self.expiry.len() <= id.index() {
                self.expiry.resize(id.index() + 1, Time::NEVER);
            }
            self.expiry[id.index()] = now + ttl;
            self.age.move_to_end(id);
        }
        if let Some(capacity) = self.capacity {
            self.recency.move_to_end(id);
            while self.recency.len() > capacity
                && let Some(coldest) = self.recency.first()
            {
                self.drop_entry(coldest);
            }
        }
    }

    fn left(&mut self, id: SlotId) {
        self.recency.remove(id);
        self.age.remove(id);
    }

    fn drop_entry(&mut self, id: SlotId) {
        self.rows.table.forget(id);
        self.left(id);
    }

    fn expire(&mut self, now: Time) {
        while let Some(id) = self.age.first()
            && self.expiry[id.index()] <= now
        {
            self.drop_entry(id);
        }
    }
}

impl StoreModel for Cache {
    fn preload(&mut self, rows: &[(Key, Row)]) {
        let mut rows: Vec<&(Key, Row)> = rows.iter().collect();
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        let beyond = rows.split_off(rows.len().min(self.capacity.unwrap_or(usize::MAX)));
        self.turned_away.extend(beyond.into_iter().map(|(key, _)| key.clone()));
        for (key, row) in rows {
            let id = self.rows.table.load(key, row);
            self.entered(Time::ZERO, id);
        }
    }

    fn serve(&mut self, now: Time, request: &Request, _draw: u64, visible: &mut Visible) -> Outcome<Reply> {
        self.expire(now);
        let outcome = self.answer(now, request, visible);
        self.rows.table.show(&mut visible.shown);
        outcome
    }

    fn due(&self) -> Option<Time> {
        if !self.turned_away.is_empty() {
            return Some(Time::ZERO);
        }
        self.age.first().map(|id| self.expiry[id.index()])
    }

    fn tick(&mut self, now: Time, visible: &mut Visible) {
        self.expire(now);
        self.rows.table.show(&mut visible.shown);
        // One that was written meanwhile is held after all.
        let turned_away = self.turned_away.drain(..).filter(|key| self.rows.table.shown(key).is_none());
        visible.shown.extend(turned_away.map(|key| Shown { key, view: View::NotHeld }));
    }

    fn reset(&mut self) {
        self.rows.reset();
        self.leases.reset();
        self.recency.clear();
        self.age.clear();
        self.expiry.clear();
        self.turned_away.clear();
    }

    fn rewind(&mut self, rows: &[(Key, Row)]) {
        if self.capacity.is_some() || self.ttl.is_some() {
            // Every entry has its place in an order of use or of age, so all must be put back.
            self.reset();
            self.preload(rows);
        } else {
            self.rows.rewind(rows);
            self.leases.reset();
        }
    }
}
