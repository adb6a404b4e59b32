//! Scripts: what clients do, operation by operation, instead of what the workload would have them do.

use driftlab_model::{Event, History, Operation, ProcessId, Time};
use std::collections::BTreeMap;

/// What each client does and when, as far as it can begin by then. Operations are named by their index: what they are follows from seed and shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// For each client, in the order of the scenario: its steps in order.
    pub clients: Vec<Vec<Task>>,
}

/// One operation of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Which.
    pub operation: u64,
    /// When the client begins, where it is free by then.
    pub at: Time,
    /// Which statements of its transaction are kept, by their places; `None` for all.
    pub rows: Option<Vec<usize>>,
}

impl Script {
    /// What the clients did in a recorded run. `client` gives the number of the client that a process is.
    #[must_use]
    pub fn of(history: &History, clients: usize, client: impl Fn(ProcessId) -> Option<usize>) -> Self {
        let mut begun: Vec<BTreeMap<(Time, u64), Operation>> = vec![BTreeMap::new(); clients];
        for (_, event) in &history.events {
            if let Event::Finished(operation) = event
                && let Some(number) = client(operation.by)
            {
                begun[number].insert((operation.started, operation.transaction.0), *operation);
            }
        }
        let tasks = begun.into_iter().map(|operations| {
            let task = |((at, operation), _)| Task { operation, at, rows: None };
            operations.into_iter().map(task).collect()
        });
        Self { clients: tasks.collect() }
    }

    /// How many operations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.clients.iter().map(Vec::len).sum()
    }

    /// Whether nobody does anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clients.iter().all(Vec::is_empty)
    }

    /// All operations, with the number of the client.
    pub fn tasks(&self) -> impl Iterator<Item = (usize, &Task)> {
        self.clients
            .iter()
            .enumerate()
            .flat_map(|(client, tasks)| tasks.iter().map(move |task| (client, task)))
    }

    /// The same without what `keep` does not want.
    #[must_use]
    pub fn filtered(&self, mut keep: impl FnMut(usize, &Task) -> bool) -> Self {
        let clients = self
            .clients
            .iter()
            .enumerate()
            .map(|(client, tasks)| tasks.iter().filter(|task| keep(client, task)).cloned().collect());
        Self { clients: clients.collect() }
    }
}
