//! The clients: they do what the workload says, through the strategy, until the load ends; the same in every world.

use crate::script::Script;
use crate::{Arrivals, Operation as Work, Shape};
use driftlab_model::port::{Main, Ports, Strategy};
use driftlab_model::{
    Chronicle, Doubt, Event, Failure, Finish, Host, Invariant, Latency, Names, Operation, OperationKind,
    ProcessId, Read, Refusal, Role, Span, Statement, Time, Transaction, TransactionId,
};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// How often a client tries a transaction again that the source refused to break a deadlock or for its isolation level.
const ATTEMPTS: u32 = 5;

/// What all clients of a world share: the work, and how far they are.
pub struct Crew {
    strategy: Rc<dyn Strategy>,
    shape: RefCell<Rc<dyn Shape>>,
    arrivals: RefCell<Arrivals>,
    clients: u64,
    operations: Option<u64>,
    load_end: Time,
    /// In a closed loop, how many operations each client has begun; a crash does not bring them back.
    begun: Vec<Cell<u64>>,
    /// In an open loop, how many have been handed out.
    handed_out: Cell<u64>,
    /// What the clients do instead.
    script: RefCell<Option<Rc<Script>>>,
}

/// The next operation of a client.
struct Next {
    operation: u64,
    intended: Time,
    /// The place of its task in the client's script, where there is one.
    task: Option<usize>,
}

impl Crew {
    /// The clients of a workload: so many, doing what a shape says when arrivals say, through a strategy, until the load ends or so many operations
    /// were begun. Every world needs clients of its own.
    #[must_use]
    pub fn new(
        strategy: Rc<dyn Strategy>,
        shape: Rc<dyn Shape>,
        arrivals: Arrivals,
        clients: u64,
        operations: Option<u64>,
        load_end: Time,
    ) -> Self {
        Self {
            strategy,
            shape: RefCell::new(shape),
            arrivals: RefCell::new(arrivals),
            clients,
            operations,
            load_end,
            begun: (0..clients).map(|_| Cell::new(0)).collect(),
            handed_out: Cell::new(0),
            script: RefCell::default(),
        }
    }

    /// Prepares for a run: the work of its seed, from the beginning, or of it what a script says.
    pub fn reset(&self, seed: u64, script: Option<Rc<Script>>) {
        self.script.replace(script);
        self.shape.replace_with(|shape| shape.reseeded(seed));
        self.arrivals.replace_with(|arrivals| arrivals.reseeded(seed));
        self.begun.iter().for_each(|begun| begun.set(0));
        self.handed_out.set(0);
    }

    /// The view of the domain that keeps history.
    #[must_use]
    pub fn chronicle(&self) -> Rc<dyn Chronicle> {
        self.shape.borrow().chronicle()
    }

    /// The rules of the domain, the same for all seeds.
    #[must_use]
    pub fn invariants(&self) -> Vec<Box<dyn Invariant>> {
        self.shape.borrow().invariants()
    }

    /// How many statements the transaction of an operation has; `None` for a read.
    #[must_use]
    pub fn statements(&self, seed: u64, operation: u64) -> Option<usize> {
        match self.shape.borrow().reseeded(seed).operation(operation) {
            Work::Write(transaction) => Some(transaction.statements.len()),
            Work::Read(_) => None,
        }
    }

    /// Whether operations begin at times of their own.
    #[must_use]
    pub fn is_open_loop(&self) -> bool {
        matches!(&*self.arrivals.borrow(), Arrivals::Open(_))
    }

    /// How many clients there are.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.begun.len()
    }

    /// The next operation of a client and its intended start; `None` when the load is over for it.
    fn next(&self, client: u64, now: Time) -> Option<Next> {
        if let Some(script) = &*self.script.borrow() {
            let begun = &self.begun[client as usize];
            let place = begun.replace(begun.get() + 1) as usize;
            let task = script.clients.get(client as usize)?.get(place)?;
            return Some(Next { operation: task.operation, intended: task.at.max(now), task: Some(place) });
        }
        let (operation, intended) = match &mut *self.arrivals.borrow_mut() {
            Arrivals::Closed { .. } => {
                let begun = &self.begun[client as usize];
                let index = begun.replace(begun.get() + 1) * self.clients + client;
                (index, now)
            }
            Arrivals::Open(arrivals) => {
                let index = self.handed_out.replace(self.handed_out.get() + 1);
                (index, arrivals.next())
            }
        };
        let over = intended >= self.load_end || self.operations.is_some_and(|most| operation >= most);
        (!over).then_some(Next { operation, intended, task: None })
    }

    /// What an operation is, as far as the client's script keeps it.
    fn work(&self, client: u64, next: &Next) -> Work {
        let mut work = self.shape.borrow().operation(next.operation);
        if let (Work::Write(transaction), Some(place), Some(script)) =
            (&mut work, next.task, &*self.script.borrow())
            && let Some(rows) = &script.clients[client as usize][place].rows
        {
            let mut place = 0;
            transaction.statements.retain(|_| {
                place += 1;
                rows.contains(&(place - 1))
            });
        }
        work
    }

    /// What the clients of a script are called: those whose transactions set the same keys in the same way are one group. Names of their own, where a transaction
    /// builds on what it finds.
    #[must_use]
    pub fn names(&self) -> Names {
        let mut forms: Vec<String> = Vec::new();
        let mut clients = Vec::new();
        for client in 0..self.clients {
            let (mut form, mut transactions) = (String::new(), Vec::new());
            self.begun[client as usize].set(0);
            while let Some(next) = self.next(client, Time::ZERO) {
                match self.work(client, &next) {
                    Work::Write(transaction) if transaction.statements.iter().all(Statement::is_absolute) => {
                        form.push_str(&form_of(&transaction));
                        transactions.push(transaction.id);
                    }
                    Work::Write(_) => return Names::default(),
                    Work::Read(_) => form.push_str(&format!("client {client} reads")),
                }
            }
            self.begun[client as usize].set(0);
            let group = forms.iter().position(|known| *known == form).unwrap_or(forms.len());
            if group == forms.len() {
                forms.push(form);
            }
            clients.push((group as u32, transactions));
        }
        Names::new(&clients)
    }

    fn think(&self) -> Latency {
        match &*self.arrivals.borrow() {
            Arrivals::Closed { think } => *think,
            Arrivals::Open(_) => Latency::ZERO,
        }
    }
}

