//! The first copy, where it meets the stream, and gaps in the stream.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Ports, Slot};
use driftlab_model::{Call, ChangeEvent, Lsn, Offset, Outcome, Span, Watermark};
use std::rc::Rc;

/// Rows that were read before are written after.
pub(crate) const NAIVE: Mutant = Mutant {
    number: 29,
    name: "first copy beside the stream",
    bug: "rows are copied while changes stream, and an old row lands over a newer one",
    seen_in: "backfills by script while the consumer is already running",
    scenario: FIRST_COPY,
    mutation: Mutation::Settings(&[("snapshot", "naive")]),
    caught_as: &["stale_overwrite"],
    within: 10,
};

/// What happens between the copy and the stream happens to nobody.
pub(crate) const HANDOVER_GAP: Mutant = Mutant {
    number: 30,
    name: "stream begins at the end",
    bug: "the stream begins at the log's end at the moment the connector is ready, instead of where the copy ends",
    seen_in: "replication slots created after the dump",
    scenario: START,
    mutation: Mutation::Interposer(|| Rc::new(BeginsAtTheEnd)),
    caught_as: &["lost_update", "missed_change"],
    within: 5,
};

/// A chunk is right at its place in the log only.
pub(crate) const WINDOW_IGNORED: Mutant = Mutant {
    number: 31,
    name: "chunk not compared with its window",
    bug: "rows of a chunk that changed between its two watermarks stay in it, and land over the change",
    seen_in: "incremental snapshots written without the de-duplication of DBLog",
    scenario: FIRST_COPY,
    mutation: Mutation::Interposer(|| Rc::new(HidesTheWindow)),
    caught_as: &["stale_overwrite"],
    within: 5,
};

/// The slot is made anew, and everybody goes on. (The list's failover loses the slot by another way; a retention cap is the one that can be
/// simulated. The original loads its sinks anew, and a reload has no history either: `missed_change` would not tell the two apart.)
pub(crate) const GAP_UNDECLARED: Mutant = Mutant {
    number: 33,
    name: "lost slot replaced in silence",
    bug: "a slot that the database dropped is made anew at the end of the log, and nobody is told that something is missing",
    seen_in: "max_slot_wal_keep_size reached at night, connector restarted in the morning; failover to a replica without the slot",
    scenario: SLOT_LOST,
    mutation: Mutation::Interposer(|| Rc::new(KeepsGapsToItself)),
    caught_as: &["lost_update"],
    within: 5,
};

/// What does not exist is not read.
pub(crate) const RESYNC_UPSERTS: Mutant = Mutant {
    number: 91,
    name: "resync without removals",
    bug: "after a gap the tables are read again and written over the copy, and what was deleted meanwhile stays",
    seen_in: "full resyncs of replication services, which insert and update",
    scenario: DELETED_UNHEARD,
    mutation: Mutation::Settings(&[("resync", "upsert")]),
    caught_as: &["missed_delete"],
    within: 10,
};

/// How long the connector takes to begin.
const START_UP: Span = Span::from_millis(30);

struct BeginsAtTheEnd;

impl Interposer for BeginsAtTheEnd {
    fn confirmed<'a>(&'a self, real: &'a Ports, slot: &'a dyn Slot) -> Call<'a, Outcome<Lsn>> {
        Box::pin(async move {
            slot.confirmed().await?;
            real.runtime.sleep(START_UP).await;
            real.source.mark(Watermark(0)).await
        })
    }
}

struct HidesTheWindow;

impl Interposer for HidesTheWindow {
    fn mark<'a>(&'a self, real: &'a Ports, watermark: Watermark) -> Call<'a, Outcome<Lsn>> {
        Box::pin(async move {
            let position = real.source.mark(watermark).await?;
            // No commit lies above a low watermark at the end of time.
            Ok(if watermark == Watermark(0) { Lsn(u64::MAX) } else { position })
        })
    }
}

struct KeepsGapsToItself;

impl Interposer for KeepsGapsToItself {
    fn append<'a>(
        &'a self,
        real: &'a Ports,
        partition: u32,
        events: Vec<ChangeEvent>,
    ) -> Call<'a, Outcome<Offset>> {
        // An event of a transaction without events is the connector's own word.
        if events.iter().all(|event| event.of == Some(0)) {
            return Box::pin(async { Ok(Offset::default()) });
        }
        real.log.append(partition, events)
    }
}

const FIRST_COPY: &str = r#"
title = "Rows are written while they are copied for the first time"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 3
operations = 60
keys = { count = 8, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
snapshot = "watermarked"
chunk = 2
apply = "rows"
position = "checkpoint"
versioned = false
"#;

const START: &str = r#"
title = "Rows are written while the connector starts"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 15
think = "exp(5ms)"
keys = { count = 20, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[sink]]
kind = "warehouse"
mode = "append"
[[strategy]]
kind = "log_cdc"
"#;

const DELETED_UNHEARD: &str = r#"
title = "The connector stands still for longer than the database keeps its log, and rows are deleted"
[world]
duration = "500ms"
[source]
retain = 600
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 30, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 1, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
apply = "rows"
position = "checkpoint"
[[fault]]
kind = "pause"
target = "connector"
at = "30ms"
for = "100ms"
"#;

const SLOT_LOST: &str = r#"
title = "The connector stands still for longer than the database keeps its log"
[world]
duration = "500ms"
[source]
retain = 600
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 10, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
[[fault]]
kind = "pause"
target = "connector"
at = "30ms"
for = "100ms"
"#;
