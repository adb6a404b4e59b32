//! A strategy that meets its world through an interposer.

use super::Interposer;
use super::through::through;
use driftlab_model::port::{Demands, Ports, Process, Sink, Strategy, Topology};
use driftlab_model::{Call, Commit, Key, Outcome, Row, Schema, SinkKind, TableId, Transaction};
use std::rc::Rc;
use std::sync::Arc;

/// A strategy as it was, with an interposer before every port of every process.
pub(crate) fn interposed(original: Rc<dyn Strategy>, make: fn() -> Rc<dyn Interposer>) -> Rc<dyn Strategy> {
    Rc::new(Interposed { original, make })
}

struct Interposed {
    original: Rc<dyn Strategy>,
    make: fn() -> Rc<dyn Interposer>,
}

impl Strategy for Interposed {
    fn demands(&self) -> Demands {
        self.original.demands()
    }

    fn serves(&self, kind: SinkKind) -> bool {
        self.original.serves(kind)
    }

    fn takes_on_newcomers(&self) -> bool {
        self.original.takes_on_newcomers()
    }

    fn write<'a>(&'a self, app: &'a Ports, transaction: &'a Transaction) -> Call<'a, Outcome<Arc<Commit>>> {
        Box::pin(async move { self.original.write(&through(app, (self.make)()), transaction).await })
    }

    fn read<'a>(&'a self, app: &'a Ports, sink: &'a Sink, key: &'a Key) -> Call<'a, Outcome<Option<Row>>> {
        Box::pin(async move {
            let app = through(app, (self.make)());
            self.original.read(&app, app.sink(sink.id), key).await
        })
    }

    fn restores(&self, schema: &Schema) -> Option<Vec<TableId>> {
        self.original.restores(schema)
    }

    fn processes(&self, topology: &Topology) -> Vec<Process> {
        let make = self.make;
        let behind = |process: Process| Process {
            name: process.name,
            main: Rc::new(move |ports: Rc<Ports>| (process.main)(Rc::new(through(&ports, make())))),
        };
        self.original.processes(topology).into_iter().map(behind).collect()
    }
}
