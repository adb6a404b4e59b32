//! How much a relay can take.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Ports, QueuePage};
use driftlab_model::{Call, Outcome, Sequence};
use std::rc::Rc;

/// Right in all it does, and never done.
pub(crate) const ONE_A_POLL: Mutant = Mutant {
    number: 72,
    name: "one event a poll",
    bug: "the relay takes one event each time it polls, which is fewer than there come",
    seen_in: "pollers written as SELECT ... LIMIT 1 FOR UPDATE SKIP LOCKED on a timer",
    scenario: STEADY,
    mutation: Mutation::Interposer(|| Rc::new(TakesOne)),
    caught_as: &["unbounded_lag"],
    within: 1,
};

struct TakesOne;

impl Interposer for TakesOne {
    fn poll<'a>(&'a self, real: &'a Ports, after: Sequence, limit: usize) -> Call<'a, Outcome<QueuePage>> {
        real.source.poll(after, limit.min(1))
    }
}

const STEADY: &str = r#"
title = "A hundred writes a second"
[world]
duration = "10s"
[workload]
shape = "kv"
clients = 10
rate = "100/s"
keys = { count = 50, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "outbox"
poll = "20ms"
gaps = "wait"
"#;
