use driftlab_model::port::{Condition, Delivery};
use driftlab_model::{
    Fingerprint, Key, Kind, Lookup, Refusal, Row, Setting, Shown, Span, TableId, Time, Version, View, WriteId,
};
use smallvec::SmallVec;
use std::collections::BTreeSet;
use std::mem;
use std::ops::Bound;

/// The setting that says how long the version of a deletion is remembered.
pub(super) const TOMBSTONES: Setting = Setting {
    name: "tombstones",
    summary: "How long the version of a conditional deletion is kept, so that an older write that comes late is still refused",
    kind: Kind::Span,
    default: Some("24h"),
};

/// What a reader is told of a key that has no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    /// That there is none: a deletion is shown as one.
    Claimed,
    /// Nothing, as a cache does.
    Unclaimed,
}

/// Rows with their versions, tombstones included, and what changed since readers were last shown the state.
///
/// A change goes into a journal with the view that readers had before it, and stays there until [`Versioned::show`]. A store that
/// shows each request at once and one that shows many at a refresh differ only in when they call it; either way a key that
/// changed and changed back was never seen to change.
#[derive(Debug)]
pub(super) struct Versioned {
    index: Lookup<Key, SlotId>,
    slots: Vec<Slot>,
    journal: Vec<(SlotId, View)>,
    /// The keys with a shown row; built when first asked for, because most runs never ask and upkeep costs more than a write.
    order: Option<BTreeSet<Key>>,
    /// How many slots the initial load takes.
    loaded: usize,
    /// The slots that may differ from it.
    touched: Vec<SlotId>,
    absence: Absence,
    tombstones: Span,
}

/// A key's place in a store; stays the same until the store is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SlotId(u32);

#[derive(Debug)]
struct Slot {
    key: Key,
    view: View,
    version: Version,
    /// Until when the version counts: forever for a row, as long as tombstones are kept for a deletion.
    guarded_until: Time,
    /// Its place in the journal, or [`UNJOURNALED`].
    journaled: u32,
    /// The row that the initial load gave it.
    loaded: Option<Row>,
    touched: bool,
}

const UNJOURNALED: u32 = u32::MAX;

impl SlotId {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Absence {
    const fn view(self) -> View {
        match self {
            Self::Claimed => View::Missing,
            Self::Unclaimed => View::NotHeld,
        }
    }
}

impl Versioned {
    pub(super) fn new(absence: Absence, tombstones: Span) -> Self {
        Self {
            index: Lookup::default(),
            slots: Vec::new(),
            journal: Vec::new(),
            order: None,
            loaded: 0,
            touched: Vec::new(),
            absence,
            tombstones,
        }
    }

    /// The slot of a key, made where there is none.
    pub(super) fn slot(&mut self, key: &Key) -> SlotId {
        if let Some(id) = self.index.get(key) {
            return *id;
        }
        let id = SlotId(self.slots.len() as u32);
        self.index.insert(key.clone(), id);
        self.slots.push(Slot {
            key: key.clone(),
            view: self.absence.view(),
            version: Version::default(),
            guarded_until: Time::ZERO,
            journaled: UNJOURNALED,
            loaded: None,
            touched: false,
        });
        id
    }

    /// The slot of a key, where it has one.
    pub(super) fn find(&self, key: &Key) -> Option<SlotId> {
        self.index.get(key).copied()
    }

    /// The row that a slot holds, shown or not.
    pub(super) fn held(&self, id: SlotId) -> Option<&Row> {
        row(&self.slots[id.index()].view)
    }

    /// The row that readers see.
    pub(super) fn shown(&self, key: &Key) -> Option<&Row> {
        row(self.view_shown(&self.slots[self.find(key)?.index()]))
    }

    /// The version that a slot holds; `None` where it holds none, or a tombstone that has expired.
    pub(super) fn version(&self, now: Time, id: SlotId) -> Option<Version> {
        let slot = &self.slots[id.index()];
        (now < slot.guarded_until).then_some(slot.version)
    }

    /// A delivery that empties a table as what it comes to here: the deletion of each row that is held, shown or not, in the order of keys. `None` for any other delivery.
    pub(super) fn spread(&self, delivery: &Delivery) -> Option<Vec<Delivery>> {
        if !delivery.key.is_empty() || delivery.after.is_some() {
            return None;
        }
        let held = |slot: &Slot| Some((slot.key.clone(), row(&slot.view)?.clone()));
        let own = self.slots.iter().filter(|slot| slot.key.table() == delivery.key.table());
        let mut rows: Vec<(Key, Row)> = own.filter_map(held).collect();
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        let gone = |(key, row)| Delivery { key, before: Some(row), ..delivery.clone() };
        Some(rows.into_iter().map(gone).collect())
    }

