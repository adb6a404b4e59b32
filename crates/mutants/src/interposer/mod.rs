//! What stands between a strategy and its world: the tool by which most mutants are made.
//!
//! An [`Interposer`] has a method for each call that a strategy can make, and each passes the call on. A mutant changes one of them, and so seeds its
//! bug into a strategy that is otherwise the one under test, line for line.

mod deliveries;
mod interposed;
mod through;

pub(crate) use deliveries::rewriting;
pub(crate) use interposed::interposed;

use driftlab_model::port::{
    Capture, Fetched, Page, Ports, QueuePage, Reply, Request, Scan, Sink, Slot, Snapshot,
};
use driftlab_model::{
    Bookmark, Call, ChangeEvent, Commit, Key, Lsn, Offset, Outcome, Row, Sequence, Span, Time, Transaction,
    Watermark,
};
use std::sync::Arc;

/// A way of misusing the ports: each method stands for a call of the strategy, and does by default what the call says.
///
/// `real` is the world as the process sees it. An interposer is made anew with every life of a process, and for a client with every request,
/// so what it remembers dies as the process's own memory does.
pub trait Interposer {
    /// [`driftlab_model::port::Store::call`].
    fn store<'a>(&'a self, real: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        let _ = real;
        sink.store.call(request)
    }

    /// [`driftlab_model::port::Source::transact`].
    fn transact<'a>(
        &'a self,
        real: &'a Ports,
        transaction: &'a Transaction,
        capture: Capture,
    ) -> Call<'a, Outcome<Arc<Commit>>> {
        real.source.transact(transaction, capture)
    }

    /// [`driftlab_model::port::Source::read`].
    fn read<'a>(&'a self, real: &'a Ports, key: &'a Key) -> Call<'a, Outcome<Option<Row>>> {
        real.source.read(key)
    }

    /// [`driftlab_model::port::Source::snapshot`].
    fn snapshot<'a>(&'a self, real: &'a Ports) -> Call<'a, Outcome<Box<dyn Snapshot>>> {
        real.source.snapshot()
    }

    /// [`driftlab_model::port::Snapshot::newest_stamp`].
    fn newest_stamp(&self, real: &Ports, view: &dyn Snapshot) -> Time {
        let _ = real;
        view.newest_stamp()
    }

    /// [`driftlab_model::port::Snapshot::scan`].
    fn scan<'a>(&'a self, real: &'a Ports, view: &'a dyn Snapshot, scan: Scan) -> Call<'a, Outcome<Page>> {
        let _ = real;
        view.scan(scan)
    }

    /// [`driftlab_model::port::Source::poll`].
    fn poll<'a>(&'a self, real: &'a Ports, after: Sequence, limit: usize) -> Call<'a, Outcome<QueuePage>> {
        real.source.poll(after, limit)
    }

    /// [`driftlab_model::port::Source::remove`].
    fn remove<'a>(&'a self, real: &'a Ports, entries: Vec<Sequence>) -> Call<'a, Outcome<()>> {
        real.source.remove(entries)
    }

    /// [`driftlab_model::port::Source::mark`].
    fn mark<'a>(&'a self, real: &'a Ports, watermark: Watermark) -> Call<'a, Outcome<Lsn>> {
        real.source.mark(watermark)
    }

    /// [`Slot::read`].
    fn read_slot<'a>(
        &'a self,
        real: &'a Ports,
        slot: &'a dyn Slot,
        (after, limit, wait): (Lsn, usize, Span),
    ) -> Call<'a, Outcome<Vec<Arc<Commit>>>> {
        let _ = real;
        slot.read(after, limit, wait)
    }

    /// [`Slot::confirmed`].
    fn confirmed<'a>(&'a self, real: &'a Ports, slot: &'a dyn Slot) -> Call<'a, Outcome<Lsn>> {
        let _ = real;
        slot.confirmed()
    }

    /// [`driftlab_model::port::Log::append`].
    fn append<'a>(
        &'a self,
        real: &'a Ports,
        partition: u32,
        events: Vec<ChangeEvent>,
    ) -> Call<'a, Outcome<Offset>> {
        real.log.append(partition, events)
    }

    /// [`driftlab_model::port::Log::read`].
    fn read_log<'a>(
        &'a self,
        real: &'a Ports,
        partition: u32,
        (from, limit, wait): (Offset, usize, Span),
    ) -> Call<'a, Outcome<Fetched>> {
        real.log.read(partition, from, limit, wait)
    }

    /// [`driftlab_model::port::Checkpoint::load`].
    fn load<'a>(&'a self, real: &'a Ports, name: &'a str) -> Call<'a, Outcome<Option<Bookmark>>> {
        real.checkpoint.load(name)
    }
}
