//! Processes: they start, crash, stand still, and start again.

use super::World;
use super::caller::Caller;
use driftlab_model::port::{Main, Ports};
use driftlab_model::{Call, Event, Host, ProcessId, Role, Stage};
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use tokio::task::JoinHandle;

/// A process: a task of the thread that all processes share.
pub(super) struct ProcessState {
    pub(super) name: String,
    pub(super) caller: Rc<Caller>,
    ports: Rc<Ports>,
    pub(super) role: Role,
    main: Main,
    task: RefCell<Option<JoinHandle<()>>>,
    halt: Rc<Halt>,
    down: Cell<bool>,
}

/// Whether a process stands still.
#[derive(Default)]
struct Halt {
    is_paused: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

/// A process that can be made to stand still: replies reach it, and it does not look at them.
struct Pausable {
    main: Call<'static, ()>,
    halt: Rc<Halt>,
}

impl Future for Pausable {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.halt.is_paused.get() {
            self.halt.waker.set(Some(context.waker().clone()));
            return Poll::Pending;
        }
        self.main.as_mut().poll(context)
    }
}

impl ProcessState {
    fn new(name: String, caller: Rc<Caller>, ports: Rc<Ports>, role: Role, main: Main) -> Self {
        Self {
            name,
            caller,
            ports,
            role,
            main,
            task: RefCell::default(),
            halt: Rc::default(),
            down: Cell::new(false),
        }
    }

    /// Whether it runs or will run again.
    pub(super) fn is_alive(&self) -> bool {
        self.down.get() || self.task.borrow().as_ref().is_some_and(|task| !task.is_finished())
    }

    pub(super) fn is_down(&self) -> bool {
        self.down.get()
    }

    pub(super) fn start(&self) {
        self.caller.reset();
        self.down.set(false);
        self.spawn();
    }

    pub(super) fn crash(&self, world: &World) {
        if self.down.get() || !self.is_alive() {
            return;
        }
        world.emit(Event::Lifecycle { process: self.caller.process, stage: Stage::Crashed });
        world.live().recorder.effect();
        self.down.set(true);
        self.end();
    }

    pub(super) fn restart(&self, world: &World) {
        if !self.down.replace(false) {
            return;
        }
        world.emit(Event::Lifecycle { process: self.caller.process, stage: Stage::Started });
        world.live().recorder.effect();
        self.caller.reborn();
        self.spawn();
    }

    pub(super) fn pause(&self, world: &World) {
        world.emit(Event::Lifecycle { process: self.caller.process, stage: Stage::Paused });
        self.halt.is_paused.set(true);
    }

    pub(super) fn resume(&self, world: &World) {
        world.emit(Event::Lifecycle { process: self.caller.process, stage: Stage::Resumed });
        world.live().recorder.effect();
        self.halt.is_paused.set(false);
        if let Some(waker) = self.halt.waker.take() {
            waker.wake();
        }
    }

    /// Ends its task, as a crash does; what it had sent goes on.
    pub(super) fn end(&self) {
        if let Some(task) = &*self.task.borrow() {
            task.abort();
        }
    }

    /// Passes on the panic that it died of, if it did: a fault of the strategy's code, not of the world.
    pub(super) async fn reap(&self) {
        if !self.task.borrow().as_ref().is_some_and(JoinHandle::is_finished) {
            return;
        }
        let task = self.task.take();
        if let Some(task) = task
            && let Err(error) = task.await
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }

    fn spawn(&self) {
        self.halt.is_paused.set(false);
        let main = (self.main)(Rc::clone(&self.ports));
        let process = Pausable { main, halt: Rc::clone(&self.halt) };
        self.task.replace(Some(tokio::task::spawn_local(process)));
    }
}

impl World {
    /// Adds a process; it starts with every run.
    ///
    /// # Panics
    /// When a process of this name exists: its draws would be the other's.
    pub fn add_process(self: &Rc<Self>, name: &str, role: Role, main: Main) -> ProcessId {
        let nodes = self.config.node_names().len();
        let id = ProcessId((nodes + self.processes.borrow().len()) as u16);
        assert!(
            self.processes.borrow().iter().all(|process| process.name != name),
            "two processes are named {name}"
        );
        let caller = Rc::new(Caller::new(self, id, name));
        let ports = Rc::new(self.ports(&caller));
        self.processes.borrow_mut().push(Rc::new(ProcessState::new(
            name.to_owned(),
            caller,
            ports,
            role,
            main,
        )));
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
}
