//! Clients: they do what the workload says, through the strategy, until the load ends.

use driftlab_embedded::{Role, World};
use driftlab_model::port::{Main, Ports, Strategy};
use driftlab_model::{
    Doubt, Event, Failure, Finish, Invariant, Latency, Operation, OperationKind, ProcessId, Read, Refusal,
    Span, Time, TransactionId,
};
use driftlab_workload::{Arrivals, Operation as Work, Shape};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// What all clients share: the work, and how far they are.
pub(super) struct Crew {
    strategy: Rc<dyn Strategy>,
    shape: Rc<dyn Shape>,
    arrivals: RefCell<Arrivals>,
    clients: u64,
    load_end: Time,
    begun: Cell<u64>,
}

impl Crew {
    pub(super) fn new(
        strategy: Rc<dyn Strategy>,
        shape: Rc<dyn Shape>,
        arrivals: Arrivals,
        clients: u64,
        load_end: Time,
    ) -> Self {
        Self { strategy, shape, arrivals: RefCell::new(arrivals), clients, load_end, begun: Cell::new(0) }
    }

    pub(super) fn invariants(&self) -> Vec<Box<dyn Invariant>> {
        self.shape.invariants()
    }

    fn next(&self, now: Time) -> Option<(u64, Time)> {
        let index = self.begun.replace(self.begun.get() + 1);
        let intended = match &mut *self.arrivals.borrow_mut() {
            Arrivals::Closed { .. } => now,
            Arrivals::Open(arrivals) => arrivals.next(),
        };
        (intended < self.load_end).then_some((index, intended))
    }

    fn think(&self) -> Latency {
        match &*self.arrivals.borrow() {
            Arrivals::Closed { think } => *think,
            Arrivals::Open(_) => Latency::ZERO,
        }
    }
}

pub(super) fn add_clients(world: &Rc<World>, crew: &Rc<Crew>) {
    for number in 0..crew.clients {
        let by = Rc::new(Cell::new(ProcessId(0)));
        let (crew, weak, id) = (Rc::clone(crew), Rc::downgrade(world), Rc::clone(&by));
        let main: Main = Rc::new(move |ports| {
            let client = Client { by: id.get(), ports, crew: Rc::clone(&crew), world: Weak::clone(&weak) };
            Box::pin(client.work())
        });
        by.set(world.add_process(&format!("client-{}", number + 1), Role::Client, main));
    }
}

struct Client {
    by: ProcessId,
    ports: Rc<Ports>,
    crew: Rc<Crew>,
    world: Weak<World>,
}

impl Client {
    async fn work(self) {
        let runtime = Rc::clone(&self.ports.runtime);
        while let Some((index, intended)) = self.crew.next(runtime.now()) {
            if intended > runtime.now() {
                runtime.sleep(intended - runtime.now()).await;
            }
            runtime.about(index);
            self.perform(index, intended).await;
            let think = self.crew.think();
            if !think.is_zero() {
                runtime.sleep(think.sample(runtime.draw("think"))).await;
            }
        }
    }

    async fn perform(&self, index: u64, intended: Time) {
        let work = self.crew.shape.operation(index);
        let kind = match work {
            Work::Write(_) => OperationKind::Write,
            Work::Read(_) => OperationKind::Read,
        };
        let started = self.ports.runtime.now();
        let ending = Finish::Failed(Failure::Unknown(Doubt::Disconnected));
        let transaction = TransactionId(index);
        let operation = Operation { by: self.by, kind, transaction, intended, started, ending };
        let mut report = Report { client: self, operation };
        report.operation.ending = match &work {
            Work::Write(transaction) => self.write(transaction).await,
            Work::Read(key) => self.read(key).await,
        };
    }

    async fn write(&self, transaction: &driftlab_model::Transaction) -> Finish {
        loop {
            match self.crew.strategy.write(&self.ports, transaction).await {
                Ok(_) => return Finish::Done,
                Err(Failure::Refused(Refusal::SerializationFailure)) => {
                    self.ports.runtime.retry();
                    self.ports.runtime.sleep(Span::from_millis(1)).await;
                }
                Err(failure) => return Finish::Failed(failure),
            }
        }
    }

    async fn read(&self, key: &driftlab_model::Key) -> Finish {
        let sinks = &self.ports.sinks;
        let started = self.ports.runtime.now();
        let draw = self.ports.runtime.draw("which copy");
        let Some(sink) = sinks.get(((u128::from(draw) * sinks.len() as u128) >> 64) as usize) else {
            return Finish::Done;
        };
        match self.crew.strategy.read(&self.ports, sink, key).await {
            Ok(row) => {
                let read = Read { by: self.by, sink: sink.id, key: key.clone(), row, started };
                if let Some(world) = self.world.upgrade() {
                    world.emit(&Event::Read(read));
                }
                Finish::Done
            }
            Err(failure) => Finish::Failed(failure),
        }
    }
}

/// Reports an operation when it ends, and also when its client dies in the middle of it.
struct Report<'a> {
    client: &'a Client,
    operation: Operation,
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        if let Some(world) = self.client.world.upgrade() {
            world.emit(&Event::Finished(self.operation));
        }
    }
}
