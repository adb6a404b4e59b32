//! Tasks and their wakers.

use std::future::Future;
use std::pin::Pin;
use std::task::{RawWaker, RawWakerVTable, Waker};

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

/// A task. Ids are never confused with those of finished tasks whose slot they took over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskId {
    slot: u32,
    generation: u32,
}

impl TaskId {
    /// No task.
    pub const NONE: Self = Self { slot: u32::MAX, generation: 0 };

    pub(super) const fn slot(self) -> u32 {
        self.slot
    }
}

impl Default for TaskId {
    fn default() -> Self {
        Self::NONE
    }
}

/// A task that is to be polled.
pub(super) struct Turn {
    pub(super) id: TaskId,
    pub(super) name: u64,
    pub(super) future: Boxed,
}

/// The slots of all tasks.
#[derive(Default)]
pub(super) struct Tasks {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

struct Slot {
    generation: u32,
    name: u64,
    alive: bool,
    polls: u64,
    pause: Pause,
    future: Option<Boxed>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pause {
    Running,
    Paused,
    /// Paused, and woken meanwhile.
    Missed,
}

impl Tasks {
    pub(super) fn insert(&mut self, name: u64, future: Boxed) -> TaskId {
        if let Some(slot) = self.free.pop() {
            let entry = &mut self.slots[slot as usize];
            entry.name = name;
            entry.alive = true;
            entry.polls = 0;
            entry.pause = Pause::Running;
            entry.future = Some(future);
            return TaskId { slot, generation: entry.generation };
        }
        let slot = self.slots.len() as u32;
        self.slots.push(Slot {
            generation: 0,
            name,
            alive: true,
            polls: 0,
            pause: Pause::Running,
            future: Some(future),
        });
        TaskId { slot, generation: 0 }
    }

    /// Takes the future of a slot out to poll it; `None` where there is none to poll now.
    pub(super) fn take(&mut self, slot: u32) -> Option<Turn> {
        let entry = &mut self.slots[slot as usize];
        if entry.pause != Pause::Running {
            entry.pause = Pause::Missed;
            return None;
        }
        let future = entry.future.take()?;
        entry.polls += 1;
        Some(Turn { id: TaskId { slot, generation: entry.generation }, name: entry.name, future })
    }

    /// Puts a pending future back; gives it back to be dropped where its task was cancelled meanwhile.
    pub(super) fn put_back(&mut self, id: TaskId, future: Boxed) -> Option<Boxed> {
        match self.entry(id) {
            Some(entry) => {
                entry.future = Some(future);
                None
            }
            None => Some(future),
        }
    }

    pub(super) fn remove(&mut self, id: TaskId) -> Option<Boxed> {
        let entry = self.entry(id)?;
        entry.alive = false;
        entry.generation = entry.generation.wrapping_add(1);
        let future = entry.future.take();
        self.free.push(id.slot);
        future
    }

    pub(super) fn contains(&self, id: TaskId) -> bool {
        self.slots.get(id.slot as usize).is_some_and(|entry| entry.alive && entry.generation == id.generation)
    }

    pub(super) fn polls(&self, id: TaskId) -> u64 {
        let entry = self.slots.get(id.slot as usize).filter(|entry| entry.generation == id.generation);
        entry.map_or(0, |entry| entry.polls)
    }

    pub(super) fn name(&self, slot: u32) -> u64 {
        self.slots[slot as usize].name
    }

    pub(super) fn pause(&mut self, id: TaskId) {
        if let Some(entry) = self.entry(id)
            && entry.pause == Pause::Running
        {
            entry.pause = Pause::Paused;
        }
    }

    /// Ends a pause; true where the task was woken meanwhile.
    pub(super) fn resume(&mut self, id: TaskId) -> bool {
        let Some(entry) = self.entry(id) else { return false };
        std::mem::replace(&mut entry.pause, Pause::Running) == Pause::Missed
    }

    /// Ends all tasks and gives their futures to be dropped.
    pub(super) fn drain(&mut self) -> Vec<Boxed> {
        self.free.clear();
        let mut futures = Vec::new();
        for (slot, entry) in self.slots.iter_mut().enumerate().rev() {
            if entry.alive {
                entry.alive = false;
                entry.generation = entry.generation.wrapping_add(1);
                futures.extend(entry.future.take());
            }
            self.free.push(slot as u32);
        }
        futures
    }

    fn entry(&mut self, id: TaskId) -> Option<&mut Slot> {
        self.slots.get_mut(id.slot as usize).filter(|entry| entry.alive && entry.generation == id.generation)
    }
}

/// The queue of ready tasks of this thread's executor: a waker is a slot number and nothing else, so waking costs no allocation and no atomic.
pub(super) mod ready {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    thread_local! {
        static READY: RefCell<VecDeque<u32>> = const { RefCell::new(VecDeque::new()) };
    }

    pub(crate) fn push(slot: u32) {
        READY.with_borrow_mut(|ready| ready.push_back(slot));
    }
    pub(crate) fn pop() -> Option<u32> {
        READY.with_borrow_mut(VecDeque::pop_front)
    }
    pub(crate) fn clear() {
        READY.with_borrow_mut(VecDeque::clear);
    }
}

/// A waker for the task in a slot.
#[allow(unsafe_code, reason = "a waker without an allocation can only be made from a raw vtable")]
pub(super) fn waker(slot: u32) -> Waker {
    const VTABLE: RawWakerVTable = RawWakerVTable::new(
        |data| RawWaker::new(data, &VTABLE),
        |data| ready::push(data.addr() as u32),
        |data| ready::push(data.addr() as u32),
        |_| (),
    );
    let data = std::ptr::without_provenance::<()>(slot as usize);
    // SAFETY: the vtable's functions never dereference the data pointer, which only carries a slot number; they hold no
    // resources, so clone and drop have nothing to do; and they touch only thread-local state, so a waker that
    // reached another thread would push into that thread's own queue, which is harmless.
    unsafe { Waker::from_raw(RawWaker::new(data, &VTABLE)) }
}
