//! A world of real stores: one source, one log, some sinks, clients and processes, and what happens between them.
//!
//! Processes are tasks of one thread, as in the virtual world, so the strategies' code is the same to the last line. What they ask for is served by
//! other threads, which block: SQLite's writers and readers, the log's files, one thread for each sink. Everything that happens is stamped by one
//! monotonic clock, put in one order by a recorder, and told to an observer on the processes' thread.
//!
//! - `caller`: a process's identity, clock and choices (the port `Runtime`).
//! - `exchange`: the way of a request and its reply, through the faults; `transact`: the same for a whole transaction.
//! - `source`, `slot`, `log`, `store`, `checkpoint`: the other ports; `keeper`: the thread of a sink.
//! - `process`: start, crash, pause, restart; `faults`: when each fault strikes; `run`: load, settling, quiescence; `mirror`: whether the stores hold
//!   what was told of them.
//! - `live`: what is made anew for each run; `measurements`: how long everything took.

mod caller;
mod checkpoint;
mod config;
mod error;
mod exchange;
mod faults;
mod keeper;
mod latencies;
mod live;
mod log;
mod measurements;
mod mirror;
mod node;
mod process;
mod run;
mod slot;
mod source;
mod store;
mod transact;

pub use config::{NodeConfig, SinkConfig, Stamps, WorldConfig};
pub use error::WorldError;
pub use latencies::NodeLatency;
pub use measurements::Measurements;
pub use run::RunSummary;

use crate::folder::RunFolder;
use crate::recorder::Recorder;
use caller::Caller;
use checkpoint::CheckpointPort;
use driftlab_model::draws::Draws;
use driftlab_model::port::{Ports, Runtime, Sink};
use driftlab_model::{Cast, Event, Key, Row, SinkCast, SinkForm, SinkId, Time, Version, WriteId};
use faults::Faults;
use keeper::Keeper;
use live::Live;
use log::LogPort;
use process::ProcessState;
use source::SourcePort;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use store::StorePort;

/// A world of real stores.
pub struct World {
    config: WorldConfig,
    draws: Cell<Draws>,
    load: Vec<(Key, Row)>,
    forms: Vec<SinkForm>,
    processes: RefCell<Vec<Rc<ProcessState>>>,
    faults: RefCell<Faults>,
    live: RefCell<Option<Rc<Live>>>,
}

impl World {
    /// A world without processes; see [`World::add_process`].
    ///
    /// # Errors
    /// A sink that cannot be opened.
    pub fn new(config: WorldConfig) -> Result<Rc<Self>, WorldError> {
        let row = |values| Row::new(WriteId::LOAD, Version::default(), Time::ZERO, values);
        let load = config.load.iter().map(|(key, values)| (key.clone(), row(Arc::clone(values)))).collect();
        Ok(Rc::new(Self {
            draws: Cell::new(Draws::new(0)),
            load,
            forms: forms(&config)?,
            processes: RefCell::default(),
            faults: RefCell::new(Faults::new(&config.faults, &config.node_names())),
            live: RefCell::default(),
            config,
        }))
    }

    /// Who takes part, for observers. Complete once all processes are added.
    #[must_use]
    pub fn cast(&self) -> Cast {
        let mut processes = self.config.node_names();
        processes.extend(self.processes.borrow().iter().map(|process| process.name.clone()));
        let sinks = self.config.sinks.iter().zip(&self.forms).map(|(sink, form)| SinkCast {
            name: sink.name.clone(),
            kind: sink.entry.kind,
            form: *form,
            served: sink.served,
            preloaded: sink.is_preloaded(self.config.demands),
            joins: sink.joins,
        });
        Cast {
            strategy: self.config.strategy.clone(),
            schema: self.config.schema.clone(),
            processes,
            sinks: sinks.collect(),
            partitions: self.config.demands.partitions.max(1),
            load: self.load.clone(),
        }
    }

    /// Tells the observer that something happened, now; nothing where the world does not run.
    pub fn emit(&self, event: Event) {
        if let Some(live) = &*self.live.borrow() {
            live.recorder.tell(event);
        }
    }

    /// What runs now.
    fn live(&self) -> Rc<Live> {
        self.live.borrow().clone().expect("a process acts only while its world runs")
    }

    fn ports(&self, caller: &Rc<Caller>) -> Ports {
        let served = self.config.sinks.iter().enumerate().filter(|(_, sink)| sink.served);
        let sinks = served.map(|(number, sink)| Sink {
            id: SinkId(number as u8),
            name: sink.name.clone(),
            kind: sink.entry.kind,
            joins: sink.joins,
            store: Rc::new(StorePort { caller: Rc::clone(caller), sink: number }),
        });
        Ports {
            sinks: sinks.collect(),
            source: Rc::new(SourcePort { caller: Rc::clone(caller) }),
            log: Rc::new(LogPort { caller: Rc::clone(caller), partitions: self.config.demands.partitions }),
            checkpoint: Rc::new(CheckpointPort { caller: Rc::clone(caller) }),
            runtime: Rc::clone(caller) as Rc<dyn Runtime>,
            schema: self.config.schema.clone(),
        }
    }
}

/// What each sink makes of changes, which only the store itself knows.
fn forms(config: &WorldConfig) -> Result<Vec<SinkForm>, WorldError> {
    let folder = RunFolder::make()
        .map_err(|error| WorldError::System { attempt: "make a folder for the sinks", error })?;
    let recorder = Arc::new(Recorder::new(crate::clock::Clock::default()));
    (0..config.sinks.len())
        .map(|number| {
            let keeper = Keeper::open(config, number, folder.path(), &[], &recorder, &Arc::default())?;
            Ok(keeper.form())
        })
        .collect()
}
