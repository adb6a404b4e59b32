//! Loading a sink again after a gap, deletions included: a key that the source does not have any more must go.

use crate::parts::delivery::{bulk, deletion_of, of_scanned};
use crate::parts::key_diff::{keys_of_source, orphans};
use crate::parts::pages::Pages;
use crate::parts::swap;
use driftlab_model::port::{Condition, Delivery, Ports, Sink, Snapshot};
use driftlab_model::{Bookmark, Outcome};

/// Makes a sink show what a snapshot shows, as far as a partition's keys go.
///
/// With one partition everything is exchanged in one step, and the position with it. With several, the others' keys must stay, so rows are written and
/// deleted one by one.
pub(crate) async fn load(
    ports: &Ports,
    sink: &Sink,
    view: &dyn Snapshot,
    partition: u32,
    bookmark: Bookmark,
    page: usize,
) -> Outcome<()> {
    let count = ports.log.partitions();
    if count == 1 {
        return swap::replace(sink, &ports.schema, view, page, bookmark).await;
    }
    for (table, _) in ports.schema.tables() {
        let keys = keys_of_source(view, table, page).await?;
        let gone = orphans(sink, table, &keys, page).await?;
        let gone = gone.into_iter().filter(|key| key.partition(count) == partition).map(deletion_of);
        bulk(sink, gone.collect()).await?;
        let mut pages = Pages::of(table, page);
        while let Some(rows) = pages.next(view).await? {
            let rows = rows.into_iter().filter(|row| row.key.partition(count) == partition);
            let rows: Vec<Delivery> = rows.map(|row| of_scanned(row, Condition::Newer)).collect();
            bulk(sink, rows).await?;
        }
    }
    Ok(())
}
