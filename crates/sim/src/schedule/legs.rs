use driftlab_model::draws::{Entity, Purpose};
use driftlab_model::hash::mix;
use driftlab_model::{Span, Time};

/// The name of a leg, the same in every run: who, what for, about what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u64);

impl LegId {
    /// The name.
    #[must_use]
    pub const fn of(entity: Entity, purpose: Purpose, subject: u64) -> Self {
        Self(mix(mix(entity.digest(), purpose.digest()), subject))
    }
}

/// A leg that somebody is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenLeg {
    /// Its name.
    pub id: LegId,
    /// Who is on it: the digest of a process's name.
    pub entity: u64,
    pub(crate) task: u32,
    since: Time,
}

/// The legs that wait for a chooser, ordered by their names.
#[derive(Default)]
pub(crate) struct Legs {
    open: Vec<OpenLeg>,
    /// How long each took that has ended, where anybody wants to know.
    ended: Vec<(LegId, Span)>,
}

impl Legs {
    pub(crate) fn open(&mut self, id: LegId, entity: u64, task: u32, since: Time) {
        let place = self.open.partition_point(|leg| (leg.entity, leg.id) < (entity, id));
        self.open.insert(place, OpenLeg { id, entity, task, since });
    }

    pub(crate) fn is_open(&self, id: LegId) -> bool {
        self.open.iter().any(|leg| leg.id == id)
    }

    /// Nobody is on it any more.
    pub(crate) fn close(&mut self, id: LegId) {
        self.open.retain(|leg| leg.id != id);
    }

    pub(crate) fn all(&self) -> &[OpenLeg] {
        &self.open
    }

    /// Notes the length of a leg.
    pub(crate) fn note(&mut self, id: LegId, length: Span) {
        self.ended.push((id, length));
    }

    /// The legs that ended, or whose end was known, in that order.
    pub(crate) fn ended(&self) -> &[(LegId, Span)] {
        &self.ended
    }

    /// Ends a leg and gives the task that was on it.
    pub(crate) fn end(&mut self, place: usize, now: Time) -> u32 {
        let leg = self.open.remove(place);
        self.ended.push((leg.id, now - leg.since));
        leg.task
    }

    /// Nobody is on any leg; those that ended are remembered until [`Legs::forget`].
    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }

    pub(crate) fn forget(&mut self) {
        self.ended.clear();
    }
}