/// A transaction without its values and its id.
fn form_of(transaction: &Transaction) -> String {
    let statement = |statement: &Statement| match statement {
        Statement::Insert { key, .. } => format!("insert {key};"),
        Statement::Put { key, .. } => format!("put {key};"),
        Statement::Update { key, .. } => format!("update {key};"),
        Statement::Delete { key } => format!("delete {key};"),
        Statement::Rekey { key, to, .. } => format!("make {key} {to};"),
        Statement::Truncate { key } => format!("truncate {};", key.table()),
    };
    let statements: String = transaction.statements.iter().map(statement).collect();
    format!("{statements}{:?}{:?}{:?}\n", transaction.hold, transaction.ending, transaction.path)
}

/// Adds the clients to a world.
pub fn add_clients<W: Host>(world: &Rc<W>, crew: &Rc<Crew>) {
    for number in 0..crew.clients {
        let by = Rc::new(Cell::new(ProcessId(0)));
        let (crew, weak, id) = (Rc::clone(crew), Rc::downgrade(world), Rc::clone(&by));
        let main: Main = Rc::new(move |ports| {
            let client =
                Client { number, by: id.get(), ports, crew: Rc::clone(&crew), world: Weak::clone(&weak) };
            Box::pin(client.work())
        });
        by.set(world.add_process(&format!("client-{}", number + 1), Role::Client, main));
    }
}

struct Client<W: Host> {
    number: u64,
    by: ProcessId,
    ports: Rc<Ports>,
    crew: Rc<Crew>,
    world: Weak<W>,
}

impl<W: Host> Client<W> {
    async fn work(self) {
        let runtime = self.ports.runtime.as_ref();
        while let Some(next) = self.crew.next(self.number, runtime.now()) {
            if next.intended > runtime.now() {
                runtime.sleep(next.intended - runtime.now()).await;
            }
            runtime.about(next.operation);
            self.perform(next).await;
            if let Some(world) = self.world.upgrade() {
                world.turns_over(self.by);
            }
            let think = self.crew.think();
            if !think.is_zero() {
                runtime.sleep(think.sample(runtime.draw("think"))).await;
            }
        }
    }

    async fn perform(&self, next: Next) {
        let work = self.crew.work(self.number, &next);
        let kind = match work {
            Work::Write(_) => OperationKind::Write,
            Work::Read(_) => OperationKind::Read,
        };
        let mut report = Report {
            client: self,
            operation: Operation {
                by: self.by,
                kind,
                transaction: TransactionId(next.operation),
                intended: next.intended,
                started: self.ports.runtime.now(),
                // What a crash leaves of it.
                ending: Finish::Failed(Failure::Unknown(Doubt::Disconnected)),
            },
        };
        report.operation.ending = match &work {
            Work::Write(transaction) => self.write(transaction).await,
            Work::Read(key) => self.read(key).await,
        };
    }

    async fn write(&self, transaction: &Transaction) -> Finish {
        let runtime = &self.ports.runtime;
        for attempt in 1.. {
            match self.crew.strategy.write(&self.ports, transaction).await {
                Ok(_) => break,
                Err(Failure::Refused(Refusal::Deadlock | Refusal::SerializationFailure))
                    if attempt < ATTEMPTS =>
                {
                    runtime.retry();
                    let backoff = Latency::Exponential(Span::from_millis(u64::from(attempt)));
                    runtime.sleep(backoff.sample(runtime.draw("backoff"))).await;
                }
                Err(failure) => return Finish::Failed(failure),
            }
        }
        Finish::Done
    }

    async fn read(&self, key: &driftlab_model::Key) -> Finish {
        // Readers are told of a copy when the run begins: one that joins later has readers of its own.
        let known = || self.ports.sinks.iter().filter(|sink| sink.joins.is_none());
        let count = known().count();
        if count == 0 {
            return match self.ports.source.read(key).await {
                Ok(_) => Finish::Done,
                Err(failure) => Finish::Failed(failure),
            };
        }
        let started = self.ports.runtime.now();
        let draw = self.ports.runtime.draw("which copy");
        let Some(sink) = known().nth(((u128::from(draw) * count as u128) >> 64) as usize) else {
            return Finish::Done;
        };
        match self.crew.strategy.read(&self.ports, sink, key).await {
            Ok(row) => {
                if let Some(world) = self.world.upgrade() {
                    let read = Read { by: self.by, sink: sink.id, key: key.clone(), row, started };
                    world.emit(Event::Read(read));
                }
                Finish::Done
            }
            Err(failure) => Finish::Failed(failure),
        }
    }
}

/// Reports an operation when it ends, and also when its client dies in the middle of it.
struct Report<'a, W: Host> {
    client: &'a Client<W>,
    operation: Operation,
}

impl<W: Host> Drop for Report<'_, W> {
    fn drop(&mut self) {
        if let Some(world) = self.client.world.upgrade() {
            world.emit(Event::Finished(self.operation));
        }
    }
}
