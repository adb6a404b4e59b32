//! What happens when a sink shows something new.

use super::Timeline;
use super::resolve::Resolved;
use super::slot::{Kind, Slot, State};
use super::versions::{KeyNo, NO_VERSION, VersionNo, bit};
use driftlab_model::{ProcessId, Row, Time, View, WriteId};

/// A step: a sink shows something new of a key.
#[derive(Debug)]
pub(crate) struct Moved {
    pub(crate) sink: usize,
    pub(crate) key: KeyNo,
    pub(crate) slot: usize,
    /// The process whose request caused it.
    pub(crate) by: ProcessId,
    pub(crate) before: State,
    pub(crate) after: State,
    /// The row that was shown before.
    pub(crate) row_before: Option<Row>,
    /// The version to which what is shown now belongs in the key's order; [`NO_VERSION`] where that is not known.
    pub(crate) as_of: VersionNo,
    /// Whether that is newer than all that was surely shown before.
    pub(crate) is_first: bool,
    /// Where it takes the place of something newer.
    pub(crate) regresses: Option<Overtaken>,
    /// Whether it is again as new as what was shown before older versions took its place.
    pub(crate) heals: bool,
    /// The newest version that counted as shown before, and the one that does now.
    pub(crate) marked: (VersionNo, VersionNo),
}

/// What an older version takes the place of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overtaken {
    /// The newest version that was surely shown before, since when, and the newest before that.
    pub(crate) high: VersionNo,
    pub(crate) at: Time,
    pub(crate) below: VersionNo,
}

impl Slot {
    pub(super) fn raise(&mut self, version: VersionNo, now: Time) {
        if version > self.high {
            self.below = self.high;
            self.high = version;
            self.high_at = now;
        }
    }
}

impl Timeline {
    /// A sink shows the newest row of a key, as most do: nothing that it showed before is newer, and nothing diverges. It does what
    /// [`Timeline::show`] comes to; `None` where it is nothing new.
    #[inline]
    pub(crate) fn show_newest(
        &mut self,
        by: ProcessId,
        sink: usize,
        number: KeyNo,
        row: &Row,
    ) -> Option<Moved> {
        let place = self.slot_of(sink, number);
        let newest = self.key(number).current;
        let (slot, after) = (&mut self.slots[place], State::row(newest));
        if slot.state == after {
            return None;
        }
        let was_divergent = slot.diverged_from(newest);
        let before = std::mem::replace(&mut slot.state, after);
        let row_before = slot.row.replace(row.clone());
        let marked = (std::mem::replace(&mut slot.marked, newest), newest);
        let is_first = newest > slot.high;
        slot.raise(newest, self.now);
        let heals = std::mem::replace(&mut slot.regressed_from, NO_VERSION) != NO_VERSION;
        slot.since = Time::NEVER;
        if was_divergent {
            self.sinks[sink].count(false);
        }
        self.keys[number as usize].in_sync |= bit(sink);
        self.touch(number);
        if !self.unknown_deletions.is_empty() {
            self.unknown_deletions.remove(&place);
        }
        let moved = Moved {
            sink,
            key: number,
            slot: place,
            by,
            before,
            after,
            row_before,
            as_of: newest,
            is_first,
            regresses: None,
            heals,
            marked,
        };
        if !self.sightings.is_empty() {
            self.note(&moved);
        }
        Some(moved)
    }

