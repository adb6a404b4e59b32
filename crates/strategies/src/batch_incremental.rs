//! `batch_incremental`: a job copies what is stamped later than the last thing it saw.
//!
//! `SELECT … WHERE updated_at > :watermark`, the default of most ETL tools, because it is cheap and needs only a column. Everything depends on that
//! column telling the truth, and it does not quite: a row is stamped when its statement runs and appears when its transaction commits. A long
//! transaction commits rows behind a watermark that has already gone past their stamps, and nobody ever reads them. Looking back a little
//! further than the longest transaction cures that, and clocks that run behind as well.
//!
//! And a deleted row has no stamp at all. Either the application only marks rows as deleted, or the job compares all keys, or the
//! warehouse bills the customer for ever.

use crate::parts::anomalies::{
    LOSS, LOST_UPDATE, MISSED_CHANGE, MISSED_DELETE, MayShow, PIECEMEAL, SINK_DISAGREEMENT, UNBOUNDED_LAG,
};
use crate::parts::delivery::{deletion_of, of_scanned, put};
use crate::parts::key_diff::{keys_of_source, orphans};
use crate::parts::pages::{PAGE, Pages};
use crate::parts::position::ask;
use crate::parts::schedule::{FixedRate, period};
use crate::registry::StrategyEntry;
use driftlab_model::call::join_all;
use driftlab_model::port::{
    Capture, Condition, Delivery, Ports, Process, Request, Sink, Snapshot, Strategy, Topology,
};
use driftlab_model::{
    Bookmark, Call, Commit, Contradiction, Key, Kind, Outcome, Setting, Settings, Span, TableId, Time,
    Transaction,
};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// Its line in the registry.
pub const ENTRY: StrategyEntry = StrategyEntry {
    name: "batch_incremental",
    summary: "A job copies the rows that are stamped later than the last one it saw.",
    settings: SETTINGS,
    build: |settings| Ok(Rc::new(BatchIncremental::of(settings)?)),
    may_show,
};

const SETTINGS: &[Setting] = &[
    Setting {
        name: "every",
        summary: "How often a run starts; one that takes longer is followed by the next at once.",
        kind: Kind::Span,
        default: Some("10s"),
    },
    Setting {
        name: "lookback",
        summary: "How far behind the watermark each run reads again; safe from the longest transaction on.",
        kind: Kind::Span,
        default: Some("0"),
    },
    Setting {
        name: "deletes",
        summary: "How the job learns of deletions.",
        kind: Kind::Choice(&[
            ("none", "not at all"),
            ("soft", "the application marks rows as deleted instead of removing them"),
            ("key_diff", "it compares all keys of source and sink in each run"),
        ]),
        default: Some("none"),
    },
    Setting {
        name: "read",
        summary: "Which view of the source the new watermark comes from.",
        kind: Kind::Choice(&[
            ("one_snapshot", "the same snapshot as the rows"),
            ("watermark_then_read", "a second connection, which sees what the rows' snapshot does not yet"),
        ]),
        default: Some("one_snapshot"),
    },
    PAGE,
    Setting {
        name: "apply",
        summary: "What a sink takes in one step.",
        kind: Kind::Choice(&[
            ("rows", "each row by itself, several at once"),
            ("batch", "all rows of a run, in one atomic step"),
        ]),
        default: Some("rows"),
    },
    Setting {
        name: "save",
        summary: "When the new watermark is saved.",
        kind: Kind::Choice(&[
            ("after_load", "once all sinks have the rows"),
            ("before_load", "before: a run that fails is never made up for"),
        ]),
        default: Some("after_load"),
    },
];

#[derive(Clone, Copy)]
struct BatchIncremental {
    every: Span,
    lookback: Span,
    deletes: Deletes,
    read: Read,
    page: usize,
    apply: Apply,
    save: Save,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Deletes {
    None,
    Soft,
    KeyDiff,
}

#[derive(Clone, Copy)]
enum Read {
    OneSnapshot,
    WatermarkThenRead,
}

#[derive(Clone, Copy)]
enum Apply {
    Rows,
    Batch,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Save {
    AfterLoad,
    BeforeLoad,
}

impl BatchIncremental {
    fn of(settings: &Settings) -> Result<Self, Contradiction> {
        Ok(Self {
            every: period(settings, "every")?,
            lookback: settings.span("lookback"),
            deletes: match settings.word("deletes") {
                "soft" => Deletes::Soft,
                "key_diff" => Deletes::KeyDiff,
                _ => Deletes::None,
            },
            read: match settings.word("read") {
                "watermark_then_read" => Read::WatermarkThenRead,
                _ => Read::OneSnapshot,
            },
            page: settings.count("page") as usize,
            apply: match settings.word("apply") {
                "batch" => Apply::Batch,
                _ => Apply::Rows,
            },
            save: match settings.word("save") {
                "before_load" => Save::BeforeLoad,
                _ => Save::AfterLoad,
            },
        })
    }
}

/// A lookback that is given counts as long enough; one that is shorter than the longest transaction loses rows all the same.
fn may_show(settings: &Settings) -> Vec<&'static str> {
    let (deletes, lookback) = (settings.word("deletes"), settings.span("lookback"));
    MayShow::default()
        .when(true, &[MISSED_CHANGE])
        .when(lookback.is_zero(), &[LOST_UPDATE, UNBOUNDED_LAG])
        .when(lookback.is_zero() && deletes == "soft", &[MISSED_DELETE])
        .when(deletes == "none", &[MISSED_DELETE, UNBOUNDED_LAG])
        .when(settings.word("save") == "before_load", LOSS)
        .when(settings.word("save") == "before_load", &[SINK_DISAGREEMENT])
        .when(lookback.is_zero() || deletes == "none" || settings.word("apply") == "rows", PIECEMEAL)
        .names()
}

impl Strategy for BatchIncremental {
    fn write<'a>(&'a self, app: &'a Ports, transaction: &'a Transaction) -> Call<'a, Outcome<Arc<Commit>>> {
        let capture = match self.deletes {
            Deletes::Soft => Capture::SoftDeletes,
            Deletes::None | Deletes::KeyDiff => Capture::Nothing,
        };
        app.source.transact(transaction, capture)
    }

    fn processes(&self, _: &Topology) -> Vec<Process> {
        let job = *self;
        vec![Process::new("batch", move |ports| async move { job.run(&ports).await })]
    }
}

