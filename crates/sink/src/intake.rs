use driftlab_model::{Bookmark, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::mem;

/// What every store keeps beside its rows: which loads were begun, published and dropped, and the bookmark saved with the last atomic step.
///
/// A load can be published once. Requests that come late or twice must do no harm, so a repeated publication of the last load does nothing, and
/// a load that was dropped, because another was published or the store was closed meanwhile, is refused for good instead of being published half.
/// An atomic step is taken only by who knows the bookmark held, and only forwards.
///
/// A store that keeps it on disk changes a copy, writes that together with the data, and only then takes it for its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    begun: BTreeSet<u64>,
    published: Option<u64>,
    dropped: BTreeSet<u64>,
    bookmark: Option<u64>,
}

/// What is to be done with rows for a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staging {
    /// They are the first: that the load has begun must be written down before they are taken.
    Begins,
    /// They are added to the others.
    GoesOn,
    /// The load was published already. A loader that tries again does not know it, and what it adds now must not become a load of its own, or half of the
    /// rows would replace the whole.
    Over,
}

impl Intake {
    /// Takes note that a load has rows.
    ///
    /// # Errors
    /// Refused as a conflict where the load was dropped.
    pub fn stage(&mut self, load: u64) -> Result<Staging, Refusal> {
        if self.dropped.contains(&load) {
            return Err(Refusal::Conflict);
        }
        if self.published == Some(load) {
            return Ok(Staging::Over);
        }
        Ok(if self.begun.insert(load) { Staging::Begins } else { Staging::GoesOn })
    }

    /// Publishes a load, and drops all others. `false` where it is published already: then nothing is to be done, and the bookmark stays. It may have moved
    /// on since, and must not go back, or a step that was taken is taken again.
    ///
    /// # Errors
    /// Refused as a conflict where the load was dropped.
    pub fn publish(&mut self, load: u64, bookmark: Bookmark) -> Result<bool, Refusal> {
        if self.dropped.contains(&load) {
            return Err(Refusal::Conflict);
        }
        if self.published == Some(load) {
            return Ok(false);
        }
        self.begun.remove(&load);
        self.dropped.append(&mut self.begun);
        self.dropped.extend(self.published.replace(load));
        self.bookmark = Some(bookmark.0);
        Ok(true)
    }

    /// Moves the bookmark on from `after`, before the first delivery of an atomic step.
    ///
    /// # Errors
    /// Refused as outdated where it does not stand there, or the step does not lead forwards: the sender does not know what was taken meanwhile, and the
    /// store must not touch its deliveries.
    pub fn take_step(&mut self, after: Bookmark, bookmark: Bookmark) -> Result<(), Refusal> {
        if self.bookmark.unwrap_or_default() != after.0 || bookmark <= after {
            return Err(Refusal::Outdated);
        }
        self.bookmark = Some(bookmark.0);
        Ok(())
    }

    /// The bookmark of the last atomic step or publication.
    #[must_use]
    pub fn bookmark(&self) -> Option<Bookmark> {
        self.bookmark.map(Bookmark)
    }

    /// Whether no load was begun, published or dropped.
    #[must_use]
    pub fn knows_no_load(&self) -> bool {
        self.begun.is_empty() && self.dropped.is_empty() && self.published.is_none()
    }

    /// Takes the bookmark that was found with the data, where a store keeps it there.
    pub fn restore_bookmark(&mut self, bookmark: Option<Bookmark>) {
        self.bookmark = bookmark.map(|bookmark| bookmark.0);
    }

    /// What holds after the store was closed or has died: staged rows are gone, so no load that was begun can be completed.
    #[must_use]
    pub fn reopened(mut self) -> Self {
        self.dropped.extend(mem::take(&mut self.begun));
        self
    }

    /// As new, keeping its memory: for stores that begin another run.
    pub fn reset(&mut self) {
        // To clear a tree costs something even where it is empty, and most runs begin no load.
        if !self.knows_no_load() {
            self.begun.clear();
            self.dropped.clear();
        }
        (self.published, self.bookmark) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A publication that comes twice, late, must not take back the steps that were taken since, or they are taken again.
    #[test]
    fn a_load_is_published_once_and_the_bookmark_stays_where_steps_have_moved_it() {
        let mut intake = Intake::default();
        assert_eq!(intake.stage(1), Ok(Staging::Begins));
        assert_eq!(intake.stage(1), Ok(Staging::GoesOn));
        assert_eq!(intake.publish(1, Bookmark(10)), Ok(true));
        assert_eq!(intake.take_step(Bookmark(10), Bookmark(12)), Ok(()));
        assert_eq!(intake.publish(1, Bookmark(10)), Ok(false));
        assert_eq!(intake.bookmark(), Some(Bookmark(12)));
        assert_eq!(intake.stage(1), Ok(Staging::Over));
    }

    #[test]
    fn a_load_that_another_overtook_is_refused_for_good() {
        let mut intake = Intake::default();
        assert_eq!((intake.stage(1), intake.stage(2)), (Ok(Staging::Begins), Ok(Staging::Begins)));
        assert_eq!(intake.publish(2, Bookmark(5)), Ok(true));
        assert_eq!(
            (intake.stage(1), intake.publish(1, Bookmark(9))),
            (Err(Refusal::Conflict), Err(Refusal::Conflict))
        );
        assert_eq!(intake.publish(3, Bookmark(6)), Ok(true));
        assert_eq!(intake.publish(2, Bookmark(7)), Err(Refusal::Conflict));
        assert_eq!(intake.stage(4), Ok(Staging::Begins));
        intake.reset();
        assert_eq!(intake, Intake::default(), "a store that begins anew has heard of no load");
    }

    #[test]
    fn what_was_staged_is_lost_with_the_process_that_held_it() {
        let mut intake = Intake::default();
        assert_eq!(intake.stage(1), Ok(Staging::Begins));
        assert_eq!(intake.reopened().publish(1, Bookmark(1)), Err(Refusal::Conflict));
    }

    #[test]
    fn a_step_is_taken_by_who_knows_the_bookmark_and_only_forwards() {
        let mut intake = Intake::default();
        assert_eq!(intake.take_step(Bookmark(0), Bookmark(3)), Ok(()));
        for (after, bookmark) in [(0, 5), (3, 3), (4, 6)] {
            assert_eq!(intake.take_step(Bookmark(after), Bookmark(bookmark)), Err(Refusal::Outdated));
        }
        assert_eq!(intake.bookmark(), Some(Bookmark(3)));
    }
}
