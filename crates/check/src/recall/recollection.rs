use driftlab_model::{Before, Earlier, Entry, Journal, Key, Moment, Row, Testimony};
use std::collections::{BTreeMap, BTreeSet};

/// The journals of a strategy, asked in turn about some keys.
pub struct Recollection<'a> {
    places: Vec<Place<'a>>,
}

struct Place<'a> {
    journal: &'a Journal,
    /// The entries of each key that anybody asks about, in order.
    entries: BTreeMap<&'a Key, Vec<&'a Entry>>,
}

/// What a journal says that a key was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told<'a> {
    /// The journal's place.
    pub place: &'a str,
    /// The row; `None` where there was none.
    pub row: Option<&'a Row>,
}

impl<'a> Recollection<'a> {
    /// Of what is told of these keys.
    #[must_use]
    pub fn of(testimony: &'a Testimony, keys: &BTreeSet<&'a Key>) -> Self {
        let place = |journal: &'a Journal| {
            let mut entries: BTreeMap<&Key, Vec<&Entry>> = BTreeMap::new();
            for entry in &journal.entries {
                if entry.key.is_empty() {
                    let of_its_table = keys.iter().filter(|key| key.table() == entry.key.table());
                    of_its_table.for_each(|key| entries.entry(key).or_default().push(entry));
                } else if keys.contains(&entry.key) {
                    entries.entry(&entry.key).or_default().push(entry);
                }
            }
            Place { journal, entries }
        };
        Self { places: testimony.journals.iter().map(place).collect() }
    }

    /// The row that is in the tables now.
    #[must_use]
    pub fn now(&self, key: &Key) -> Option<&'a Row> {
        self.places.last()?.of(key).last()?.after.as_ref()
    }

    /// What a key was at a moment, by the first journal that knows; `None` where none does.
    #[must_use]
    pub fn at(&self, key: &Key, moment: Moment) -> Option<Told<'a>> {
        self.places.iter().find_map(|place| self.told_by(place, key, moment))
    }

    /// The same of each journal by itself, in order.
    pub fn each(&self, key: &Key, moment: Moment) -> impl Iterator<Item = (&'a Journal, Option<Told<'a>>)> {
        self.places.iter().map(move |place| (place.journal, self.told_by(place, key, moment)))
    }

    /// The entries of a key, journal by journal.
    pub fn entries(&self, key: &Key) -> impl Iterator<Item = (&'a Journal, &'a Entry)> {
        self.places
            .iter()
            .flat_map(move |place| place.of(key).iter().map(move |&entry| (place.journal, entry)))
    }

    fn told_by(&self, place: &Place<'a>, key: &Key, moment: Moment) -> Option<Told<'a>> {
        let row = self.state(place, key, moment)?;
        Some(Told { place: &place.journal.place, row })
    }

    /// What a journal knows of a key at a moment: no more than follows from its entries, its reach, and the row that is there now.
    fn state(&self, place: &Place<'a>, key: &Key, moment: Moment) -> Option<Option<&'a Row>> {
        let entries = place.of(key);
        let later = entries.iter().take_while(|entry| entry.is_by(moment)).count();
        let Some(last) = later.checked_sub(1).map(|last| entries[last]) else {
            return self.before_all(place, entries, key, moment);
        };
        if !last.is_whole() {
            return None;
        }
        let goes_on_from = |next: &Entry| match &next.before {
            Before::Kept(before) => same(before.as_ref(), last.after.as_ref()),
            Before::Same => same(next.after.as_ref(), last.after.as_ref()),
            Before::Unkept => true,
        };
        let is_followed = match entries.get(later) {
            Some(next) => goes_on_from(next),
            None => same(self.now(key), last.after.as_ref()),
        };
        // Otherwise there is a change between the two that the journal does not have.
        is_followed.then_some(last.after.as_ref())
    }

    /// What a key was before the first entry that the journal has of it.
    fn before_all(
        &self,
        place: &Place<'a>,
        entries: &[&'a Entry],
        key: &Key,
        moment: Moment,
    ) -> Option<Option<&'a Row>> {
        let journal = place.journal;
        let is_whole = journal.whole_since.is_some_and(|since| since.position <= moment.position);
        let is_traced = journal.earlier == Earlier::Newest;
        let Some(first) = entries.first() else {
            return (is_whole || is_traced).then(|| self.now(key));
        };
        // It may have followed upon others that compaction has removed.
        let is_first = journal.whole_since.is_some_and(|since| !first.is_by(since));
        if !(is_whole || (is_traced && is_first)) {
            return None;
        }
        match &first.before {
            Before::Kept(before) => Some(before.as_ref()),
            Before::Same => Some(first.after.as_ref()),
            Before::Unkept => None,
        }
    }
}

impl<'a> Place<'a> {
    fn of(&self, key: &Key) -> &[&'a Entry] {
        self.entries.get(key).map_or(&[], Vec::as_slice)
    }
}

/// Whether two rows say the same, whoever wrote them.
#[must_use]
pub fn same(one: Option<&Row>, other: Option<&Row>) -> bool {
    one.map(Row::values) == other.map(Row::values)
}
