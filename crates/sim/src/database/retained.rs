//! What the database holds when a run has ended.

use super::Database;
use super::version::Image;
use driftlab_model::{Retained, Sequence};

impl Database {
    /// The rows, the marks of soft deletions and the event table, for those who ask what can still be known. Costs nothing in the run.
    #[must_use]
    pub fn retained(&self) -> Retained {
        let mut retained = Retained {
            events: self.events.poll(Sequence(0), usize::MAX).entries,
            events_removed: self.events.removed() > 0,
            ..Retained::default()
        };
        for (key, image) in self.versions.held() {
            match image {
                Image::Row(row) => retained.rows.push((key.clone(), row.clone())),
                Image::Marked(stamp) => retained.marked.push((key.clone(), *stamp)),
                Image::Absent => {}
            }
        }
        retained.rows.sort_by(|one, other| one.0.cmp(&other.0));
        retained.marked.sort_by(|one, other| one.0.cmp(&other.0));
        retained
    }
}
