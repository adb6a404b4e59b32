use driftlab_model::port::{Reply, Request};
use driftlab_model::{Bookmark, Key, Outcome, Refusal, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

/// What every store keeps beside its rows: staged loads that nobody sees, and the bookmark saved with the last atomic step.
///
/// A load can be published once. Requests that come late or twice must do no harm, so a repeated publication of the last load does nothing, and
/// a load that was dropped, because another was published meanwhile, is refused for good instead of being published half. An atomic step is taken
/// only by who knows the bookmark held, and only forwards.
#[derive(Debug, Default)]
pub(super) struct Intake {
    staged: BTreeMap<u64, Vec<(Key, Row)>>,
    published: Option<u64>,
    dropped: BTreeSet<u64>,
    bookmark: Option<Bookmark>,
}

impl Intake {
    /// Adds rows to a load. Refused as a conflict where the load was dropped.
    pub(super) fn stage(&mut self, load: u64, rows: &[(Key, Row)]) -> Result<(), Refusal> {
        if self.dropped.contains(&load) {
            return Err(Refusal::Conflict);
        }
        // A loader that tries again does not know that its load was published: what it adds now must not become a load of its own, or half of the rows
        // would replace the whole.
        if self.published == Some(load) {
            return Ok(());
        }
        self.staged.entry(load).or_default().extend_from_slice(rows);
        Ok(())
    }

    /// The rows of a load, by key, each key once; of a key that was staged twice the last row counts.
    ///
    /// `None` where this load is already published; a load that was never staged is empty. Refused as a conflict where it was dropped.
    pub(super) fn publish(
        &mut self,
        load: u64,
        bookmark: Bookmark,
    ) -> Result<Option<Vec<(Key, Row)>>, Refusal> {
        if self.dropped.contains(&load) {
            return Err(Refusal::Conflict);
        }
        let staged = self.staged.remove(&load);
        if staged.is_none() && self.published == Some(load) {
            // The bookmark may have moved on since: it must not go back, or a step that was taken is taken again.
            return Ok(None);
        }
        self.dropped.extend(mem::take(&mut self.staged).into_keys());
        if let Some(previous) = self.published.replace(load)
            && previous != load
        {
            self.dropped.insert(previous);
        }
        self.bookmark = Some(bookmark);
        let mut rows = staged.unwrap_or_default();
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        rows.dedup_by(|later, earlier| {
            let repeated = later.0 == earlier.0;
            if repeated {
                mem::swap(later, earlier);
            }
            repeated
        });
        Ok(Some(rows))
    }

    /// Moves the bookmark on from `after`, before the first delivery of an atomic step. Refused as outdated where it does not stand there, or the step does
    /// not lead forwards: the sender does not know what was taken meanwhile, and the store must not touch its deliveries.
    pub(super) fn take_step(&mut self, after: Bookmark, bookmark: Bookmark) -> Result<(), Refusal> {
        if self.bookmark.unwrap_or_default() != after || bookmark <= after {
            return Err(Refusal::Outdated);
        }
        self.bookmark = Some(bookmark);
        Ok(())
    }

    /// Answers the requests that concern nothing but the intake; refuses all others as unsupported.
    pub(super) fn answer(&mut self, request: &Request) -> Outcome<Reply> {
        match request {
            Request::Bookmark => Ok(Reply::Bookmark(self.bookmark)),
            Request::Stage { load, rows } => {
                self.stage(*load, rows)?;
                Ok(Reply::Done)
            }
            _ => Err(Refusal::Unsupported.into()),
        }
    }

    pub(super) fn reset(&mut self) {
        self.staged.clear();
        self.dropped.clear();
        (self.published, self.bookmark) = (None, None);
    }
}
