//! Projections: where they save how far they are, and when.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Ports, Reply, Request, Sink};
use driftlab_model::{Call, Outcome};
use std::rc::Rc;

/// What is not idempotent must be done once.
pub(crate) const SAVED_APART: Mutant = Mutant {
    number: 37,
    name: "projection's position saved apart",
    bug: "a projection that adds up saves its position in another store than its sums, and after a crash between the two it adds the same events again",
    seen_in: "projections with their checkpoint in the event store and their rows in a database",
    scenario: TAKINGS,
    mutation: Mutation::Settings(&[("position", "checkpoint")]),
    caught_as: &["duplicate_effect"],
    within: 20,
};

/// The other order loses what the first one doubles.
pub(crate) const SAVED_FIRST: Mutant = Mutant {
    number: 89,
    name: "projection's position saved before its data",
    bug: "a projection saves the position in a step before that of the rows, and a crash between the two leaves them out",
    seen_in: "projections that advance their cursor first, so that a poisonous event cannot stop them",
    scenario: SEATS,
    mutation: Mutation::Interposer(|| Rc::new(SavesFirst)),
    caught_as: &["lost_update"],
    within: 40,
};

struct SavesFirst;

impl Interposer for SavesFirst {
    fn store<'a>(&'a self, _: &'a Ports, sink: &'a Sink, request: Request) -> Call<'a, Outcome<Reply>> {
        Box::pin(async move {
            let Request::Apply { deliveries, after, bookmark } = request else {
                return sink.store.call(request).await;
            };
            sink.store.call(Request::Apply { deliveries: Vec::new(), after, bookmark }).await?;
            sink.store.call(Request::Bulk(deliveries)).await
        })
    }
}

const TAKINGS: &str = r#"
title = "A projection adds up what was paid, and dies now and then"
[world]
duration = "500ms"
[workload]
shape = "seats"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 2, update = 2, delete = 1, read = 0 }
[[sink]]
kind = "warehouse"
mode = "sum"
[[strategy]]
kind = "event_sourcing"
[[fault]]
kind = "crash"
target = "projection"
every = "exp(20ms)"
for = "5ms"
"#;

const SEATS: &str = r#"
title = "A projection of the seats dies now and then"
[world]
duration = "500ms"
[workload]
shape = "seats"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 2, update = 1, delete = 1, read = 0 }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "event_sourcing"
[[fault]]
kind = "crash"
target = "projection"
every = "exp(15ms)"
for = "5ms"
"#;
