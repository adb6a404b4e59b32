use super::Fate;
use driftlab_model::Retention;

/// What a fault does while it is active. Its answers depend on its settings and the draws it is given, and on nothing else.
pub trait Strike {
    /// What happens to a process that it strikes, when its window begins; undone when it ends. `None` for faults of anything else.
    fn affliction(&self) -> Option<Affliction> {
        None
    }
    /// What the log keeps at most while it is active. What is removed meanwhile stays gone. `None` for faults of anything else.
    fn retention(&self) -> Option<Retention> {
        None
    }
    /// Whether the sinks that it strikes lose all that they hold, as its window begins.
    fn wipes(&self) -> bool {
        false
    }
    /// Whether the source loses its tables of current state, as its window begins.
    fn loses_state(&self) -> bool {
        false
    }
    /// Whether the source has lost its replication slots, and what they held back, when its window ends.
    fn drops_slots(&self) -> bool {
        false
    }
    /// Changes the fate of a request that is sent to its target while it is active.
    fn request(&self, fate: &mut Fate, draw: Draw<'_>) {
        let _ = (fate, draw);
    }
}

/// The choices about one request that a fault may make: the number tells them apart.
pub type Draw<'a> = &'a dyn Fn(u64) -> u64;

/// What happens to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affliction {
    /// It dies; at the window's end it is started again.
    Crash,
    /// It stands still; at the window's end it goes on as if nothing had been.
    Pause,
    /// Its clock is wrong by so many nanoseconds; ahead is positive.
    Skew(i64),
}
