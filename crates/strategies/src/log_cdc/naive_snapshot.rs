//! The first copy, done naively: rows are read and written while changes stream past.
//!
//! Between the moment a row is read and the moment it is written, its change may have streamed into the sink. The old row lands over
//! it, and a deleted row comes back. It stays so until the row changes again.

use crate::parts::delivery::{bulk, of_scanned};
use crate::parts::pages::Pages;
use crate::parts::position::{save, saved};
use crate::parts::retry::persist;
use driftlab_model::Bookmark;
use driftlab_model::port::{Condition, Delivery, Ports, Request};

/// The name under which the copy is noted as done.
const DONE: &str = "snapshot.done";

/// Copies all rows to all sinks, unless that was done before. A crash begins it again.
pub(crate) async fn copy(ports: &Ports, chunk: usize) {
    if saved(ports, DONE).await != Bookmark::default() {
        return;
    }
    let runtime = ports.runtime.as_ref();
    let view = persist(runtime, async || ports.source.snapshot().await).await;
    for (table, _) in ports.schema.tables() {
        let mut pages = Pages::of(table, chunk);
        while let Some(rows) = persist(runtime, async || pages.next(view.as_ref()).await).await {
            let deliveries: Vec<Delivery> =
                rows.into_iter().map(|row| of_scanned(row, Condition::Always)).collect();
            for sink in &ports.sinks {
                persist(runtime, async || bulk(sink, deliveries.clone()).await).await;
            }
        }
    }
    for sink in &ports.sinks {
        persist(runtime, async || sink.store.call(Request::Complete).await).await;
    }
    save(ports, DONE, Bookmark(1)).await;
}
