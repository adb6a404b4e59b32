//! What a timeline remembers, as a fingerprint. What the source committed, and in what order, is told by whoever asks for it.

use super::Timeline;
use super::versions::{KeyNo, NO_VERSION};
use driftlab_model::{Fingerprint, Time};

impl Timeline {
    /// Takes in what was touched of each sink, by key: what is shown, and what has been shown as far as anybody will ask.
    pub(crate) fn fingerprint(&self, print: &mut Fingerprint<'_>) {
        for sink in &self.sinks {
            // Whether a commit came before the first load decides whether that stands for it.
            let before = |loaded: Time| self.commits.partition_point(|commit| commit.at <= loaded) as u64;
            print.word(sink.loaded.map_or(0, |loaded| 1 + before(loaded)));
        }
        let mut keys = 0u128;
        for &number in &self.touched {
            keys = keys.wrapping_add(self.print_key(number, print.part()));
        }
        print.sum(keys);
        print.word(u64::from(self.load_ended.is_some()));
    }

    /// The slots of the keys that were touched.
    pub(crate) fn touched_slots(&self) -> impl Iterator<Item = usize> + '_ {
        let slots = |key: &KeyNo| self.slot_of(0, *key)..self.slot_of(0, *key) + self.sinks.len();
        self.touched.iter().flat_map(slots)
    }

    fn print_key(&self, number: KeyNo, mut print: Fingerprint<'_>) -> u128 {
        let key = self.key(number);
        for word in
            [key.digest, u64::from(number), key.base.into(), key.current.into(), key.last_absence.into()]
        {
            print.word(word);
        }
        for sink in 0..self.sinks.len() {
            let place = self.slot_of(sink, number);
            let slot = &self.slots[place];
            let state = slot.state;
            // Of the versions that were shown the newest speaks; of the one below it, only a story.
            for version in [state.exact, state.latest, slot.high, slot.regressed_from, slot.gone] {
                print.word(u64::from(version));
            }
            print.word(state.kind as u64);
            print.word(u64::from(self.since(sink, number) != Time::NEVER));
            // A committed row is its version.
            print.row(slot.row.as_ref().filter(|_| state.exact == NO_VERSION));
            if let Some(write) = self.unknown_deletions.get(&place) {
                print.write(*write);
            }
            for sighting in self.sightings.get(&place).into_iter().flatten() {
                sighting.fingerprint(&mut print);
            }
        }
        print.value()
    }
}
