use crate::port::Main;
use crate::{Event, ProcessId};
use std::rc::Rc;

/// What a world is to those who fill it: processes are added to it, and clients tell what they did. Virtual and real worlds are filled by the same code.
pub trait Host: 'static {
    /// Adds a process, which starts with every run. Its choices are keyed by its name.
    ///
    /// # Panics
    /// When a process of this name exists: its choices would be the other's.
    fn add_process(self: &Rc<Self>, name: &str, role: Role, main: Main) -> ProcessId;

    /// Tells the observer of the run that something happened, now.
    fn emit(&self, event: Event);

    /// A client has done with an operation, and keeps nothing of it. That matters to worlds that tell whether two moments go on alike.
    fn turns_over(&self, _client: ProcessId) {}
}

/// What a process is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A client: it writes and reads until the load ends.
    Client,
    /// A part of the strategy: it works until nothing is left to do.
    Strategy,
}
