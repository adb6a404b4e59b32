//! `cache_aside`: readers fill the cache, writers make it forget.
//!
//! How nearly every web application uses memcached or Redis. A reader who finds nothing reads the database and leaves the row in the cache; a writer
//! invalidates the keys that it changed. Nothing runs beside the application, and a lost cache costs only time.
//!
//! Two things go wrong. The invalidation is a second write like any other: it is lost when the process dies or the cache is away, and the old row
//! stays until its time to live ends. And a slow reader who read the old row before the write fills it in after the invalidation. Leases cure
//! the second: an invalidation revokes the reader's permission to fill (Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013).

use crate::parts::anomalies::{LOSS, MayShow, PIECEMEAL, RESURRECTED, SINK_DISAGREEMENT, STALE_OVERWRITE};
use crate::registry::StrategyEntry;
use driftlab_model::port::{Capture, Lease, Ports, Reply, Request, Sink, Strategy};
use driftlab_model::{
    Call, Commit, Contradiction, Key, Kind, Outcome, Row, Setting, Settings, SinkKind, Transaction,
};
use std::rc::Rc;
use std::sync::Arc;

/// Its line in the registry.
pub const ENTRY: StrategyEntry = StrategyEntry {
    name: "cache_aside",
    summary: "Readers fill the cache with what they miss; writers invalidate what they changed.",
    settings: SETTINGS,
    build: |settings| -> Result<Rc<dyn Strategy>, Contradiction> { Ok(Rc::new(CacheAside::of(settings))) },
    may_show,
};

const SETTINGS: &[Setting] = &[
    Setting {
        name: "leases",
        summary: "Only the reader who holds the lease for a key may fill it, and an invalidation revokes the lease.",
        kind: Kind::Switch,
        default: Some("false"),
    },
    Setting {
        name: "invalidate",
        summary: "When a writer invalidates.",
        kind: Kind::Choice(&[
            ("after_commit", "after its transaction has committed"),
            ("before_commit", "before it begins: a reader in between fills the old row again"),
        ]),
        default: Some("after_commit"),
    },
];

struct CacheAside {
    filling: Filling,
    invalidation: Invalidation,
}

enum Filling {
    Anybody,
    Leaseholder,
}

enum Invalidation {
    AfterCommit,
    BeforeCommit,
}

impl CacheAside {
    fn of(settings: &Settings) -> Self {
        Self {
            filling: if settings.switch("leases") { Filling::Leaseholder } else { Filling::Anybody },
            invalidation: match settings.word("invalidate") {
                "before_commit" => Invalidation::BeforeCommit,
                _ => Invalidation::AfterCommit,
            },
        }
    }
}

fn may_show(settings: &Settings) -> Vec<&'static str> {
    let before_commit = settings.word("invalidate") == "before_commit";
    MayShow::default()
        .when(true, LOSS)
        .when(true, PIECEMEAL)
        .when(true, &[SINK_DISAGREEMENT])
        .when(!settings.switch("leases"), &[STALE_OVERWRITE, RESURRECTED])
        .when(before_commit, &[RESURRECTED])
        .names()
}

impl Strategy for CacheAside {
    fn serves(&self, kind: SinkKind) -> bool {
        kind == SinkKind::Cache
    }

    fn write<'a>(&'a self, app: &'a Ports, transaction: &'a Transaction) -> Call<'a, Outcome<Arc<Commit>>> {
        Box::pin(async move {
            match self.invalidation {
                Invalidation::AfterCommit => {
                    let commit = app.source.transact(transaction, Capture::Nothing).await?;
                    invalidate(app, commit.changes.iter().map(|change| &change.key)).await;
                    Ok(commit)
                }
                Invalidation::BeforeCommit => {
                    invalidate(app, transaction.statements.iter().map(|statement| statement.key())).await;
                    app.source.transact(transaction, Capture::Nothing).await
                }
            }
        })
    }

    fn read<'a>(&'a self, app: &'a Ports, sink: &'a Sink, key: &'a Key) -> Call<'a, Outcome<Option<Row>>> {
        Box::pin(async move {
            match self.look_up(sink, key).await {
                Found::Row(row) => Ok(Some(row)),
                Found::Nothing(permission) => {
                    let row = app.source.read(key).await?;
                    if let (Some(row), Some(permission)) = (&row, permission) {
                        permission.fill(sink, key, row).await;
                    }
                    Ok(row)
                }
            }
        })
    }
}

/// What a look into the cache gave.
enum Found {
    Row(Row),
    /// A miss, and the permission to fill it where the reader has one.
    Nothing(Option<Permission>),
}

/// The permission to fill a missing key.
struct Permission(Option<Lease>);

impl CacheAside {
    /// A cache that does not answer is a miss that nobody may fill: the reader goes to the database.
    async fn look_up(&self, sink: &Sink, key: &Key) -> Found {
        let request = match self.filling {
            Filling::Anybody => Request::Get(key.clone()),
            Filling::Leaseholder => Request::GetOrLease(key.clone()),
        };
        match sink.store.call(request).await {
            Ok(Reply::Row(Some(row)) | Reply::Leased { row: Some(row), .. }) => Found::Row(row),
            Ok(Reply::Row(None)) => Found::Nothing(Some(Permission(None))),
            Ok(Reply::Leased { lease, .. }) => Found::Nothing(lease.map(|lease| Permission(Some(lease)))),
            Ok(_) | Err(_) => Found::Nothing(None),
        }
    }
}

impl Permission {
    /// Leaves a row for the next reader. Where that fails the reader has its row all the same.
    async fn fill(self, sink: &Sink, key: &Key, row: &Row) {
        let fill = Request::Fill { key: key.clone(), row: row.clone(), lease: self.0 };
        let _ = sink.store.call(fill).await;
    }
}

/// Makes every cache forget the keys. Where that fails the old rows stay until their time to live ends; the client is not told.
async fn invalidate<'a>(app: &Ports, keys: impl Iterator<Item = &'a Key>) {
    for key in keys {
        for sink in &app.sinks {
            let _ = sink.store.call(Request::Invalidate(key.clone())).await;
        }
    }
}
