//! Faults at the seam between processes and stores, the same as in the virtual world.
//!
//! A fault has a target, windows of time in which it is active, and one of two natures: it strikes processes (they crash, stand still, their clock is
//! wrong), or it decides the [`Fate`] of requests. It never reaches into a store: everything it does could be done by a network or an operator.
//! Which faults there are, and what a scenario says of them, is no business of this crate: whoever makes a world brings them along.

mod fate;
mod strike;

pub use fate::Fate;
pub use strike::{Affliction, Draw, Strike};

use driftlab_model::Time;
use std::rc::Rc;

/// A fault of a scenario, ready to strike.
#[derive(Clone)]
pub struct Fault {
    /// Its name in the scenario.
    pub name: String,
    /// Whom it strikes: the name of a process or node, a prefix of one up to a `.` or `-`, `app` for all clients, `background` for all
    /// processes of the strategy, `*` for everybody.
    pub target: String,
    /// For faults of requests: only those that such a process sends.
    pub from: String,
    /// When it is active.
    pub windows: Windows,
    /// What it does.
    pub strike: Rc<dyn Strike>,
}

/// When a fault is active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Windows {
    /// All the time that clients write: the weather, not an event that one recovers from.
    Always,
    /// In these windows, in order; none begins before the one before has ended.
    From(Vec<(Time, Time)>),
}

/// Whether a pattern of a scenario names a process or node by its name or the beginning of it.
#[must_use]
pub fn matches(pattern: &str, name: &str) -> bool {
    pattern == "*"
        || name.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_whole_or_by_their_family() {
        assert!(matches("client", "client-3") && matches("client-3", "client-3"));
        assert!(matches("consumer", "consumer.search.0") && matches("consumer.search", "consumer.search.0"));
        assert!(!matches("client-1", "client-12") && !matches("search", "consumer.search"));
    }
}
