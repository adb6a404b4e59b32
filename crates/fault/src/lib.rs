//! Faults, one kind a file: what a network, a machine or an operator does to processes and requests, in every world.
//!
//! A fault has a target, times at which it is active, and one of five natures: it strikes processes (they crash, stand still, their clock is wrong), it
//! decides the [`Fate`] of requests (and may leave the source without its slots), it shortens what the log keeps, it empties sinks, or it takes the source's tables of current state. It never reaches into a store further than that: everything it does could be done by a network or an operator. So the same faults strike
//! simulated and real stores, at the seam between them and the processes.

mod aimed;
mod crash;
mod delay;
mod failover;
mod fate;
mod lose_reply;
mod lose_request;
mod lose_state;
mod outage;
mod partition;
mod pause;
mod refuse;
mod registry;
mod repeat;
mod retention;
mod schedule;
mod skew;
mod slow;
mod strike;
mod wipe;

pub use aimed::{Aimed, Turn};
pub use fate::Fate;
pub use registry::{FAULTS, FaultEntry};
pub use schedule::Schedule;
pub use strike::{Affliction, Draw, Strike};

use driftlab_model::{Contradiction, Settings};
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
    pub schedule: Schedule,
    /// What it does.
    pub strike: Rc<dyn Strike>,
}

impl Fault {
    /// A fault of a kind, from its settings.
    ///
    /// # Errors
    /// The setting that cannot be honoured.
    pub fn build(entry: &FaultEntry, name: &str, settings: &Settings) -> Result<Self, Contradiction> {
        Ok(Self {
            name: name.to_owned(),
            target: settings.text_if_set("target").unwrap_or("*").to_owned(),
            from: settings.text_if_set("from").unwrap_or("*").to_owned(),
            schedule: Schedule::from_settings(settings)?,
            strike: (entry.build)(settings)?,
        })
    }
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
        assert!(matches("*", "anything"));
    }
}
