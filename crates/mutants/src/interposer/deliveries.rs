//! Mutants that touch what is delivered, and nothing else.

use super::Interposer;
use driftlab_model::port::{Delivery, Ports, Reply, Request, Sink};
use driftlab_model::{Call, Outcome};
use std::rc::Rc;

/// What becomes of a delivery on its way to a store; `None` where it gets lost.
pub(crate) type Rewrite = fn(&Ports, Delivery) -> Option<Delivery>;

/// An interposer that rewrites every delivery, in whichever request it comes.
pub(crate) fn rewriting(rewrite: Rewrite) -> Rc<dyn Interposer> {
    Rc::new(Rewriting(rewrite))
}

struct Rewriting(Rewrite);

impl Interposer for Rewriting {
    fn store<'a>(&'a self, real: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        let rewrite = |delivery| (self.0)(real, delivery);
        let request = match request {
            Request::Put(delivery) => match rewrite(delivery) {
                Some(delivery) => Request::Put(delivery),
                None => return Box::pin(async { Ok(Reply::Done) }),
            },
            Request::Bulk(deliveries) => Request::Bulk(deliveries.into_iter().filter_map(rewrite).collect()),
            Request::Apply { deliveries, after, bookmark } => {
                let deliveries = deliveries.into_iter().filter_map(rewrite).collect();
                Request::Apply { deliveries, after, bookmark }
            }
            other => other,
        };
        sink.store.call(request)
    }
}
