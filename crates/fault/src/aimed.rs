use crate::{Fate, Fault, matches};
use driftlab_model::{ProcessId, Role};
use std::cell::Cell;

/// A fault among the nodes and processes of a world: whom it strikes, and whether it is active.
pub struct Aimed {
    fault: Fault,
    /// The nodes whose requests it strikes.
    nodes: Vec<ProcessId>,
    /// The processes whose requests it strikes.
    senders: Vec<ProcessId>,
    /// The processes that it strikes.
    victims: Vec<ProcessId>,
    active: Cell<u32>,
}

/// The beginning of a fault's window, or its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// From now on it is active.
    Begin,
    /// From now on it is not.
    End,
}

impl Turn {
    /// A count of what is active, after this turn.
    #[must_use]
    pub fn counted(self, active: u32) -> u32 {
        match self {
            Self::Begin => active + 1,
            Self::End => active.saturating_sub(1),
        }
    }
}

impl Aimed {
    /// A fault among these nodes, and as yet no process.
    pub fn new<'a>(fault: &Fault, nodes: impl IntoIterator<Item = (ProcessId, &'a str)>) -> Self {
        let struck = nodes.into_iter().filter(|(_, name)| matches(&fault.target, name));
        Self {
            nodes: struck.map(|(id, _)| id).collect(),
            fault: fault.clone(),
            senders: Vec::new(),
            victims: Vec::new(),
            active: Cell::new(0),
        }
    }

    /// Learns of a process.
    pub fn aim_at(&mut self, process: ProcessId, name: &str, role: Role) {
        if names(&self.fault.from, name, role) {
            self.senders.push(process);
        }
        if names(&self.fault.target, name, role) {
            self.victims.push(process);
        }
    }

    /// The fault.
    #[must_use]
    pub const fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The processes that it strikes, where it is a fault of processes.
    #[must_use]
    pub fn victims(&self) -> &[ProcessId] {
        &self.victims
    }

    /// Whom a history says that it strikes: processes, or the nodes whose requests are in danger.
    #[must_use]
    pub fn struck(&self) -> &[ProcessId] {
        if self.fault.strike.affliction().is_some() { &self.victims } else { &self.nodes }
    }

    /// Whether it strikes the requests of this process to this node, now.
    #[must_use]
    pub fn strikes(&self, node: ProcessId, sender: ProcessId) -> bool {
        self.is_active() && self.nodes.contains(&node) && self.senders.contains(&sender)
    }

    /// Changes the fate of a request that it strikes.
    pub fn request(&self, fate: &mut Fate, draw: crate::Draw<'_>) {
        self.fault.strike.request(fate, draw);
    }

    /// Opens or closes a window of a fault that strikes no process.
    pub fn turn(&self, turn: Turn) {
        self.active.set(turn.counted(self.active.get()));
    }

    /// Whether a window is open.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active.get() > 0
    }

    /// Before a run nothing is active.
    pub fn reset(&self) {
        self.active.set(0);
    }
}

/// Whether a pattern of a scenario names a process.
fn names(pattern: &str, name: &str, role: Role) -> bool {
    match pattern {
        "app" => role == Role::Client,
        "background" => role == Role::Strategy,
        _ => matches(pattern, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FaultEntry;
    use driftlab_model::Settings;

    #[test]
    fn a_fault_of_requests_strikes_between_its_senders_and_its_node_while_it_is_active() {
        let entry = FaultEntry::named("outage").expect("a registered fault");
        let given = [("target", "search"), ("from", "background")];
        let settings = given.iter().fold(Settings::defaults(entry.settings), |all, (name, text)| {
            all.with(entry.settings, name, text)
        });
        let fault = Fault::build(entry, "outage", &settings).expect("settings without contradictions");
        let [source, search, client, relay] = [0, 1, 2, 3].map(ProcessId);
        let mut aimed = Aimed::new(&fault, [(source, "source"), (search, "search")]);
        aimed.aim_at(client, "client-1", Role::Client);
        aimed.aim_at(relay, "relay", Role::Strategy);
        assert!(!aimed.strikes(search, relay));
        aimed.turn(Turn::Begin);
        assert!(aimed.strikes(search, relay));
        assert!(!aimed.strikes(search, client) && !aimed.strikes(source, relay));
        assert_eq!((aimed.struck(), aimed.victims()), (&[search][..], &[][..]));
        aimed.turn(Turn::End);
        assert!(!aimed.strikes(search, relay));
    }
}
