//! Connectors whose replication slot goes away.

use crate::hazards::{COPIES, FAILOVER};
use crate::hunt::{must, never_permanent};
use crate::retention::CONSUMERS;

/// patroni#1056: the new primary had no slot, one was made at 'now', and everything looked well.
#[test]
fn a_slot_that_a_failover_took_is_declared_lost_and_copies_are_loaded_again() {
    for consumer in CONSUMERS {
        never_permanent(consumer, FAILOVER, COPIES);
    }
    must("kind = \"log_cdc\"\nlost_slot = \"go_on\"", FAILOVER, COPIES, &["lost_update", "missed_delete"]);
}

/// stitchdata/docs#813: a resync reads what exists, and what does not exist any more is not read.
#[test]
fn a_resync_that_writes_over_what_is_there_keeps_what_was_deleted_meanwhile() {
    let upsert = "kind = \"log_cdc\"\napply = \"rows\"\nposition = \"checkpoint\"";
    must(&format!("{upsert}\nresync = \"upsert\""), FAILOVER, COPIES, &["missed_delete"]);
    never_permanent(upsert, FAILOVER, COPIES);
}