    /// The row that a delivered one makes of what a slot holds; `None` where it is partial and nothing is held.
    pub(super) fn completed(&self, id: SlotId, row: &Row) -> Option<Row> {
        if row.is_partial() { self.held(id).map(|held| row.over(held)) } else { Some(row.clone()) }
    }

    /// Makes a change and gives the slot of its key. A partial row changes nothing where no row is held.
    ///
    /// Refused as outdated where the delivery has a condition and is not newer; nothing has changed then. [`Condition::Once`] is
    /// [`Condition::Newer`] here, tombstones included: the version held is how a store of rows knows that a write was applied.
    pub(super) fn write(&mut self, now: Time, delivery: &Delivery) -> Result<SlotId, Refusal> {
        let id = self.slot(&delivery.key);
        self.refuse_outdated(now, id, delivery)?;
        match &delivery.after {
            Some(row) => {
                if let Some(row) = self.completed(id, row) {
                    self.set(id, View::Row(row), delivery.version, Time::NEVER);
                }
            }
            None => {
                let kept = match delivery.condition {
                    Condition::Newer | Condition::Once => now + self.tombstones,
                    Condition::Always => Time::ZERO,
                };
                self.set(id, self.deletion(delivery.write), delivery.version, kept);
            }
        }
        Ok(id)
    }

    /// Refuses a delivery that has a condition and is not newer than what the slot holds.
    pub(super) fn refuse_outdated(&self, now: Time, id: SlotId, delivery: &Delivery) -> Result<(), Refusal> {
        let compares = delivery.condition != Condition::Always;
        if compares && self.version(now, id).is_some_and(|held| held >= delivery.version) {
            return Err(Refusal::Outdated);
        }
        Ok(())
    }

    /// Makes a row part of the initial load, as if it had always been shown.
    pub(super) fn load(&mut self, key: &Key, row: &Row) -> SlotId {
        let id = self.slot(key);
        let slot = &mut self.slots[id.index()];
        slot.loaded = Some(row.clone());
        slot.put_back(self.absence);
        self.loaded = self.slots.len();
        self.order = None;
        id
    }

    /// Puts a row under a version, whatever was there.
    pub(super) fn put(&mut self, id: SlotId, row: &Row, version: Version) {
        self.set(id, View::Row(row.clone()), version, Time::NEVER);
    }

    /// Deletes a row and keeps the version of the deletion for good.
    pub(super) fn bury(&mut self, id: SlotId, write: WriteId, version: Version) {
        self.set(id, self.deletion(write), version, Time::NEVER);
    }

    /// Forgets a row and its version, as if the key had never been written.
    pub(super) fn forget(&mut self, id: SlotId) {
        self.set(id, self.absence.view(), Version::default(), Time::ZERO);
    }

    /// Forgets all rows and all versions.
    pub(super) fn clear(&mut self) {
        for id in (0..self.slots.len() as u32).map(SlotId) {
            self.forget(id);
        }
    }

    /// Holds exactly these rows; versions of what was there before, tombstones too, are forgotten.
    pub(super) fn replace(&mut self, rows: &[(Key, Row)]) {
        let mut loaded = vec![false; self.slots.len()];
        for (key, row) in rows {
            let id = self.slot(key);
            if let Some(mark) = loaded.get_mut(id.index()) {
                *mark = true;
            }
            self.put(id, row, row.version());
        }
        for (id, loaded) in (0..).map(SlotId).zip(loaded) {
            if !loaded {
                self.forget(id);
            }
        }
    }

    /// Takes in the rows that may differ from the initial load, shown or not, and the versions that they are guarded by.
    pub(super) fn fingerprint(&self, print: &mut Fingerprint<'_>) {
        let mut slots = 0u128;
        for id in &self.touched {
            let slot = &self.slots[id.index()];
            let mut part = print.part();
            [slot.key.digest(), slot.version.0, slot.guarded_until.nanos()]
                .into_iter()
                .for_each(|word| part.word(word));
            part.view(&slot.view);
            part.view(self.view_shown(slot));
            slots = slots.wrapping_add(part.value());
        }
        print.sum(slots);
        // What is to be shown is told in the order in which it changed.
        for (id, _) in &self.journal {
            print.word(self.slots[id.index()].key.digest());
        }
    }

