//! How the connector appends.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::Ports;
use driftlab_model::{Call, ChangeEvent, Offset, Outcome};
use std::rc::Rc;

/// A key's changes travel in whichever partition its transaction was sent to.
pub(crate) const PARTITIONED_BY_TRANSACTION: Mutant = Mutant {
    number: 78,
    name: "partitioned by transaction",
    bug: "events are spread over partitions by transaction instead of by key, so two writes of a row overtake each other",
    seen_in: "round-robin partitioners, and messages sent without a key",
    scenario: PARTITIONS,
    mutation: Mutation::Interposer(|| Rc::new(SpreadsByTransaction)),
    caught_as: &["stale_overwrite"],
    within: 5,
};

/// The first of two batches was lost and sent again, after the second.
pub(crate) const OVERTAKING: Mutant = Mutant {
    number: 79,
    name: "batches overtake each other",
    bug: "two halves of what the connector read are under way at once, and the second arrives first",
    seen_in: "max.in.flight.requests.per.connection above 1 with retries, before idempotent producers",
    scenario: SEVERAL_ROWS,
    mutation: Mutation::Interposer(|| Rc::new(SecondHalfFirst)),
    caught_as: &["lost_update"],
    within: 5,
};

struct SpreadsByTransaction;

impl Interposer for SpreadsByTransaction {
    fn append<'a>(&'a self, real: &'a Ports, _: u32, events: Vec<ChangeEvent>) -> Call<'a, Outcome<Offset>> {
        Box::pin(async move {
            let count = u64::from(real.log.partitions());
            let mut offset = Offset::default();
            for event in events {
                let partition = (event.transaction.0 % count) as u32;
                offset = real.log.append(partition, vec![event]).await?;
            }
            Ok(offset)
        })
    }
}

struct SecondHalfFirst;

impl Interposer for SecondHalfFirst {
    fn append<'a>(
        &'a self,
        real: &'a Ports,
        partition: u32,
        mut events: Vec<ChangeEvent>,
    ) -> Call<'a, Outcome<Offset>> {
        Box::pin(async move {
            let second = events.split_off(events.len() / 2);
            let offset = real.log.append(partition, second).await?;
            if !events.is_empty() {
                real.log.append(partition, events).await?;
            }
            Ok(offset)
        })
    }
}

const PARTITIONS: &str = r#"
title = "Two rows are written again and again, and travel in two partitions"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 2
operations = 20
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
latency = "exp(5ms)"
[[strategy]]
kind = "log_cdc"
partitions = 2
batch = 1
apply = "rows"
position = "checkpoint"
versioned = false
"#;

const SEVERAL_ROWS: &str = r#"
title = "One client writes two rows at once"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 6
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rows = "2" }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
"#;
