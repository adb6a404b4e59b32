//! Loading a sink beside what it shows, and then exchanging the two in one step.

use crate::parts::pages::Pages;
use driftlab_model::port::{Request, Scanned, Sink, Snapshot};
use driftlab_model::{Bookmark, Key, Outcome, Row, Schema};

/// Adds a page to a load that nobody sees yet.
pub(crate) async fn stage(sink: &Sink, load: u64, rows: Vec<Scanned>) -> Outcome<()> {
    let rows = rows.into_iter().filter_map(|scanned| Some((scanned.key, scanned.row?))).collect();
    stage_rows(sink, load, rows).await
}

/// Adds rows to a load that nobody sees yet.
pub(crate) async fn stage_rows(sink: &Sink, load: u64, rows: Vec<(Key, Row)>) -> Outcome<()> {
    sink.store.call(Request::Stage { load, rows }).await.map(drop)
}

/// Shows a staged load instead of everything that was shown before.
pub(crate) async fn publish(sink: &Sink, load: u64, bookmark: Bookmark) -> Outcome<()> {
    sink.store.call(Request::Publish { load, bookmark }).await.map(drop)
}

/// Replaces everything that a sink shows by what a snapshot shows. Keys that the snapshot lacks are gone too.
pub(crate) async fn replace(
    sink: &Sink,
    schema: &Schema,
    view: &dyn Snapshot,
    page: usize,
    bookmark: Bookmark,
) -> Outcome<()> {
    let load = view.lsn().0;
    for (table, _) in schema.tables() {
        let mut pages = Pages::of(table, page);
        while let Some(rows) = pages.next(view).await? {
            stage(sink, load, rows).await?;
        }
    }
    publish(sink, load, bookmark).await
}
