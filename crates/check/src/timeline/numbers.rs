//! Numbers for keys.

use super::versions::KeyNo;
use driftlab_model::{Key, Lookup};

/// The numbers of keys.
///
/// Most keys are one small integer, counted up from the first row of their table, so they index an array; all others go into a hash table.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// By table and integer; [`NONE`] where the key has no number.
    dense: Vec<Vec<KeyNo>>,
    sparse: Lookup<Key, KeyNo>,
    known: usize,
}

const NONE: KeyNo = KeyNo::MAX;

impl Numbers {
    /// The number of a key, where it has one.
    #[inline(always)]
    pub(super) fn get(&self, key: &Key) -> Option<KeyNo> {
        let dense = key.as_integer().and_then(|n| {
            // A negative integer is beyond every array.
            self.dense.get(usize::from(key.table().0))?.get(n as usize).filter(|number| **number != NONE)
        });
        match dense {
            Some(number) => Some(*number),
            None if self.sparse.is_empty() => None,
            None => self.hashed(key),
        }
    }

    fn hashed(&self, key: &Key) -> Option<KeyNo> {
        self.sparse.get(key).copied()
    }

    /// Gives a key its number.
    pub(super) fn insert(&mut self, key: &Key, number: KeyNo) {
        // An array that is mostly empty would waste more than a hash table costs.
        let room = 64 + 4 * self.known;
        self.known += 1;
        let Some((table, place)) = Self::place(key).filter(|(table, place)| *table <= 64 && *place < room)
        else {
            self.sparse.insert(key.clone(), number);
            return;
        };
        if self.dense.len() <= table {
            self.dense.resize_with(table + 1, Vec::new);
        }
        let numbers = &mut self.dense[table];
        if numbers.len() <= place {
            numbers.resize((place + 1).next_power_of_two(), NONE);
        }
        numbers[place] = number;
    }

    /// Takes a key's number away.
    pub(super) fn remove(&mut self, key: &Key) {
        self.known -= 1;
        if let Some((table, place)) = Self::place(key)
            && let Some(number) = self.dense.get_mut(table).and_then(|numbers| numbers.get_mut(place))
            && *number != NONE
        {
            *number = NONE;
            return;
        }
        self.sparse.remove(key);
    }

    #[inline]
    fn place(key: &Key) -> Option<(usize, usize)> {
        let place = usize::try_from(key.as_integer()?).ok()?;
        Some((usize::from(key.table().0), place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::{TableId, Value};

    /// A key far ahead of all others was put into the hash table; it must be found there when the array has grown over its place.
    #[test]
    fn every_key_keeps_its_number_wherever_it_is_held() {
        let table = TableId(1);
        let mut all: Vec<Key> = [1_000, -1, i64::MIN, i64::MAX].map(|n| Key::integer(table, n)).to_vec();
        all.push(Key::new(table, &[Value::from(1), Value::from(2)]));
        all.extend((0..2_000).filter(|n| *n != 1_000).map(|n| Key::integer(table, n)));
        let mut numbers = Numbers::default();
        for (number, key) in (0..).zip(&all) {
            assert_eq!(numbers.get(key), None);
            numbers.insert(key, number);
        }
        for (number, key) in (0..).zip(&all) {
            assert_eq!(numbers.get(key), Some(number), "{key}");
            assert_eq!(numbers.get(&Key::integer(TableId(0), number.into())), None);
        }
        for key in &all {
            numbers.remove(key);
            assert_eq!(numbers.get(key), None);
        }
    }
}
