//! Replication slots, as processes reach them.

use super::caller::Caller;
use super::exchange::{Effect, Sender, exchange};
use super::live::Live;
use super::node::NodeId;
use driftlab_model::port::Slot;
use driftlab_model::{Call, Commit, Lsn, Outcome, RequestKind, Span};
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A slot, seen by one process. What it reads lies in memory already, so its requests need no thread.
pub(super) struct SlotPort {
    pub(super) caller: Rc<Caller>,
    pub(super) name: Rc<str>,
}

impl Slot for SlotPort {
    fn read(&self, after: Lsn, limit: usize, wait: Span) -> Call<'_, Outcome<Vec<Arc<Commit>>>> {
        let request = ReadSlot { name: Rc::clone(&self.name), after, limit };
        Box::pin(async move {
            let live = self.caller.live();
            let stream = &live.database.stream;
            let waits = !stream.has_news(&request.name, after);
            let mut grown = stream.grown();
            let there = grown.wait_for(|_| stream.has_news(&request.name, after));
            if tokio::time::timeout(crate::clock::duration(wait), there).await.is_err() {
                return Ok(Vec::new());
            }
            if waits {
                live.noticed(live.database.stream.pushed_at());
            }
            exchange(Rc::clone(&self.caller), NodeId::STREAM, request).await
        })
    }

    fn acknowledge(&self, lsn: Lsn) -> Call<'_, Outcome<()>> {
        let effect = Acknowledge { name: Rc::clone(&self.name), lsn };
        Box::pin(exchange(Rc::clone(&self.caller), NodeId::STREAM, effect))
    }

    fn confirmed(&self) -> Call<'_, Outcome<Lsn>> {
        Box::pin(exchange(Rc::clone(&self.caller), NodeId::STREAM, Confirmed(Rc::clone(&self.name))))
    }
}

/// A reply that is there already.
fn at_once<T>(outcome: Outcome<T>) -> oneshot::Receiver<Outcome<T>> {
    let (sender, receiver) = oneshot::channel();
    let _ = sender.send(outcome);
    receiver
}

#[derive(Clone)]
struct ReadSlot {
    name: Rc<str>,
    after: Lsn,
    limit: usize,
}

impl Effect for ReadSlot {
    type Reply = Vec<Arc<Commit>>;

    fn kind(&self) -> RequestKind {
        RequestKind::ReadSlot
    }

    fn send(self, live: &Live, _: Sender) -> oneshot::Receiver<Outcome<Self::Reply>> {
        let commits = live.database.stream.read(&self.name, self.after, self.limit);
        at_once(commits.map_err(Into::into))
    }
}

#[derive(Clone)]
struct Acknowledge {
    name: Rc<str>,
    lsn: Lsn,
}

impl Effect for Acknowledge {
    type Reply = ();

    fn kind(&self) -> RequestKind {
        RequestKind::Acknowledge
    }

    fn send(self, live: &Live, _: Sender) -> oneshot::Receiver<Outcome<()>> {
        at_once(live.database.stream.confirm(&self.name, self.lsn).map_err(Into::into))
    }
}

#[derive(Clone)]
struct Confirmed(Rc<str>);

impl Effect for Confirmed {
    type Reply = Lsn;

    fn kind(&self) -> RequestKind {
        RequestKind::Confirmed
    }

    fn send(self, live: &Live, _: Sender) -> oneshot::Receiver<Outcome<Lsn>> {
        at_once(live.database.stream.confirmed(&self.0).map_err(Into::into))
    }
}
