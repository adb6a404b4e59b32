//! The source, as processes reach it: everything but transactions and slots.

use super::World;
use super::caller::Caller;
use super::exchange::{Effect, Exchange};
use super::loss::Restore;
use super::node::NodeId;
use super::prints::Tells;
use super::slot::SlotPort;
use super::transact::Transact;
use crate::database::{SnapshotId, SnapshotView};
use driftlab_model::port::{Capture, Page, QueuePage, Scan, Slot, Snapshot, Source};
use driftlab_model::{
    Call, Commit, CommitIndex, Key, Lsn, Outcome, ProcessId, RequestKind, Row, Schema, Sequence, Time,
    Transaction, Watermark,
};
use std::rc::Rc;
use std::sync::Arc;

/// The source, seen by one process.
pub(super) struct SourcePort {
    pub(super) caller: Rc<Caller>,
}

impl SourcePort {
    fn ask<E: Effect>(&self, effect: E) -> Call<'_, Outcome<E::Reply>> {
        let world = self.caller.world();
        Box::pin(Exchange::new(world, Rc::clone(&self.caller), NodeId::SOURCE, effect))
    }
}

impl Source for SourcePort {
    fn transact<'a>(
        &'a self,
        transaction: &'a Transaction,
        capture: Capture,
    ) -> Call<'a, Outcome<Arc<Commit>>> {
        Box::pin(Transact::new(self.caller.world(), Rc::clone(&self.caller), transaction, capture))
    }

    fn read<'a>(&'a self, key: &'a Key) -> Call<'a, Outcome<Option<Row>>> {
        self.ask(Read(key.clone()))
    }

    fn snapshot(&self) -> Call<'_, Outcome<Box<dyn Snapshot>>> {
        let caller = Rc::clone(&self.caller);
        let opening = self.ask(OpenSnapshot);
        Box::pin(async move {
            let (view, standing) = opening.await?;
            Ok(Box::new(SnapshotPort { caller, view, standing }) as Box<dyn Snapshot>)
        })
    }

    fn poll(&self, after: Sequence, limit: usize) -> Call<'_, Outcome<QueuePage>> {
        self.ask(Poll { after, limit })
    }

    fn remove(&self, entries: Vec<Sequence>) -> Call<'_, Outcome<()>> {
        self.ask(Remove(entries))
    }

    fn create_slot<'a>(&'a self, name: &'a str) -> Call<'a, Outcome<Lsn>> {
        self.ask(CreateSlot(name.into()))
    }

    fn slot(&self, name: &str) -> Rc<dyn Slot> {
        Rc::new(SlotPort { caller: Rc::clone(&self.caller), name: name.into() })
    }

    fn mark(&self, watermark: Watermark) -> Call<'_, Outcome<Lsn>> {
        self.ask(Mark(watermark))
    }

    fn restore(&self, rows: Vec<(Key, Row)>) -> Call<'_, Outcome<()>> {
        self.ask(Restore(rows.into()))
    }
}

struct SnapshotPort {
    caller: Rc<Caller>,
    view: SnapshotView,
    /// It is over where the source has lost its state since.
    standing: u32,
}

impl Snapshot for SnapshotPort {
    fn lsn(&self) -> Lsn {
        self.view.lsn
    }
    fn index(&self) -> CommitIndex {
        self.view.index
    }
    fn newest_stamp(&self) -> Time {
        self.view.newest_stamp
    }
    fn scan(&self, scan: Scan) -> Call<'_, Outcome<Page>> {
        let world = self.caller.world();
        let effect = ScanPage { snapshot: self.view.id, standing: self.standing, scan };
        Box::pin(Exchange::new(world, Rc::clone(&self.caller), NodeId::SOURCE, effect))
    }
}

impl Drop for SnapshotPort {
    fn drop(&mut self) {
        self.caller.world().database.borrow_mut().close_snapshot(self.view.id);
    }
}

/// Declares a request to the source: what it carries, what it gives, how it is served.
macro_rules! request {
    ($name:ident $({ $($field:ident: $kind:ty),* })? $(($inner:ty))? => $reply:ty, $asks:ident, $outlives:literal, $errand:literal,
     |$me:ident, $world:ident| $serve:expr) => {
        #[derive(Clone)]
        struct $name $({ $($field: $kind),* })? $(($inner);)?

        impl Effect for $name {
            type Reply = $reply;
            fn serve(&mut self, $world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<$reply> {
                let $me = self;
                $serve
            }
            fn kind(&self) -> RequestKind {
                RequestKind::$asks
            }
            fn errand(&self, _: &Schema) -> String {
                $errand.to_owned()
            }
            fn outlives_its_caller(&self) -> bool {
                $outlives
            }
        }
    };
}

request!(Read(Key) => Option<Row>, ReadRow, false, "read a row", |me, world| {
    world.standing()?;
    Ok(world.database.borrow_mut().read(&me.0))
});
request!(Poll { after: Sequence, limit: usize } => QueuePage, Poll, false, "poll the event table",
    |me, world| Ok(world.database.borrow_mut().poll(me.after, me.limit)));
request!(Remove(Vec<Sequence>) => (), Remove, true, "remove events", |me, world| {
    world.database.borrow_mut().remove(&me.0);
    Ok(())
});
request!(Mark(Watermark) => Lsn, Mark, true, "mark the log", |me, world| {
    let lsn = world.database.borrow_mut().mark(me.0, world.executor.clock());
    world.marks(me.0, lsn);
    world.log_grows(lsn);
    Ok(lsn)
});
request!(ScanPage { snapshot: SnapshotId, standing: u32, scan: Scan } => Page, Scan, false, "read a page", |me, world| {
    world.goes_on(me.standing)?;
    Ok(world.database.borrow_mut().scan(me.snapshot, &me.scan)?)
});

#[derive(Clone)]
struct CreateSlot(Rc<str>);

impl Effect for CreateSlot {
    type Reply = Lsn;
    fn serve(&mut self, world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<Lsn> {
        Ok(world.database.borrow_mut().create_slot(&self.0))
    }
    fn kind(&self) -> RequestKind {
        RequestKind::CreateSlot
    }
    fn errand(&self, _: &Schema) -> String {
        "create a slot".to_owned()
    }
    fn outlives_its_caller(&self) -> bool {
        true
    }
    fn tells(&self) -> Tells {
        Tells::Stream
    }
}

/// Opening a snapshot; nobody closes it where nobody waits for it, so it must not outlive its caller.
#[derive(Clone)]
struct OpenSnapshot;

impl Effect for OpenSnapshot {
    type Reply = (SnapshotView, u32);
    fn serve(&mut self, world: &Rc<World>, _: ProcessId, _: u64) -> Outcome<Self::Reply> {
        let standing = world.standing()?;
        Ok((world.database.borrow_mut().open_snapshot(), standing))
    }
    fn kind(&self) -> RequestKind {
        RequestKind::OpenSnapshot
    }
    fn errand(&self, _: &Schema) -> String {
        "open a snapshot".to_owned()
    }
    fn outlives_its_caller(&self) -> bool {
        false
    }
}
