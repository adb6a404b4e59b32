//! Timers: a binary heap, with entries that were taken back left in place and passed over.

use driftlab_model::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A timer that is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimerId {
    slot: u32,
    generation: u32,
}

#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<Entry>>,
    slots: Vec<Slot>,
    free: Vec<u32>,
}

/// In the order in which timers fire: by time, then by the keyed tie, then by slot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: Time,
    tie: u64,
    slot: u32,
    generation: u32,
}

struct Slot {
    generation: u32,
    task: u32,
}

impl Timers {
    pub(super) fn set(&mut self, at: Time, tie: u64, task: u32) -> TimerId {
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize].task = task;
            slot
        } else {
            self.slots.push(Slot { generation: 0, task });
            self.slots.len() as u32 - 1
        };
        let generation = self.slots[slot as usize].generation;
        self.heap.push(Reverse(Entry { at, tie, slot, generation }));
        TimerId { slot, generation }
    }

    /// Takes a timer back; one that has fired is left in peace.
    pub(super) fn unset(&mut self, timer: TimerId) {
        if self.slots[timer.slot as usize].generation == timer.generation {
            self.release(timer.slot);
        }
    }

    /// When the next timer fires.
    pub(super) fn next(&mut self) -> Option<Time> {
        while let Some(Reverse(entry)) = self.heap.peek() {
            if self.slots[entry.slot as usize].generation == entry.generation {
                return Some(entry.at);
            }
            self.heap.pop();
        }
        None
    }

    /// Fires the next timer, which [`Timers::next`] has just shown to be there, and gives the task it wakes.
    pub(super) fn pop(&mut self) -> u32 {
        let Reverse(entry) = self.heap.pop().expect("a timer fires only after it was seen to be due");
        let task = self.slots[entry.slot as usize].task;
        self.release(entry.slot);
        task
    }

    pub(super) fn clear(&mut self) {
        self.heap.clear();
        self.free.clear();
        for (slot, entry) in self.slots.iter_mut().enumerate().rev() {
            entry.generation = entry.generation.wrapping_add(1);
            self.free.push(slot as u32);
        }
    }

    fn release(&mut self, slot: u32) {
        self.slots[slot as usize].generation = self.slots[slot as usize].generation.wrapping_add(1);
        self.free.push(slot);
    }
}
