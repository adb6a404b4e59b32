//! Loading a sink again after a gap. A key that the source does not have any more must go: a resync that only writes what it reads keeps it for ever.

use crate::parts::delivery::{bulk, deletion_of, of_scanned};
use crate::parts::key_diff::{keys_of_source, orphans};
use crate::parts::pages::Pages;
use crate::parts::swap;
use driftlab_model::port::{Condition, Delivery, Ports, Sink, Snapshot};
use driftlab_model::{Bookmark, Kind, Outcome, Setting, Settings};

/// What becomes of a copy that is loaded again after a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resync {
    /// It is what the source is: keys that the source does not have any more are gone.
    Replace,
    /// The source's rows are written over what is there.
    Upsert,
}

impl Resync {
    /// The setting `resync`.
    pub(crate) const SETTING: Setting = Setting {
        name: "resync",
        summary: "What becomes of a copy that is loaded again, because events are missing from the stream.",
        kind: Kind::Choice(&[
            ("replace", "it is replaced: keys that the source does not have any more are gone"),
            (
                "upsert",
                "the source's rows are written over it, and what was deleted meanwhile stays; only with apply = \"rows\" and position = \"checkpoint\"",
            ),
        ]),
        default: Some("replace"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("resync") {
            "upsert" => Self::Upsert,
            _ => Self::Replace,
        }
    }
}

/// Makes a sink show what a snapshot shows, as far as a partition's keys go, and as far as the options want it.
///
/// With one partition everything is exchanged in one step, and the position with it. With several, the others' keys must stay, so rows are written and
/// deleted one by one.
pub(crate) async fn load(
    ports: &Ports,
    sink: &Sink,
    view: &dyn Snapshot,
    (partition, resync): (u32, Resync),
    bookmark: Bookmark,
    page: usize,
) -> Outcome<()> {
    let count = ports.log.partitions();
    if count == 1 && resync == Resync::Replace {
        return swap::replace(sink, &ports.schema, view, page, bookmark).await;
    }
    for (table, _) in ports.schema.tables() {
        if resync == Resync::Replace {
            let keys = keys_of_source(view, table, page).await?;
            let gone = orphans(sink, table, &keys, page).await?;
            let gone = gone.into_iter().filter(|key| key.partition(count) == partition).map(deletion_of);
            bulk(sink, gone.collect()).await?;
        }
        let mut pages = Pages::of(table, page);
        while let Some(rows) = pages.next(view).await? {
            let rows = rows.into_iter().filter(|row| row.key.partition(count) == partition);
            let rows: Vec<Delivery> = rows.map(|row| of_scanned(row, Condition::Newer)).collect();
            bulk(sink, rows).await?;
        }
    }
    Ok(())
}
