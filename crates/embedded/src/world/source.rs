//! The source, as processes reach it: everything but transactions and slots.

use super::caller::Caller;
use super::exchange::{Effect, Sender, exchange};
use super::live::Live;
use super::node::NodeId;
use super::slot::SlotPort;
use super::transact::transact;
use crate::source::View;
use driftlab_model::port::{Capture, Page, QueuePage, Scan, Slot, Snapshot, Source};
use driftlab_model::{
    Call, Commit, CommitIndex, Key, Lsn, Outcome, Refusal, RequestKind, Row, Sequence, Time, Transaction,
    Watermark,
};
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The source, seen by one process.
pub(super) struct SourcePort {
    pub(super) caller: Rc<Caller>,
}

impl SourcePort {
    fn ask<E: Effect>(&self, effect: E) -> Call<'_, Outcome<E::Reply>> {
        Box::pin(exchange(Rc::clone(&self.caller), NodeId::SOURCE, effect))
    }
}

impl Source for SourcePort {
    fn transact<'a>(
        &'a self,
        transaction: &'a Transaction,
        capture: Capture,
    ) -> Call<'a, Outcome<Arc<Commit>>> {
        Box::pin(transact(Rc::clone(&self.caller), transaction, capture))
    }

    fn read<'a>(&'a self, key: &'a Key) -> Call<'a, Outcome<Option<Row>>> {
        self.ask(Read(key.clone()))
    }

    fn snapshot(&self) -> Call<'_, Outcome<Box<dyn Snapshot>>> {
        let caller = Rc::clone(&self.caller);
        let opening = self.ask(OpenSnapshot);
        Box::pin(async move {
            let view = Arc::new(opening.await?);
            Ok(Box::new(SnapshotPort { caller, view }) as Box<dyn Snapshot>)
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

    /// Its log would tell every row as deleted and inserted again, so this source is never made to lose any.
    fn restore(&self, _: Vec<(Key, Row)>) -> Call<'_, Outcome<()>> {
        Box::pin(std::future::ready(Err(Refusal::Unsupported.into())))
    }
}

/// A snapshot. When it is dropped while a scan of it is under way, the scan keeps the view until it is done.
struct SnapshotPort {
    caller: Rc<Caller>,
    view: Arc<View>,
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
        let scan = ScanPage { view: Arc::clone(&self.view), scan };
        Box::pin(exchange(Rc::clone(&self.caller), NodeId::SOURCE, scan))
    }
}

/// Declares a request to the source: what it carries, what it gives, and which thread serves it how.
macro_rules! request {
    ($name:ident $({ $($field:ident: $kind:ty),* })? $(($inner:ty))? => $reply:ty, $asks:ident, $pool:ident, |$me:ident, $server:ident| $serve:expr) => {
        #[derive(Clone)]
        struct $name $({ $($field: $kind),* })? $(($inner);)?

        impl Effect for $name {
            type Reply = $reply;

            fn kind(&self) -> RequestKind {
                RequestKind::$asks
            }

            fn send(self, live: &Live, sender: Sender) -> oneshot::Receiver<Outcome<$reply>> {
                let Sender { service, under_way, .. } = sender;
                live.$pool.submit(service, move |$server| {
                    let $me = self;
                    let outcome = $serve;
                    drop(under_way);
                    outcome
                })
            }
        }
    };
}

request!(Read(Key) => Option<Row>, ReadRow, readers, |me, reader| reader.read(&me.0));
request!(Poll { after: Sequence, limit: usize } => QueuePage, Poll, readers, |me, reader| reader.poll(me.after, me.limit));
request!(ScanPage { view: Arc<View>, scan: Scan } => Page, Scan, readers, |me, _reader| me.view.scan(&me.scan));
request!(Remove(Vec<Sequence>) => (), Remove, writers, |me, writer| writer.remove(&me.0));
request!(Mark(Watermark) => Lsn, Mark, writers, |me, writer| writer.mark(me.0));
request!(CreateSlot(Arc<str>) => Lsn, CreateSlot, readers, |me, reader| reader.database().create_slot(&me.0));

/// Opening a snapshot. Where nobody waits for it any more, the view is dropped with the reply, and closed.
#[derive(Clone)]
struct OpenSnapshot;

impl Effect for OpenSnapshot {
    type Reply = View;

    fn kind(&self) -> RequestKind {
        RequestKind::OpenSnapshot
    }

    fn send(self, live: &Live, sender: Sender) -> oneshot::Receiver<Outcome<View>> {
        live.readers.submit(sender.service, move |reader| {
            drop(sender.under_way);
            View::open(reader.database())
        })
    }
}
