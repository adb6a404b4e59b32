//! Histories: who wrote, showed, and saw what, when. Checks read a history and nothing else.

use crate::change::Commit;
use crate::key::Key;
use crate::ledger::Ledger;
use crate::outcome::{Failure, Refusal};
use crate::row::{Row, TransactionId, WriteId};
use crate::schema::Schema;
use crate::time::Time;
use smallvec::SmallVec;
use std::sync::Arc;

/// A sink, by its place in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SinkId(pub u8);

/// A process (clients and stores included), by its place in the [`Cast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(pub u16);

/// The kinds of sinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SinkKind {
    /// Holds some keys; one that it does not hold claims nothing.
    Cache,
    /// Holds all keys; writes become visible at a refresh.
    Search,
    /// Holds all keys, in tables.
    Warehouse,
}

/// What a sink makes of the changes it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SinkForm {
    /// It shows the current row of each key.
    Rows,
    /// It keeps every version of each key.
    Versions,
    /// It adds up the changes of each key.
    Totals,
}

/// Who takes part in a history, and what was there at its beginning.
#[derive(Clone, Debug, Default)]
pub struct Cast {
    /// The strategy's name in the scenario.
    pub strategy: String,
    /// The source's tables.
    pub schema: Schema,
    /// Names of all processes, by id.
    pub processes: Vec<String>,
    /// The sinks, by id.
    pub sinks: Vec<SinkCast>,
    /// Partitions of the log between capture and sinks; at least 1.
    pub partitions: u32,
    /// The initial load: the state `S(0)`.
    pub load: Vec<(Key, Row)>,
}

/// A sink in a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkCast {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: SinkKind,
    /// What it makes of changes.
    pub form: SinkForm,
    /// Whether the strategy serves it; one that is not served is not judged.
    pub served: bool,
    /// Whether it starts as a copy of the initial load; otherwise it claims nothing as a whole until [`Event::Loaded`].
    pub preloaded: bool,
    /// When it joins the run, empty; `None` for one that is there from the beginning.
    pub joins: Option<Time>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A transaction opened at the source.
    Began {
        /// The client.
        by: ProcessId,
        /// The transaction.
        transaction: TransactionId,
    },
    /// A transaction committed at the source.
    Committed {
        /// The client.
        by: ProcessId,
        /// What it changed.
        commit: Arc<Commit>,
    },
    /// A transaction ended without effect.
    Aborted {
        /// The client.
        by: ProcessId,
        /// The transaction.
        transaction: TransactionId,
        /// Why.
        why: Refusal,
    },
    /// A sink shows something new, all of it in one instant.
    Shown {
        /// The process whose request caused it; for a refresh or an expiry, the store itself.
        by: ProcessId,
        /// The sink.
        sink: SinkId,
        /// The keys whose shown value changed, each once.
        keys: SmallVec<[Shown; 1]>,
    },
    /// A sink that keeps versions or totals applied an effect.
    Applied {
        /// The process whose request caused it.
        by: ProcessId,
        /// The sink.
        sink: SinkId,
        /// The key.
        key: Key,
        /// The write whose effect it is.
        write: WriteId,
    },
    /// A sink that started empty has its first complete load.
    Loaded {
        /// The sink.
        sink: SinkId,
    },
    /// A client read a key.
    Read(Read),
    /// A client's operation ended.
    Finished(Operation),
    /// A process's life.
    Lifecycle {
        /// The process.
        process: ProcessId,
        /// What happened to it.
        stage: Stage,
    },
    /// A fault began or ended.
    Fault {
        /// Its place in the scenario.
        fault: u16,
        /// The process or store it struck.
        target: ProcessId,
        /// Whether it began or ended.
        active: bool,
    },
    /// The run came to a turning point.
    Milestone(Milestone),
    /// What everything cost until now.
    Cost(Arc<Ledger>),
}

/// What a sink now shows of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The key.
    pub key: Key,
    /// What is shown.
    pub view: View,
}

/// What a reader of a sink sees of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum View {
    /// A row.
    Row(Row),
    /// No row, because this write deleted it.
    Deleted(WriteId),
    /// No row, because the sink was cleared or loaded without it.
    Missing,
    /// Nothing is claimed: a cache does not hold the key.
    NotHeld,
}

/// A client's read of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The client.
    pub by: ProcessId,
    /// The sink it read through.
    pub sink: SinkId,
    /// The key.
    pub key: Key,
    /// What it got.
    pub row: Option<Row>,
    /// When it began.
    pub started: Time,
}

/// A client's operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Operation {
    /// The client.
    pub by: ProcessId,
    /// What it was.
    pub kind: OperationKind,
    /// The transaction, or the id that a read was given.
    pub transaction: TransactionId,
    /// When it should have begun: later starts are the system's fault, not the clients' kindness.
    pub intended: Time,
    /// When it began.
    pub started: Time,
    /// How it ended.
    pub ending: Finish,
}

/// Kinds of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// A transaction.
    Write,
    /// A read of one key.
    Read,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Done.
    Done,
    /// Not done, or nobody knows.
    Failed(Failure),
}

/// Stages of a process's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It started, for the first time or again.
    Started,
    /// It crashed: what it had in memory is gone.
    Crashed,
    /// It stands still and does not know it.
    Paused,
    /// It stands still and says why.
    Halted(Refusal),
    /// It goes on: after a pause as if nothing had been, and otherwise because what stood in its way is gone.
    Resumed,
    /// The source, which is no process and never dies, has lost its tables of current state.
    Lost,
    /// The source has them back, as they were.
    Restored,
}

/// Turning points of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// Clients stopped writing and faults ended.
    LoadEnded,
    /// Nobody has work left: what is divergent now is permanent.
    Quiescent,
    /// The run ended before quiescence: nothing can be called permanent.
    GaveUp,
}

/// Somebody who follows a history as it happens: a recorder, a checker, a trace hash.
pub trait Observer {
    /// Something happened. Called in the order of time; events of equal time in the order they happened.
    fn observe(&mut self, at: Time, event: &Event);

    /// The same, and the event is given away: who records need not copy it.
    fn keep(&mut self, at: Time, event: Event) {
        self.observe(at, &event);
    }
}

/// A recorded history.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Who took part.
    pub cast: Cast,
    /// What happened, in order.
    pub events: Vec<(Time, Event)>,
}

impl Observer for History {
    fn observe(&mut self, at: Time, event: &Event) {
        self.keep(at, event.clone());
    }

    fn keep(&mut self, at: Time, event: Event) {
        self.events.push((at, event));
    }
}

impl History {
    /// Tells the whole history to an observer.
    pub fn replay(&self, observer: &mut dyn Observer) {
        for (at, event) in &self.events {
            observer.observe(*at, event);
        }
    }
}

impl SinkKind {
    /// Its name in scenarios and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Search => "search",
            Self::Warehouse => "warehouse",
        }
    }
}
