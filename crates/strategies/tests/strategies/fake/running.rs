//! Processes and calls, polled by hand.

use super::Fake;
use driftlab_model::port::{Main, Ports, Strategy, Topology};
use driftlab_model::{Call, Commit, Outcome, SinkKind, Transaction};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A process that is under way.
pub(crate) struct Running {
    call: Call<'static, ()>,
    main: Main,
    ports: Rc<Ports>,
}

impl Running {
    pub(crate) fn poll(&mut self) {
        let done = self.call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(done.is_pending(), "a process runs for ever");
    }

    /// What it had in memory is gone.
    pub(crate) fn crash(&mut self) {
        self.call = (self.main)(Rc::clone(&self.ports));
    }
}

impl Fake {
    /// Starts all processes of a strategy.
    pub(crate) fn start(&self, strategy: &dyn Strategy) -> Vec<Running> {
        let ports = self.ports(SinkKind::Warehouse);
        let demands = strategy.demands();
        {
            let mut world = self.0.borrow_mut();
            world.triggers = demands.triggers;
            let partitions = demands.partitions.max(1) as usize;
            if world.log.len() != partitions {
                world.log = vec![Vec::new(); partitions];
            }
        }
        let topology = Topology {
            schema: ports.schema.clone(),
            sinks: ports.sinks.iter().map(|sink| (sink.id, sink.name.clone(), sink.kind)).collect(),
        };
        let start = |main: Main| Running { call: main(Rc::clone(&ports)), main, ports: Rc::clone(&ports) };
        strategy.processes(&topology).into_iter().map(|process| start(process.main)).collect()
    }

    pub(crate) fn write(&self, strategy: &dyn Strategy, transaction: &Transaction) -> Outcome<Arc<Commit>> {
        finish(strategy.write(&self.ports(SinkKind::Warehouse), transaction))
    }
}

/// Lets processes run side by side, each for so many awaits.
pub(crate) fn drive(processes: &mut [Running], awaits: usize) {
    for _ in 0..awaits {
        for process in &mut *processes {
            process.poll();
        }
    }
}

/// Runs one call to its end.
pub(crate) fn finish<T>(mut call: Call<'_, T>) -> T {
    for _ in 0..10_000 {
        if let Poll::Ready(value) = poll_once(&mut call) {
            return value;
        }
    }
    panic!("the call never ends");
}

pub(crate) fn poll_once<T>(call: &mut Call<'_, T>) -> Poll<T> {
    call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}
