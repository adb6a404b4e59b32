use driftlab_model::port::LoadId;
use driftlab_model::{Bookmark, Refusal, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What every store keeps beside its rows: which loads are under way, which was published last, and the bookmark saved with the last atomic step.
///
/// A load is begun here and nowhere else, and can be published once. Requests that come late or twice must do no harm, so a repeated publication of the last load does nothing, and
/// a load that is not known, because another was published, the store was closed, or it has lost all that it held, is refused for good instead of being published half.
/// An atomic step is taken only by who knows the bookmark held, and only forwards.
///
/// A store that keeps it on disk changes a copy, writes that together with the data, and only then takes it for its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    begun: BTreeSet<u64>,
    published: Option<u64>,
    /// The load that was begun last.
    newest: u64,
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
    /// Takes note that a load has rows, and gives its name, which is new where it begins.
    ///
    /// A load goes by the moment at which it was begun, or the next that is free. So a store that was lost, and forgot its loads with all else, gives none of
    /// their names again.
    ///
    /// # Errors
    /// Refused where there is no such load.
    pub fn stage(&mut self, now: Time, load: Option<LoadId>) -> Result<(LoadId, Staging), Refusal> {
        let Some(load) = load else {
            self.newest = (self.newest + 1).max(now.nanos());
            self.begun.insert(self.newest);
            return Ok((LoadId(self.newest), Staging::Begins));
        };
        if self.published == Some(load.0) {
            return Ok((load, Staging::Over));
        }
        if self.begun.contains(&load.0) { Ok((load, Staging::GoesOn)) } else { Err(Refusal::NoSuchLoad) }
    }

    /// Publishes a load, and drops all others. `false` where it is published already: then nothing is to be done, and the bookmark stays. It may have moved
    /// on since, and must not go back, or a step that was taken is taken again.
    ///
    /// # Errors
    /// Refused where there is no such load.
    pub fn publish(&mut self, load: LoadId, bookmark: Bookmark) -> Result<bool, Refusal> {
        if self.published == Some(load.0) {
            return Ok(false);
        }
        if !self.begun.contains(&load.0) {
            return Err(Refusal::NoSuchLoad);
        }
        self.begun.clear();
        self.published = Some(load.0);
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

    /// Whether no load is under way, and none was published.
    #[must_use]
    pub fn knows_no_load(&self) -> bool {
        self.begun.is_empty() && self.published.is_none()
    }

    /// Takes the bookmark that was found with the data, where a store keeps it there.
    pub fn restore_bookmark(&mut self, bookmark: Option<Bookmark>) {
        self.bookmark = bookmark.map(|bookmark| bookmark.0);
    }

    /// What holds after the store was closed or has died: staged rows are gone, so no load that was begun can be completed.
    #[must_use]
    pub fn reopened(mut self) -> Self {
        self.begun.clear();
        self
    }

    /// As new, keeping its memory: for stores that begin another run.
    pub fn reset(&mut self) {
        // To clear a tree costs something even where it is empty, and most runs begin no load.
        if !self.begun.is_empty() {
            self.begun.clear();
        }
        (self.published, self.newest, self.bookmark) = (None, 0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::Span;

    const AT: Time = Time::from_nanos(5);

    fn begun(intake: &mut Intake) -> LoadId {
        match intake.stage(AT, None) {
            Ok((load, Staging::Begins)) => load,
            other => panic!("a load begins: {other:?}"),
        }
    }

    /// A publication that comes twice, late, must not take back the steps that were taken since, or they are taken again.
    #[test]
    fn a_load_is_published_once_and_the_bookmark_stays_where_steps_have_moved_it() {
        let mut intake = Intake::default();
        let load = begun(&mut intake);
        assert_eq!(intake.stage(AT, Some(load)), Ok((load, Staging::GoesOn)));
        assert_eq!(intake.publish(load, Bookmark(10)), Ok(true));
        assert_eq!(intake.take_step(Bookmark(10), Bookmark(12)), Ok(()));
        assert_eq!(intake.publish(load, Bookmark(10)), Ok(false));
        assert_eq!(intake.bookmark(), Some(Bookmark(12)));
        assert_eq!(intake.stage(AT, Some(load)), Ok((load, Staging::Over)));
    }

    #[test]
    fn a_load_that_another_overtook_is_refused_for_good() {
        let mut intake = Intake::default();
        let (first, second) = (begun(&mut intake), begun(&mut intake));
        assert_ne!(first, second);
        assert_eq!(intake.publish(second, Bookmark(5)), Ok(true));
        assert_eq!(intake.stage(AT, Some(first)), Err(Refusal::NoSuchLoad));
        assert_eq!(intake.publish(first, Bookmark(9)), Err(Refusal::NoSuchLoad));
        let third = begun(&mut intake);
        assert_eq!(intake.publish(third, Bookmark(6)), Ok(true));
        assert_eq!(intake.publish(second, Bookmark(7)), Err(Refusal::NoSuchLoad));
        intake.reset();
        assert_eq!(intake, Intake::default(), "a store that begins anew has heard of no load");
    }

    #[test]
    fn what_was_staged_is_lost_with_the_process_that_held_it() {
        let mut intake = Intake::default();
        let load = begun(&mut intake);
        let mut intake = intake.reopened();
        assert_eq!(intake.publish(load, Bookmark(1)), Err(Refusal::NoSuchLoad));
        assert_ne!(begun(&mut intake), load);
    }

    /// The sender of a load that is under way does not hear that the store was lost. What it sends next must not pass for a load of its own.
    #[test]
    fn a_store_that_was_lost_has_none_of_its_loads_and_gives_no_name_again() {
        let mut intake = Intake::default();
        let (under_way, published) = (begun(&mut intake), begun(&mut intake));
        assert_eq!(intake.publish(published, Bookmark(1)), Ok(true));
        let mut lost = Intake::default();
        for load in [under_way, published] {
            assert_eq!(lost.stage(AT, Some(load)), Err(Refusal::NoSuchLoad));
            assert_eq!(lost.publish(load, Bookmark(2)), Err(Refusal::NoSuchLoad));
        }
        let (later, _) = lost.stage(AT + Span::from_nanos(2), None).expect("a load can always be begun");
        assert!(later > published && later > under_way);
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
