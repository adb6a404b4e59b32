//! Loading a sink beside what it shows, and then exchanging the two in one step.

use crate::parts::pages::Pages;
use driftlab_model::port::{LoadId, Reply, Request, Scanned, Sink, Snapshot};
use driftlab_model::{Bookmark, Key, Outcome, Refusal, Row, Schema};

/// One attempt at a load that nobody sees before it is published.
///
/// Where any of its requests fails the attempt is over, and another is begun from its first row: a sink that was lost meanwhile has none of what was staged, and says so.
pub(crate) struct Load<'a> {
    sink: &'a Sink,
    /// What the sink calls it, once it has rows.
    begun: Option<LoadId>,
}

impl<'a> Load<'a> {
    /// One of which the sink has not heard yet.
    pub(crate) fn of(sink: &'a Sink) -> Self {
        Self { sink, begun: None }
    }

    /// Adds a page.
    pub(crate) async fn stage(&mut self, rows: Vec<Scanned>) -> Outcome<()> {
        let rows = rows.into_iter().filter_map(|scanned| Some((scanned.key, scanned.row?))).collect();
        self.stage_rows(rows).await
    }

    /// Adds rows.
    pub(crate) async fn stage_rows(&mut self, rows: Vec<(Key, Row)>) -> Outcome<()> {
        match self.sink.store.call(Request::Stage { load: self.begun, rows }).await? {
            Reply::Staged(load) => self.begun = Some(load),
            _ => return Err(Refusal::Unsupported.into()),
        }
        Ok(())
    }

    /// Shows it instead of everything that was shown before.
    pub(crate) async fn publish(mut self, bookmark: Bookmark) -> Outcome<()> {
        // An empty source is a load as well, and makes the sink empty.
        if self.begun.is_none() {
            self.stage_rows(Vec::new()).await?;
        }
        let Some(load) = self.begun else { return Err(Refusal::NoSuchLoad.into()) };
        self.sink.store.call(Request::Publish { load, bookmark }).await.map(drop)
    }
}

/// Replaces everything that a sink shows by what a snapshot shows. Keys that the snapshot lacks are gone too.
pub(crate) async fn replace(
    sink: &Sink,
    schema: &Schema,
    view: &dyn Snapshot,
    page: usize,
    bookmark: Bookmark,
) -> Outcome<()> {
    let mut load = Load::of(sink);
    for (table, _) in schema.tables() {
        let mut pages = Pages::of(table, page);
        while let Some(rows) = pages.next(view).await? {
            load.stage(rows).await?;
        }
    }
    load.publish(bookmark).await
}