/// The name under which the watermark is saved.
const WATERMARK: &str = "batch.watermark";

/// How many connections to a sink a run writes through. A run has each row once, so their order does not matter.
const CONNECTIONS: usize = 16;

impl BatchIncremental {
    async fn run(&self, ports: &Ports) {
        let runtime = ports.runtime.as_ref();
        let mut schedule = FixedRate::new(runtime, self.every);
        loop {
            let run = schedule.tick(runtime).await;
            runtime.round();
            runtime.about(run);
            // A run that fails is not repeated: the next one begins at the same watermark.
            if self.copy(ports, run).await.is_err() {
                runtime.round_failed();
            }
        }
    }

    async fn copy(&self, ports: &Ports, run: u64) -> Outcome<()> {
        let old: Time = ports.checkpoint.load(WATERMARK).await?.unwrap_or_default().into();
        let view = ports.source.snapshot().await?;
        let newest = match self.read {
            Read::OneSnapshot => view.newest_stamp(),
            Read::WatermarkThenRead => ports.source.snapshot().await?.newest_stamp(),
        };
        let new = newest.max(old);

        let changed = self.changed_rows(ports, view.as_ref(), old.back(self.lookback)).await?;
        let keys = self.keys(ports, view.as_ref()).await?;
        if self.save == Save::BeforeLoad && new > old {
            ports.checkpoint.save(WATERMARK, new.into()).await?;
        }
        let mut outcome = Ok(());
        for sink in &ports.sinks {
            let loaded = self.load(sink, &changed, &keys, run).await;
            outcome = outcome.and(loaded);
        }
        outcome?;
        if self.save == Save::AfterLoad && new > old {
            ports.checkpoint.save(WATERMARK, new.into()).await?;
        }
        Ok(())
    }

    async fn changed_rows(&self, ports: &Ports, view: &dyn Snapshot, since: Time) -> Outcome<Vec<Delivery>> {
        let mut changed = Vec::new();
        for (table, _) in ports.schema.tables() {
            let mut pages = Pages::updated_after(table, self.page, since);
            while let Some(rows) = pages.next(view).await? {
                changed.extend(rows.into_iter().map(|row| of_scanned(row, Condition::Newer)));
            }
        }
        Ok(changed)
    }

    /// All keys of the source, by table, where the job is to compare them.
    async fn keys(&self, ports: &Ports, view: &dyn Snapshot) -> Outcome<BTreeMap<TableId, BTreeSet<Key>>> {
        let mut keys = BTreeMap::new();
        if self.deletes == Deletes::KeyDiff {
            for (table, _) in ports.schema.tables() {
                keys.insert(table, keys_of_source(view, table, self.page).await?);
            }
        }
        Ok(keys)
    }

    async fn load(
        &self,
        sink: &Sink,
        changed: &[Delivery],
        keys: &BTreeMap<TableId, BTreeSet<Key>>,
        run: u64,
    ) -> Outcome<()> {
        // Asked before the sink's keys are compared: a late step that comes in between makes this one outdated.
        let after = match self.apply {
            Apply::Rows => None,
            Apply::Batch => Some(ask(sink).await?),
        };
        let mut deliveries = changed.to_vec();
        for (table, keys) in keys {
            deliveries.extend(orphans(sink, *table, keys, self.page).await?.into_iter().map(deletion_of));
        }
        if deliveries.is_empty() {
            return Ok(());
        }
        match after {
            None => put_each(sink, deliveries).await,
            Some(after) => apply_batch(sink, deliveries, after, Bookmark(run)).await,
        }
    }
}

/// Applies all rows of a run in one step.
///
/// Refused as outdated is not as good as done here: the sink has taken the late step of another run, which had other rows. This run fails, and the next begins
/// at the same watermark.
async fn apply_batch(sink: &Sink, deliveries: Vec<Delivery>, after: Bookmark, run: Bookmark) -> Outcome<()> {
    sink.store.call(Request::Apply { deliveries, after, bookmark: run }).await.map(drop)
}

/// Puts rows one by one over all connections; the first failure is given, when the rows sent beside it have ended too.
async fn put_each(sink: &Sink, deliveries: Vec<Delivery>) -> Outcome<()> {
    for some in deliveries.chunks(CONNECTIONS) {
        let calls =
            some.iter().map(|row| Box::pin(put(sink, row.clone())) as Call<'_, Outcome<()>>).collect();
        join_all(calls).await.into_iter().collect::<Outcome<()>>()?;
    }
    Ok(())
}
