//! The ports as a strategy sees them through an interposer.

use super::Interposer;
use driftlab_model::port::{
    Capture, Checkpoint, Fetched, Log, Page, Ports, QueuePage, Reply, Request, Scan, Sink, Slot, Snapshot,
    Source, Store,
};
use driftlab_model::{
    Bookmark, Call, ChangeEvent, Commit, CommitIndex, Key, Lsn, Offset, Outcome, Row, Sequence, Span, Time,
    Transaction, Watermark,
};
use std::rc::Rc;
use std::sync::Arc;

/// The real ports, and who stands before them.
struct Through {
    real: Ports,
    interposer: Rc<dyn Interposer>,
}

/// The ports of a process, with an interposer before each.
pub(super) fn through(real: &Ports, interposer: Rc<dyn Interposer>) -> Ports {
    let through = Rc::new(Through { real: same(real), interposer });
    let sinks = real.sinks.iter().enumerate();
    Ports {
        runtime: Rc::clone(&real.runtime),
        source: Rc::new(TheSource(Rc::clone(&through))),
        sinks: sinks
            .map(|(place, sink)| Sink {
                store: Rc::new(TheStore(Rc::clone(&through), place)),
                ..sink.clone()
            })
            .collect(),
        log: Rc::new(TheLog(Rc::clone(&through))),
        checkpoint: Rc::new(TheCheckpoint(Rc::clone(&through))),
        schema: real.schema.clone(),
    }
}

/// The same ports once more.
fn same(ports: &Ports) -> Ports {
    Ports {
        runtime: Rc::clone(&ports.runtime),
        source: Rc::clone(&ports.source),
        sinks: ports.sinks.clone(),
        log: Rc::clone(&ports.log),
        checkpoint: Rc::clone(&ports.checkpoint),
        schema: ports.schema.clone(),
    }
}

struct TheStore(Rc<Through>, usize);

impl Store for TheStore {
    fn call(&self, request: Request) -> Call<'_, Outcome<Reply>> {
        self.0.interposer.store(&self.0.real, &self.0.real.sinks[self.1], request)
    }
}

struct TheSource(Rc<Through>);

impl Source for TheSource {
    fn transact<'a>(
        &'a self,
        transaction: &'a Transaction,
        capture: Capture,
    ) -> Call<'a, Outcome<Arc<Commit>>> {
        self.0.interposer.transact(&self.0.real, transaction, capture)
    }
    fn read<'a>(&'a self, key: &'a Key) -> Call<'a, Outcome<Option<Row>>> {
        self.0.interposer.read(&self.0.real, key)
    }
    fn snapshot(&self) -> Call<'_, Outcome<Box<dyn Snapshot>>> {
        Box::pin(async {
            let view = self.0.interposer.snapshot(&self.0.real).await?;
            Ok(Box::new(TheSnapshot { through: Rc::clone(&self.0), view }) as Box<dyn Snapshot>)
        })
    }
    fn poll(&self, after: Sequence, limit: usize) -> Call<'_, Outcome<QueuePage>> {
        self.0.interposer.poll(&self.0.real, after, limit)
    }
    fn remove(&self, entries: Vec<Sequence>) -> Call<'_, Outcome<()>> {
        self.0.interposer.remove(&self.0.real, entries)
    }
    fn create_slot<'a>(&'a self, name: &'a str) -> Call<'a, Outcome<Lsn>> {
        self.0.real.source.create_slot(name)
    }
    fn slot(&self, name: &str) -> Rc<dyn Slot> {
        Rc::new(TheSlot { through: Rc::clone(&self.0), slot: self.0.real.source.slot(name) })
    }
    fn mark(&self, watermark: Watermark) -> Call<'_, Outcome<Lsn>> {
        self.0.interposer.mark(&self.0.real, watermark)
    }
    fn restore(&self, rows: Vec<(Key, Row)>) -> Call<'_, Outcome<()>> {
        self.0.real.source.restore(rows)
    }
}

struct TheSnapshot {
    through: Rc<Through>,
    view: Box<dyn Snapshot>,
}

impl Snapshot for TheSnapshot {
    fn lsn(&self) -> Lsn {
        self.view.lsn()
    }
    fn index(&self) -> CommitIndex {
        self.view.index()
    }
    fn newest_stamp(&self) -> Time {
        self.through.interposer.newest_stamp(&self.through.real, self.view.as_ref())
    }
    fn scan(&self, scan: Scan) -> Call<'_, Outcome<Page>> {
        self.through.interposer.scan(&self.through.real, self.view.as_ref(), scan)
    }
}

struct TheSlot {
    through: Rc<Through>,
    slot: Rc<dyn Slot>,
}

impl Slot for TheSlot {
    fn read(&self, after: Lsn, limit: usize, wait: Span) -> Call<'_, Outcome<Vec<Arc<Commit>>>> {
        self.through.interposer.read_slot(&self.through.real, self.slot.as_ref(), (after, limit, wait))
    }
    fn acknowledge(&self, lsn: Lsn) -> Call<'_, Outcome<()>> {
        self.slot.acknowledge(lsn)
    }
    fn confirmed(&self) -> Call<'_, Outcome<Lsn>> {
        self.through.interposer.confirmed(&self.through.real, self.slot.as_ref())
    }
}

struct TheLog(Rc<Through>);

impl Log for TheLog {
    fn partitions(&self) -> u32 {
        self.0.real.log.partitions()
    }
    fn append(&self, partition: u32, events: Vec<ChangeEvent>) -> Call<'_, Outcome<Offset>> {
        self.0.interposer.append(&self.0.real, partition, events)
    }
    fn read(&self, partition: u32, from: Offset, limit: usize, wait: Span) -> Call<'_, Outcome<Fetched>> {
        self.0.interposer.read_log(&self.0.real, partition, (from, limit, wait))
    }
}

struct TheCheckpoint(Rc<Through>);

impl Checkpoint for TheCheckpoint {
    fn save<'a>(&'a self, name: &'a str, bookmark: Bookmark) -> Call<'a, Outcome<()>> {
        self.0.real.checkpoint.save(name, bookmark)
    }
    fn load<'a>(&'a self, name: &'a str) -> Call<'a, Outcome<Option<Bookmark>>> {
        self.0.interposer.load(&self.0.real, name)
    }
}
