use crate::call::Call;
use crate::change::Commit;
use crate::history::{SinkId, SinkKind};
use crate::journal::Recount;
use crate::key::Key;
use crate::outcome::{Failure, Outcome, Refusal};
use crate::port::{Capture, Checkpoint, Log, Reply, Request, Runtime, Source, Store};
use crate::row::Row;
use crate::schema::{Schema, TableId};
use crate::settings::Contradiction;
use crate::time::Time;
use crate::transaction::Transaction;
use std::rc::Rc;
use std::sync::Arc;

/// A way of keeping copies in step with a source: what the application does when it writes and reads, and what runs beside it.
///
/// A strategy holds its options and nothing else. All memory of a process lives in the process (and dies with it), in a store, or in a
/// checkpoint, so that any process can be killed at any `await` and started again from nothing. It sees ports, never a world, and compiles once for all worlds.
pub trait Strategy {
    /// What it needs of the world before the run begins.
    fn demands(&self) -> Demands {
        Demands::default()
    }

    /// Whether it can work on these tables: one that knows its domain is of no use to another. Asked before the first run.
    ///
    /// # Errors
    /// What it needs of the workload, at its setting `kind`.
    fn understands(&self, schema: &Schema) -> Result<(), Contradiction> {
        let _ = schema;
        Ok(())
    }

    /// Whether it keeps stores of this kind in step at all; a sink that it does not serve is reported as `n/a`.
    fn serves(&self, kind: SinkKind) -> bool {
        let _ = kind;
        true
    }

    /// Whether it can take on a sink that joins in the middle of a run ([`Sink::joins`]), and leaves it alone until then. To one that cannot, such a sink is one that it
    /// does not serve.
    fn takes_on_newcomers(&self) -> bool {
        false
    }

    /// The application's write path: everything a client does to make this transaction happen, copies included.
    ///
    /// The client's request is answered with the outcome. Called by many clients at once; a client's process may die at any `await`.
    fn write<'a>(&'a self, app: &'a Ports, transaction: &'a Transaction) -> Call<'a, Outcome<Arc<Commit>>> {
        app.source.transact(transaction, Capture::Nothing)
    }

    /// The application's read path: what a client does to read a key through a copy. The default asks the copy, and where
    /// a cache has a miss, the source.
    fn read<'a>(&'a self, app: &'a Ports, sink: &'a Sink, key: &'a Key) -> Call<'a, Outcome<Option<Row>>> {
        Box::pin(async move {
            match sink.store.call(Request::Get(key.clone())).await? {
                Reply::Row(None) if sink.kind == SinkKind::Cache => app.source.read(key).await,
                Reply::Row(row) => Ok(row),
                _ => Err(Failure::Refused(Refusal::Unsupported)),
            }
        })
    }

    /// What its own tables tell of the past, for a strategy that stores what happened: asked when a run has ended, of all rows that the source holds.
    fn recounts(&self, schema: &Schema, rows: &[(Key, Row)]) -> Option<Recount> {
        let _ = (schema, rows);
        None
    }

    /// Whether it gives the source back its tables of current state where those are lost ([`Source::restore`]), out of what it has elsewhere, and which tables stay where they are: those in which
    /// it stores what happened. `None` for one that could not, and is not asked to.
    fn restores(&self, schema: &Schema) -> Option<Vec<TableId>> {
        let _ = schema;
        None
    }

    /// The processes that run beside the application, in a fixed order; names must be stable.
    fn processes(&self, topology: &Topology) -> Vec<Process> {
        let _ = topology;
        Vec::new()
    }
}

/// What a strategy needs of the world before the run begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// Triggers on every table write each change into the event table.
    pub triggers: bool,
    /// A replication slot of this name stands at the initial load, so that nothing is missed.
    pub slot: Option<&'static str>,
    /// Partitions of the log between capture and sinks; 0 for none.
    pub partitions: u32,
    /// Whether sinks start empty, because the strategy loads them itself; otherwise they start as copies of the initial load.
    pub bootstraps: bool,
}

/// What a strategy may know of the scenario.
#[derive(Clone, Debug)]
pub struct Topology {
    /// The source's tables.
    pub schema: Schema,
    /// The sinks that it serves: id, name, kind.
    pub sinks: Vec<(SinkId, String, SinkKind)>,
}

/// A process beside the application: it can be killed, paused and restarted alone.
#[derive(Clone)]
pub struct Process {
    /// Its name, stable across runs: `relay`, `consumer.search.0`. Faults aim at it.
    pub name: String,
    /// Starts it; called again after each crash.
    pub main: Main,
}

/// Starts a process.
pub type Main = Rc<dyn Fn(Rc<Ports>) -> Call<'static, ()>>;

impl Process {
    /// A process.
    pub fn new<F>(name: impl Into<String>, main: impl Fn(Rc<Ports>) -> F + 'static) -> Self
    where
        F: Future<Output = ()> + 'static,
    {
        Self { name: name.into(), main: Rc::new(move |ports| Box::pin(main(ports))) }
    }
}

/// The world as one process sees it.
pub struct Ports {
    /// Time and choices.
    pub runtime: Rc<dyn Runtime>,
    /// The database.
    pub source: Rc<dyn Source>,
    /// The copies that the strategy serves.
    pub sinks: Vec<Sink>,
    /// The log between capture and sinks; refuses everything where [`Demands::partitions`] is 0.
    pub log: Rc<dyn Log>,
    /// Durable memory.
    pub checkpoint: Rc<dyn Checkpoint>,
    /// The source's tables.
    pub schema: Schema,
}

impl Ports {
    /// A sink by id.
    ///
    /// # Panics
    /// When the strategy does not serve it.
    #[must_use]
    pub fn sink(&self, id: SinkId) -> &Sink {
        self.sinks.iter().find(|sink| sink.id == id).expect("a process asks only for sinks that it serves")
    }
}

/// A copy, as a process sees it.
#[derive(Clone)]
pub struct Sink {
    /// Its id.
    pub id: SinkId,
    /// Its name in the scenario.
    pub name: String,
    /// Its kind.
    pub kind: SinkKind,
    /// When it joins the run, empty; `None` for one that is there from the beginning.
    pub joins: Option<Time>,
    /// The way to it.
    pub store: Rc<dyn Store>,
}

impl Sink {
    /// Whether it is there by now.
    #[must_use]
    pub fn has_joined(&self, now: Time) -> bool {
        self.joins.is_none_or(|joins| joins <= now)
    }
}
