//! Sinks, as processes reach them.

use super::World;
use super::caller::Caller;
use super::exchange::{Effect, Sender, exchange};
use super::live::Live;
use super::node::NodeId;
use crate::stopwatch::Service;
use driftlab_model::port::{Reply, Request, Store};
use driftlab_model::{Call, Outcome, ProcessId, RequestKind};
use std::rc::Rc;
use tokio::sync::oneshot;

/// A sink, seen by one process.
pub(super) struct StorePort {
    pub(super) caller: Rc<Caller>,
    pub(super) sink: usize,
}

impl Store for StorePort {
    fn call(&self, request: Request) -> Call<'_, Outcome<Reply>> {
        let effect = StoreEffect { sink: self.sink, request };
        Box::pin(exchange(Rc::clone(&self.caller), NodeId::sink(self.sink), effect))
    }
}

#[derive(Clone)]
struct StoreEffect {
    sink: usize,
    request: Request,
}

impl Effect for StoreEffect {
    type Reply = Reply;

    fn kind(&self) -> RequestKind {
        RequestKind::of_request(&self.request)
    }

    fn rows(&self) -> usize {
        self.request.rows()
    }

    fn send(self, live: &Live, sender: Sender) -> oneshot::Receiver<Outcome<Reply>> {
        live.count_sink_request(self.sink, &self.request);
        let (by, under_way, request) = (sender.process, sender.under_way, self.request);
        live.sinks[self.sink].pool.submit(sender.service, move |keeper| {
            let reply = keeper.serve(by, &request);
            drop(under_way);
            reply
        })
    }
}

impl World {
    /// Sinks lose what they held. What was asked of them before is served before.
    pub(super) fn wipe(&self, struck: &[ProcessId]) {
        let live = self.live();
        for (number, sink) in live.sinks.iter().enumerate() {
            if struck.contains(&NodeId::sink(number).process()) {
                let under_way = live.under_way();
                // Nobody waits for it.
                drop(sink.pool.submit(Service::usual(), move |keeper| {
                    keeper.wipe();
                    drop(under_way);
                }));
            }
        }
    }
}

impl Live {
    fn count_sink_request(&self, sink: usize, request: &Request) {
        let mut ledger = self.ledger.borrow_mut();
        ledger.sink_requests[sink] += 1;
        ledger.sink_bytes[sink] += request.size() as u64;
        ledger.sink_operations[sink] += match request {
            Request::Bulk(deliveries) | Request::Apply { deliveries, .. } => deliveries.len() as u64,
            Request::Stage { rows, .. } => rows.len() as u64,
            Request::Put(_) | Request::Invalidate(_) | Request::Fill { .. } => 1,
            _ => 0,
        };
    }
}
