//! `batch_full`: a job copies everything, again and again.
//!
//! The nightly dump and load, and every "full refresh" of an ETL tool. It needs nothing of the application, it heals whatever went wrong before,
//! and nobody has to think about deletions: what is not in the dump is gone. The price is the load on the source, and lag: a change waits
//! for the next run and for that run's whole length.
//!
//! What goes wrong is always one of two things. The job reads while the tables move, and each table or page comes from another moment: an order without
//! its lines. Or it loads into the very tables that readers are looking at, and they see them empty or half full. One snapshot for
//! everything and an atomic swap cure both.

use crate::parts::anomalies::{MISSED_CHANGE, MayShow, PIECEMEAL, RESURRECTED, STALE_OVERWRITE};
use crate::parts::delivery::{bulk, of_scanned};
use crate::parts::pages::{PAGE, Pages};
use crate::parts::schedule::{FixedRate, period};
use crate::parts::swap;
use crate::registry::StrategyEntry;
use driftlab_model::port::{Condition, Ports, Process, Request, Scanned, Sink, Snapshot, Strategy, Topology};
use driftlab_model::{Contradiction, Kind, Outcome, Setting, Settings, Span};
use std::rc::Rc;

/// Its line in the registry.
pub const ENTRY: StrategyEntry = StrategyEntry {
    name: "batch_full",
    summary: "A job copies all rows at a fixed rate.",
    settings: SETTINGS,
    build: |settings| Ok(Rc::new(BatchFull::of(settings)?)),
    may_show,
};

const SETTINGS: &[Setting] = &[
    Setting {
        name: "every",
        summary: "How often a run starts; one that takes longer is followed by the next at once.",
        kind: Kind::Span,
        default: Some("60s"),
    },
    Setting {
        name: "read",
        summary: "Which view of the source the rows of a run come from.",
        kind: Kind::Choice(&[
            ("snapshot", "one snapshot over all tables"),
            ("per_table", "a snapshot for each table: tables disagree with each other"),
            ("paged", "a snapshot for each page: the table moves under the cursor"),
        ]),
        default: Some("snapshot"),
    },
    PAGE,
    Setting {
        name: "load",
        summary: "How the rows replace those of the run before.",
        kind: Kind::Choice(&[
            ("swap", "loaded beside them and exchanged in one atomic step"),
            ("in_place", "the sink is cleared and filled while readers look on"),
        ]),
        default: Some("swap"),
    },
];

#[derive(Clone, Copy)]
struct BatchFull {
    every: Span,
    read: Read,
    page: usize,
    load: Load,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    Snapshot,
    PerTable,
    Paged,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    Swap,
    InPlace,
}

impl BatchFull {
    fn of(settings: &Settings) -> Result<Self, Contradiction> {
        Ok(Self {
            every: period(settings, "every")?,
            read: match settings.word("read") {
                "per_table" => Read::PerTable,
                "paged" => Read::Paged,
                _ => Read::Snapshot,
            },
            page: settings.count("page") as usize,
            load: match settings.word("load") {
                "in_place" => Load::InPlace,
                _ => Load::Swap,
            },
        })
    }
}

fn may_show(settings: &Settings) -> Vec<&'static str> {
    MayShow::default()
        .when(true, &[MISSED_CHANGE])
        .when(settings.word("read") != "snapshot" || settings.word("load") != "swap", PIECEMEAL)
        // A request that was given up comes late, into the load of another run. The next one heals it.
        .when(settings.word("load") != "swap", &[STALE_OVERWRITE, RESURRECTED])
        .names()
}

impl Strategy for BatchFull {
    fn takes_on_newcomers(&self) -> bool {
        true
    }

    fn processes(&self, _: &Topology) -> Vec<Process> {
        let job = *self;
        vec![Process::new("batch", move |ports| async move { job.run(&ports).await })]
    }
}

impl BatchFull {
    async fn run(&self, ports: &Ports) {
        let runtime = ports.runtime.as_ref();
        let mut schedule = FixedRate::new(runtime, self.every);
        loop {
            let run = schedule.tick(runtime).await;
            runtime.round();
            runtime.about(run);
            // A run that fails is not repeated: the next one copies everything anyway.
            if self.copy(ports).await.is_err() {
                runtime.round_failed();
            }
        }
    }

    /// Copies everything to all sinks, one after another. A sink that fails does not keep the others from theirs.
    async fn copy(&self, ports: &Ports) -> Outcome<()> {
        let mut view = ports.source.snapshot().await?;
        let mut outcome = Ok(());
        let now = ports.runtime.now();
        for sink in ports.sinks.iter().filter(|sink| sink.has_joined(now)) {
            let filled = self.fill(ports, sink, &mut view).await;
            outcome = outcome.and(filled);
        }
        outcome
    }

    async fn fill(&self, ports: &Ports, sink: &Sink, view: &mut Box<dyn Snapshot>) -> Outcome<()> {
        let begun_at = view.lsn();
        let mut beside = swap::Load::of(sink);
        if self.load == Load::InPlace {
            sink.store.call(Request::Clear).await?;
        }
        for (table, _) in ports.schema.tables() {
            if self.read == Read::PerTable {
                *view = ports.source.snapshot().await?;
            }
            let mut pages = Pages::of(table, self.page);
            while let Some(rows) = pages.next(view.as_ref()).await? {
                match self.load {
                    Load::Swap => beside.stage(rows).await?,
                    Load::InPlace => over(sink, rows).await?,
                }
                if self.read == Read::Paged && pages.is_unfinished() {
                    *view = ports.source.snapshot().await?;
                }
            }
        }
        match self.load {
            Load::Swap => beside.publish(begun_at.into()).await,
            Load::InPlace if sink.joins.is_some() => sink.store.call(Request::Complete).await.map(drop),
            Load::InPlace => Ok(()),
        }
    }
}

/// Writes rows over those that a sink shows.
async fn over(sink: &Sink, rows: Vec<Scanned>) -> Outcome<()> {
    bulk(sink, rows.into_iter().map(|row| of_scanned(row, Condition::Always)).collect()).await
}
