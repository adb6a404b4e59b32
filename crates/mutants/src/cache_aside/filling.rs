//! How readers fill.

use super::READS_AND_WRITES;
use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Ports, Reply, Request, Scan, Sink, Snapshot};
use driftlab_model::{Call, Failure, Key, Outcome, Refusal, Row};
use std::cell::RefCell;
use std::rc::Rc;

/// The oldest race of all caches.
pub(crate) const FILL_RACE: Mutant = Mutant {
    number: 4,
    name: "filled after the invalidation",
    bug: "a reader who read the old row fills it in after the writer's invalidation, because no lease is asked for",
    seen_in: "memcached before leases (Nishtala et al., NSDI 2013), and most caches since",
    scenario: LONG_TAIL,
    mutation: Mutation::Settings(&[("leases", "false")]),
    caught_as: &["lost_update", "stale_overwrite"],
    within: 80,
};

/// The lease is asked for, and then forgotten.
pub(crate) const LEASE_DROPPED: Mutant = Mutant {
    number: 6,
    name: "fill without its lease",
    bug: "the reader asks for a lease and then fills without it, so a revoked one does not keep it out",
    seen_in: "client libraries wrapped by a layer whose set has no parameter for the token",
    scenario: LONG_TAIL,
    mutation: Mutation::Interposer(|| Rc::new(FillsWithoutLease)),
    caught_as: &["lost_update", "stale_overwrite"],
    within: 90,
};

/// What was just read is written back, to live longer.
pub(crate) const TOUCHED: Mutant = Mutant {
    number: 51,
    name: "hit written back",
    bug: "a reader who hits writes the row back to prolong its life, over an invalidation that came between",
    seen_in: "sliding expiry done with get and set instead of touch",
    scenario: READS_AND_WRITES,
    mutation: Mutation::Interposer(|| Rc::new(WritesHitsBack)),
    caught_as: &["lost_update"],
    within: 30,
};

/// The lease is young, and what is filled under it is old.
pub(crate) const OLD_SNAPSHOT: Mutant = Mutant {
    number: 52,
    name: "filled from an older snapshot",
    bug: "the reader's database transaction began before it asked for the lease, so under a valid lease it fills an old row",
    seen_in: "REPEATABLE READ transactions opened at the beginning of a web request; fills from a lagging replica",
    scenario: READS_AND_WRITES,
    mutation: Mutation::Interposer(|| Rc::new(ReadsItsSnapshot::default())),
    caught_as: &["lost_update"],
    within: 40,
};

struct FillsWithoutLease;

impl Interposer for FillsWithoutLease {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        sink.store.call(match request {
            Request::Fill { key, row, .. } => Request::Fill { key, row, lease: None },
            other => other,
        })
    }
}

struct WritesHitsBack;

impl Interposer for WritesHitsBack {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        Box::pin(async move {
            let reply = sink.store.call(request.clone()).await?;
            if let (Request::GetOrLease(key), Reply::Leased { row: Some(row), .. }) = (request, &reply) {
                let _ = sink.store.call(Request::Fill { key, row: row.clone(), lease: None }).await;
            }
            Ok(reply)
        })
    }
}

#[derive(Default)]
struct ReadsItsSnapshot(RefCell<Option<Rc<dyn Snapshot>>>);

impl Interposer for ReadsItsSnapshot {
    fn store<'a>(&'a self, real: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        Box::pin(async move {
            if matches!(request, Request::GetOrLease(_)) {
                self.0.replace(Some(real.source.snapshot().await?.into()));
            }
            sink.store.call(request).await
        })
    }

    fn read<'a>(&'a self, _: &'a Ports, key: &'a Key) -> Call<'a, Outcome<Option<Row>>> {
        Box::pin(async move {
            let view = self.0.borrow().clone().ok_or(Failure::Refused(Refusal::Unavailable))?;
            let all = Scan { table: key.table(), after: None, limit: usize::MAX, updated_after: None };
            let rows = view.scan(all).await?.rows;
            Ok(rows.into_iter().find(|scanned| scanned.key == *key).and_then(|scanned| scanned.row))
        })
    }
}

const LONG_TAIL: &str = r#"
title = "Readers fill a cache with a long tail of latencies while rows are written"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 6
operations = 48
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 4 }
[[sink]]
kind = "cache"
latency = "lognormal(1ms, p99 = 50ms)"
[[strategy]]
kind = "cache_aside"
leases = true
"#;
