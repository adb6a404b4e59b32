//! Processes: they start, crash, stand still, and start again.

use super::World;
use super::caller::Caller;
use crate::executor::TaskId;
use driftlab_model::draws::Entity;
use driftlab_model::port::{Main, Ports};
use driftlab_model::{Event, Host, ProcessId, Role, Stage};
use std::cell::Cell;
use std::rc::Rc;

/// A process.
pub(super) struct ProcessState {
    pub(super) name: String,
    pub(super) caller: Rc<Caller>,
    pub(super) ports: Rc<Ports>,
    pub(super) role: Role,
    main: Main,
    task: Cell<TaskId>,
    down: Cell<bool>,
}

impl ProcessState {
    pub(super) fn new(name: String, caller: Rc<Caller>, ports: Rc<Ports>, role: Role, main: Main) -> Self {
        Self { name, caller, ports, role, main, task: Cell::new(TaskId::NONE), down: Cell::new(false) }
    }

    /// Whether it runs or will run again.
    pub(super) fn is_alive(&self, world: &World) -> bool {
        self.down.get() || world.executor.is_alive(self.task.get())
    }

    /// Whether it has something to do, here and now.
    pub(super) fn is_running(&self, world: &World) -> bool {
        !self.down.get() && world.executor.is_alive(self.task.get())
    }

    /// How many steps it has made in this life.
    pub(super) fn polls(&self, world: &World) -> u64 {
        world.executor.polls(self.task.get())
    }

    pub(super) fn is_down(&self) -> bool {
        self.down.get()
    }

    pub(super) fn start(&self, world: &World) {
        self.caller.reset();
        self.down.set(false);
        let main = (self.main)(Rc::clone(&self.ports));
        self.task.set(world.executor.spawn_boxed(self.caller.entity.digest(), main));
    }

    pub(super) fn crash(&self, world: &World) {
        if self.down.get() || !world.executor.is_alive(self.task.get()) {
            return;
        }
        world.emit(Event::Lifecycle { process: self.caller.process, stage: Stage::Crashed });
        world.effect();
        self.down.set(true);
        world.executor.cancel(self.task.get());
    }

    pub(super) fn restart(&self, world: &World) {
        if !self.down.replace(false) {
            return;
        }
        world.emit(Event::Lifecycle { process: self.caller.process, stage: Stage::Started });
        world.effect();
        self.caller.reborn();
        let main = (self.main)(Rc::clone(&self.ports));
        self.task.set(world.executor.spawn_boxed(self.caller.entity.digest(), main));
    }

    pub(super) fn pause(&self, world: &World) {
        world.emit(Event::Lifecycle { process: self.caller.process, stage: Stage::Paused });
        world.executor.pause(self.task.get());
    }

    pub(super) fn resume(&self, world: &World) {
        world.emit(Event::Lifecycle { process: self.caller.process, stage: Stage::Resumed });
        world.effect();
        world.executor.resume(self.task.get());
    }
}

impl World {
    /// All processes, in the order in which they were added.
    #[must_use]
    pub fn entities(&self) -> Vec<Entity> {
        self.processes.borrow().iter().map(|process| process.caller.entity).collect()
    }

    /// Adds a process; it starts with every run.
    ///
    /// # Panics
    /// When a process of this name exists: its draws would be the other's.
    pub fn add_process(self: &Rc<Self>, name: &str, role: Role, main: Main) -> ProcessId {
        let id = ProcessId(self.nodes.len() as u16 + self.processes.borrow().len() as u16);
        assert!(
            self.processes.borrow().iter().all(|process| process.name != name),
            "two processes are named {name}"
        );
        let caller = Rc::new(Caller::new(self, id, name));
        let ports = Rc::new(self.ports(&caller));
        self.processes.borrow_mut().push(ProcessState::new(name.to_owned(), caller, ports, role, main));
        self.faults.borrow_mut().aim_at(id, name, role);
        id
    }
}

impl Host for World {
    fn add_process(self: &Rc<Self>, name: &str, role: Role, main: Main) -> ProcessId {
        World::add_process(self, name, role, main)
    }

    fn emit(&self, event: Event) {
        World::emit(self, event);
    }

    fn turns_over(&self, client: ProcessId) {
        World::turns_over(self, client);
    }
}
