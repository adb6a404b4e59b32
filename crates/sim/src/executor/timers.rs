//! Timers: a heap that knows where each timer stands in it, so that one that is taken back leaves at once.
//!
//! Most timers are taken back: whoever waits for something sets one for the moment at which it gives up. Left in the heap until their moment,
//! they would outnumber those that fire by far.
//!
//! A timer that fires leaves a hole at the top, because whom it wakes mostly sets the next one at once, and that one falls into the hole.

use driftlab_model::Time;
use std::mem;

/// How many children an entry has: with four, a heap of some dozens is three levels deep.
const ARITY: usize = 4;

/// A timer that is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimerId {
    slot: u32,
    generation: u32,
}

#[derive(Default)]
pub(super) struct Timers {
    heap: Vec<Entry>,
    /// Whether the first entry has fired and only holds its place.
    has_hole: bool,
    slots: Vec<Slot>,
    free: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Entry {
    at: Time,
    tie: u64,
    slot: u32,
}

impl Entry {
    /// Whether it fires before another: by time, then by the keyed tie, then by slot.
    #[inline]
    fn is_before(&self, other: &Self) -> bool {
        if self.at != other.at {
            return self.at < other.at;
        }
        (self.tie, self.slot) < (other.tie, other.slot)
    }
}

struct Slot {
    generation: u32,
    task: u32,
    /// Where its entry stands in the heap; means nothing while the slot is free.
    place: u32,
}

impl Timers {
    pub(super) fn set(&mut self, at: Time, tie: u64, task: u32) -> TimerId {
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize].task = task;
            slot
        } else {
            self.slots.push(Slot { generation: 0, task, place: 0 });
            self.slots.len() as u32 - 1
        };
        let entry = Entry { at, tie, slot };
        if mem::take(&mut self.has_hole) {
            self.sink(0, entry);
        } else {
            self.heap.push(entry);
            self.rise(self.heap.len() - 1, entry);
        }
        TimerId { slot, generation: self.slots[slot as usize].generation }
    }

    /// Takes a timer back; one that has fired is left in peace.
    pub(super) fn unset(&mut self, timer: TimerId) {
        let slot = &self.slots[timer.slot as usize];
        if slot.generation == timer.generation {
            self.remove(slot.place as usize);
            self.release(timer.slot);
        }
    }

    /// When the next timer fires.
    pub(super) fn next(&mut self) -> Option<Time> {
        if mem::take(&mut self.has_hole) {
            self.remove(0);
        }
        self.heap.first().map(|entry| entry.at)
    }

    /// Fires the next timer, which [`Timers::next`] has just shown to be there, and gives the task it wakes.
    pub(super) fn pop(&mut self) -> u32 {
        let slot = self.heap[0].slot;
        self.has_hole = true;
        self.release(slot);
        self.slots[slot as usize].task
    }

    /// All that are set, in no order: when, and whom they wake.
    pub(super) fn each(&self, mut look: impl FnMut(Time, u32)) {
        for entry in &self.heap[usize::from(self.has_hole).min(self.heap.len())..] {
            look(entry.at, self.slots[entry.slot as usize].task);
        }
    }

    pub(super) fn clear(&mut self) {
        self.heap.clear();
        self.has_hole = false;
        self.free.clear();
        for (slot, entry) in self.slots.iter_mut().enumerate().rev() {
            entry.generation = entry.generation.wrapping_add(1);
            self.free.push(slot as u32);
        }
    }

    /// Takes an entry out of the heap.
    fn remove(&mut self, place: usize) {
        self.heap.swap_remove(place);
        if let Some(&moved) = self.heap.get(place) {
            if place > 0 && moved.is_before(&self.heap[(place - 1) / ARITY]) {
                self.rise(place, moved);
            } else {
                self.sink(place, moved);
            }
        }
    }

    fn release(&mut self, slot: u32) {
        self.slots[slot as usize].generation = self.slots[slot as usize].generation.wrapping_add(1);
        self.free.push(slot);
    }

    /// Puts an entry in a place, or as far above it as it belongs.
    fn rise(&mut self, mut place: usize, entry: Entry) {
        while place > 0 {
            let above = (place - 1) / ARITY;
            let parent = self.heap[above];
            if parent.is_before(&entry) {
                break;
            }
            self.put(place, parent);
            place = above;
        }
        self.put(place, entry);
    }

    /// Puts an entry in a place, or as far below it as it belongs.
    fn sink(&mut self, mut place: usize, entry: Entry) {
        loop {
            let mut least = place * ARITY + 1;
            let Some(children) = self.heap.get(least..) else { break };
            let mut child = entry;
            for (candidate, sibling) in (least..).zip(children.iter().take(ARITY)) {
                if sibling.is_before(&child) {
                    (least, child) = (candidate, *sibling);
                }
            }
            if child.slot == entry.slot {
                break;
            }
            self.put(place, child);
            place = least;
        }
        self.put(place, entry);
    }

    fn put(&mut self, place: usize, entry: Entry) {
        self.heap[place] = entry;
        self.slots[entry.slot as usize].place = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::hash::mix;

    /// The order of equal moments decides which race is run: it must be that of a plain sorted list, whatever was taken back in between.
    #[test]
    fn timers_fire_in_order_whatever_was_taken_back() {
        for seed in 0..200 {
            let mut timers = Timers::default();
            let mut expected = Vec::new();
            for n in 0..400u32 {
                let draw = mix(seed, u64::from(n));
                match draw % 4 {
                    0 | 1 => {
                        let (at, tie) = (Time::from_nanos(draw >> 8 & 7), draw >> 16 & 3);
                        let timer = timers.set(at, tie, n);
                        expected.push((at, tie, timer.slot, n, timer));
                    }
                    2 if !expected.is_empty() => {
                        let taken = expected.swap_remove((draw >> 8) as usize % expected.len());
                        timers.unset(taken.4);
                        timers.unset(taken.4);
                    }
                    _ => {
                        expected.sort_by_key(|&(at, tie, slot, ..)| (at, tie, slot));
                        assert_eq!(timers.next(), expected.first().map(|first| first.0), "seed {seed}");
                        if !expected.is_empty() {
                            assert_eq!(timers.pop(), expected.remove(0).3, "seed {seed}");
                        }
                    }
                }
            }
        }
    }
}
