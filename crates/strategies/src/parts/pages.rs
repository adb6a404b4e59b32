//! Reading a table page by page, in key order.

use driftlab_model::port::{Scan, Scanned, Snapshot};
use driftlab_model::{Kind, Outcome, Setting, TableId, Time};

/// The setting `page`.
pub(crate) const PAGE: Setting = Setting {
    name: "page",
    summary: "How many rows one read of a table returns.",
    kind: Kind::Count(1, 1_000_000),
    default: Some("1000"),
};

/// The pages of one table that are still to be read.
///
/// It holds no snapshot: whoever reads decides for each page which view it comes from. That is where torn loads begin.
pub(crate) struct Pages(Option<Scan>);

impl Pages {
    /// All rows of a table.
    pub(crate) fn of(table: TableId, limit: usize) -> Self {
        Self(Some(Scan { table, after: None, limit, updated_after: None }))
    }

    /// The rows of a table that were stamped after `watermark`, softly deleted ones included.
    pub(crate) fn updated_after(table: TableId, limit: usize, watermark: Time) -> Self {
        Self(Some(Scan { table, after: None, limit, updated_after: Some(watermark) }))
    }

    /// Reads the next page from a view; `None` after the last. A page may be empty.
    pub(crate) async fn next(&mut self, view: &dyn Snapshot) -> Outcome<Option<Vec<Scanned>>> {
        let Some(scan) = &mut self.0 else { return Ok(None) };
        let page = view.scan(scan.clone()).await?;
        match page.next {
            Some(key) => scan.after = Some(key),
            None => self.0 = None,
        }
        Ok(Some(page.rows))
    }

    /// Whether a page is left.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.0.is_some()
    }
}