    /// Whether something has changed that readers do not see yet.
    pub(super) fn has_unshown(&self) -> bool {
        !self.journal.is_empty()
    }

    /// How many rows have changed that readers do not see yet.
    pub(super) fn unshown(&self) -> usize {
        self.journal.len()
    }

    /// Shows readers everything that changed, and lists what they see differently now.
    pub(super) fn show(&mut self, shown: &mut SmallVec<[Shown; 1]>) {
        self.settle_each(|slot| shown.push(Shown { key: slot.key.clone(), view: slot.view.clone() }));
    }

    /// Shows readers everything that changed, and tells nobody.
    pub(super) fn settle(&mut self) {
        self.settle_each(|_| {});
    }

    /// The keys of a table with a shown row, in order.
    pub(super) fn keys(&mut self, table: TableId, after: Option<&Key>, limit: usize) -> Vec<Key> {
        if self.order.is_none() {
            let shown = self.slots.iter().filter(|slot| row(self.view_shown(slot)).is_some());
            self.order = Some(shown.map(|slot| slot.key.clone()).collect());
        }
        let least = Key::integer(table, i64::MIN);
        let start = match after {
            Some(after) if *after >= least => Bound::Excluded(after),
            _ => Bound::Included(&least),
        };
        let keys = self.order.iter().flat_map(|order| order.range::<Key, _>((start, Bound::Unbounded)));
        keys.take_while(|key| key.table() == table).take(limit).cloned().collect()
    }

    pub(super) fn reset(&mut self) {
        self.index.clear();
        self.slots.clear();
        self.journal.clear();
        self.order = None;
        self.loaded = 0;
        self.touched.clear();
    }

    /// Puts everything back to the initial load, at the cost of what was touched since and not of what was loaded.
    pub(super) fn rewind(&mut self) {
        for id in self.touched.drain(..) {
            self.slots[id.index()].put_back(self.absence);
        }
        for slot in self.slots.drain(self.loaded..) {
            self.index.remove(&slot.key);
        }
        self.journal.clear();
        self.order = None;
    }

    #[inline]
    fn settle_each(&mut self, mut changed: impl FnMut(&Slot)) {
        for (id, before) in self.journal.drain(..) {
            let slot = &mut self.slots[id.index()];
            slot.journaled = UNJOURNALED;
            if before == slot.view {
                continue;
            }
            if let Some(order) = &mut self.order {
                slot.reorder(&before, order);
            }
            changed(slot);
        }
    }

    fn deletion(&self, write: WriteId) -> View {
        match self.absence {
            Absence::Claimed => View::Deleted(write),
            Absence::Unclaimed => View::NotHeld,
        }
    }

    fn view_shown<'a>(&'a self, slot: &'a Slot) -> &'a View {
        self.journal.get(slot.journaled as usize).map_or(&slot.view, |(_, before)| before)
    }

    fn set(&mut self, id: SlotId, view: View, version: Version, guarded_until: Time) {
        let slot = &mut self.slots[id.index()];
        if !mem::replace(&mut slot.touched, true) {
            self.touched.push(id);
        }
        (slot.version, slot.guarded_until) = (version, guarded_until);
        let changed = slot.view != view;
        let before = mem::replace(&mut slot.view, view);
        if changed && slot.journaled == UNJOURNALED {
            slot.journaled = self.journal.len() as u32;
            self.journal.push((id, before));
        }
    }
}

impl Slot {
    /// Puts the key among those with a shown row, or takes it out, where that has changed.
    #[cold]
    fn reorder(&self, before: &View, order: &mut BTreeSet<Key>) {
        match (row(before), row(&self.view)) {
            (None, Some(_)) => drop(order.insert(self.key.clone())),
            (Some(_), None) => drop(order.remove(&self.key)),
            _ => {}
        }
    }

    /// As the initial load left it.
    fn put_back(&mut self, absence: Absence) {
        (self.view, self.version, self.guarded_until) = match &self.loaded {
            Some(row) => (View::Row(row.clone()), row.version(), Time::NEVER),
            None => (absence.view(), Version::default(), Time::ZERO),
        };
        (self.journaled, self.touched) = (UNJOURNALED, false);
    }
}

fn row(view: &View) -> Option<&Row> {
    match view {
        View::Row(row) => Some(row),
        View::Deleted(_) | View::Missing | View::NotHeld => None,
    }
}
