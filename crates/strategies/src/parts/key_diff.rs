//! Finding deletions by comparing keys, for pipelines that are never told of one.

use crate::parts::pages::Pages;
use driftlab_model::port::{Reply, Request, Sink, Snapshot};
use driftlab_model::{Failure, Key, Outcome, Refusal, TableId};
use std::collections::BTreeSet;

/// All keys of a table in a view of the source.
pub(crate) async fn keys_of_source(
    view: &dyn Snapshot,
    table: TableId,
    page: usize,
) -> Outcome<BTreeSet<Key>> {
    let mut keys = BTreeSet::new();
    let mut pages = Pages::of(table, page);
    while let Some(rows) = pages.next(view).await? {
        keys.extend(rows.into_iter().map(|scanned| scanned.key));
    }
    Ok(keys)
}

/// The keys of a table that a sink holds and the source does not.
pub(crate) async fn orphans(
    sink: &Sink,
    table: TableId,
    source: &BTreeSet<Key>,
    page: usize,
) -> Outcome<Vec<Key>> {
    let mut orphans = Vec::new();
    let mut after = None;
    loop {
        let request = Request::Keys { table, after: after.clone(), limit: page };
        let Reply::Keys(keys) = sink.store.call(request).await? else {
            return Err(Failure::Refused(Refusal::Unsupported));
        };
        let is_last = keys.len() < page;
        after = keys.last().cloned();
        orphans.extend(keys.into_iter().filter(|key| !source.contains(key)));
        if is_last {
            return Ok(orphans);
        }
    }
}