    /// A sink shows something new of a key; `None` where it is nothing new.
    pub(crate) fn show(&mut self, by: ProcessId, sink: usize, number: KeyNo, view: &View) -> Option<Moved> {
        let place = self.slot_of(sink, number);
        let resolved = self.resolve(place, number, view);
        let (row, deletion) = match view {
            View::Row(row) => (Some(row), None),
            View::Deleted(write) => (None, Some(*write).filter(|_| resolved.state.is_foreign())),
            View::Missing | View::NotHeld => (None, None),
        };
        if resolved.state == self.slots[place].state
            && deletion == self.unknown_deletions.get(&place).copied()
            && self.slots[place].row.as_ref() == row
        {
            return None;
        }
        if let Some(write) = deletion {
            self.unknown_deletions.insert(place, write);
        } else if !self.unknown_deletions.is_empty() {
            self.unknown_deletions.remove(&place);
        }
        let moved = self.place(by, sink, number, resolved, row);
        if moved.after.kind == Kind::NotHeld || moved.after.is_absence() {
            // A copy that says which deletion it shows has shown that one, and none that came later.
            self.slots[place].gone = match moved.after.kind {
                Kind::Deleted => moved.after.exact,
                _ => self.keys[number as usize].current,
            };
        }
        if moved.after.is_foreign() || !self.sightings.is_empty() {
            self.note(&moved);
        }
        Some(moved)
    }

    /// A sink that started empty has its first complete load: of the keys that it never showed it says now that they are not there.
    pub(crate) fn claim(&mut self, by: ProcessId, sink: usize, number: KeyNo) -> Option<Moved> {
        if self.slot(sink, number).state.kind != Kind::Unclaimed {
            return None;
        }
        let resolved = Resolved::unexplained(State::missing(self.key(number)));
        Some(self.place(by, sink, number, resolved, None))
    }

    /// The uncommitted deletion that a slot shows.
    pub(crate) fn unknown_deletion(&self, slot: usize) -> WriteId {
        self.unknown_deletions.get(&slot).copied().unwrap_or_default()
    }

    fn place(
        &mut self,
        by: ProcessId,
        sink: usize,
        number: KeyNo,
        resolved: Resolved,
        row: Option<&Row>,
    ) -> Moved {
        let Resolved { state: after, as_of, sure } = resolved;
        let place = self.slot_of(sink, number);
        self.touch(number);
        let since = self.since(sink, number);
        let (key, slot) = (&mut self.keys[number as usize], &mut self.slots[place]);
        key.in_sync &= !bit(sink);
        slot.since = since;
        let row_before = std::mem::replace(&mut slot.row, row.cloned());
        let before = std::mem::replace(&mut slot.state, after);
        let marked = slot.marked;
        let overtaken = Overtaken { high: slot.high, at: slot.high_at, below: slot.below };
        let high = overtaken.high;
        slot.raise(sure, self.now);
        slot.marked = marked.max(match after.kind {
            Kind::Row => after.exact,
            Kind::NotHeld => key.current,
            Kind::Deleted | Kind::Missing | Kind::ForeignDeletion if key.last_absence == key.current => {
                key.current
            }
            Kind::Deleted => after.exact,
            // An absence that is not older than what was shown is taken for progress.
            Kind::Missing if key.last_absence >= high => key.last_absence,
            _ => NO_VERSION,
        });
        let (was_divergent, is_divergent) = (slot.since != Time::NEVER, after.diverges(key));
        if is_divergent != was_divergent {
            slot.since = if is_divergent { self.now } else { Time::NEVER };
            self.sinks[sink].count(is_divergent);
        }
        // An absence that looks like the source's newest is no step back, whichever deletion it comes from.
        let is_older = as_of != NO_VERSION && as_of < high && is_divergent;
        let was = slot.regressed_from;
        let goes_back = is_older && (was == NO_VERSION || before.exact == NO_VERSION || as_of < before.exact);
        let heals = was != NO_VERSION && (!is_divergent || as_of >= was);
        if goes_back {
            slot.regressed_from = high;
        } else if heals {
            slot.regressed_from = NO_VERSION;
        }
        Moved {
            sink,
            key: number,
            slot: place,
            by,
            before,
            after,
            row_before,
            as_of,
            is_first: as_of > high,
            regresses: goes_back.then_some(overtaken),
            heals,
            marked: (marked, slot.marked),
        }
    }
}
