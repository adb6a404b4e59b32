//! The source's tables of current state, made anew out of the log where they are lost.
//!
//! Whoever has all that happened has what is true now. The log has every row as it was last written, under the write that made it, so what it comes to is put back and not written again: nobody's commit, and no news to any copy.
//! It has all as soon as the connector has brought in what the source's own log still holds back; no command is let in meanwhile, so there is an end to that.
//!
//! A log whose first records are gone, or that leaves out part of a row, comes to something else than what was lost, and the source does not take it.

use crate::log_cdc::SLOT;
use crate::log_cdc::connector::{Bootstrap, WAIT};
use crate::log_cdc::rendition::AsTold;
use crate::log_cdc::replay::Replayed;
use crate::parts::retry::{Backoff, persist};
use driftlab_model::port::{Ports, Process};
use driftlab_model::{
    Contradiction, Failure, Key, Kind, Lsn, Outcome, Refusal, Row, Setting, Settings, TableId, Watermark,
};

/// What becomes of the source's tables where they are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restore {
    /// Nothing: nobody looks after them.
    Nothing,
    /// They are made anew out of the log.
    FromTheLog,
}

impl Restore {
    /// The setting `restore`.
    pub(crate) const SETTING: Setting = Setting {
        name: "restore",
        summary: "What the source's tables of current state are made of anew where they are lost.",
        kind: Kind::Choice(&[
            ("nothing", "nobody looks after them"),
            ("log", "the log, which needs a first copy of all rows in it: see what fills empty sinks"),
        ]),
        default: Some("nothing"),
    };

    /// # Errors
    /// A log without a first copy has what was changed, and not what was there before.
    pub(crate) fn of(settings: &Settings, bootstrap: Bootstrap, how: &str) -> Result<Self, Contradiction> {
        match settings.word("restore") {
            "log" if bootstrap == Bootstrap::Watermarked => Ok(Self::FromTheLog),
            "log" => Err(Contradiction::at(
                "restore",
                format!("the log has no first copy of the rows that were there before: use {how}"),
            )),
            _ => Ok(Self::Nothing),
        }
    }

    /// The process that looks after the tables, but for those that are never lost.
    pub(crate) fn process(self, kept: Option<Vec<TableId>>, batch: usize) -> Option<Process> {
        let kept = kept.filter(|_| self == Self::FromTheLog)?;
        Some(Process::new("restorer", move |ports| {
            let restorer = Restorer { kept: kept.clone(), batch };
            async move { restorer.run(&ports).await }
        }))
    }
}

/// What it writes into the source's log to learn where that ends: none of a snapshot's own marks.
const END: Watermark = Watermark(3);

/// Looks after the source's tables.
struct Restorer {
    /// The tables that are never lost.
    kept: Vec<TableId>,
    batch: usize,
}

impl Restorer {
    /// Runs for ever.
    async fn run(&self, ports: &Ports) {
        let runtime = ports.runtime.as_ref();
        loop {
            runtime.round();
            // A view of all tables is the cheapest question that needs them.
            match ports.source.snapshot().await.map(drop) {
                Ok(()) => {}
                Err(Failure::Refused(Refusal::StateLost)) => self.restore(ports).await,
                Err(_) => runtime.round_failed(),
            }
            runtime.sleep(WAIT).await;
        }
    }

    /// Puts back what the log comes to. Where that is not what was lost, it is tried again for ever: a log that cannot be read today may be another one tomorrow, and nobody is at rest without a source.
    async fn restore(&self, ports: &Ports) {
        let runtime = ports.runtime.as_ref();
        let end = persist(runtime, async || ports.source.mark(END).await).await;
        wait_for(ports, end).await;
        persist(runtime, async || {
            let Some(rows) = self.replay(ports).await else { return Err(Refusal::StateLost.into()) };
            ports.source.restore(rows).await
        })
        .await;
    }

    /// The rows of all tables that were lost; `None` where the log is not complete.
    async fn replay(&self, ports: &Ports) -> Option<Vec<(Key, Row)>> {
        let mut rows = Vec::new();
        for partition in 0..ports.log.partitions() {
            let replayed = Replayed::read(ports, partition, self.batch, AsTold).await?;
            rows.extend(replayed.into_rows().filter(|(key, _)| !self.kept.contains(&key.table())));
        }
        Some(rows)
    }
}

/// Waits until the connector has brought all up to a position into the log: it acknowledges nothing before.
async fn wait_for(ports: &Ports, end: Lsn) {
    let runtime = ports.runtime.as_ref();
    let slot = ports.source.slot(SLOT);
    let mut backoff = Backoff::new(runtime);
    while !has_reached(slot.confirmed().await, end) {
        backoff.pause().await;
    }
}

/// A slot that is gone brings nothing any more: what the log lacks shows when it is read.
fn has_reached(confirmed: Outcome<Lsn>, end: Lsn) -> bool {
    match confirmed {
        Ok(confirmed) => confirmed >= end,
        Err(failure) => failure == Failure::Refused(Refusal::SlotLost),
    }
}
