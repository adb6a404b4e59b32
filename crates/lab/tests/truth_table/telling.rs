//! What a log tells in ways of its own: truncates, changes of the key, rows without their large values.

use crate::hazards::{COPIES, COUNTERS, Hazard, MOVED, RESTART};
use crate::hunt::{must, never_permanent};
use crate::retention::CONSUMERS;

const PARTITIONED: &str = "kind = \"log_cdc\"\npartitions = 4\napply = \"rows\"\nposition = \"checkpoint\"";

/// Money moves between accounts, and the log leaves out whose they are.
const TOASTED: Hazard = Hazard {
    name: "values that nobody touched are left out of the log",
    shape: "bank",
    source: "toast = 4\n",
    ..RESTART
};

/// supabase/etl#99 and risingwave#12026.
#[test]
fn log_cdc_follows_truncates_and_changes_of_the_key() {
    for consumer in CONSUMERS {
        never_permanent(consumer, MOVED, COPIES);
    }
    never_permanent("kind = \"log_cdc\"", MOVED, COUNTERS);
    must("kind = \"log_cdc\"\ntruncates = \"ignore\"", MOVED, COPIES, &["missed_delete"]);
}

#[test]
fn a_key_change_that_is_one_record_travels_apart_from_what_it_undoes_unless_versions_are_compared() {
    let update = format!("{PARTITIONED}\nkey_changes = \"update\"");
    let unversioned = format!("{update}\nversioned = false");
    must(&unversioned, Hazard { choices: "rekey = 0.4\n", ..MOVED }, COPIES, &["resurrected"]);
    never_permanent(&update, Hazard { choices: "rekey = 0.4\n", ..MOVED }, COPIES);
    never_permanent("kind = \"log_cdc\"\nkey_changes = \"update\"", MOVED, COPIES);
}

/// Triggers fire for rows, and a truncate is about none.
#[test]
fn trigger_cdc_never_hears_of_a_truncate() {
    let careful = "kind = \"trigger_cdc\"\npoll = \"10ms\"\ngaps = \"wait\"";
    must(careful, MOVED, COPIES, &["missed_delete"]);
    never_permanent(careful, Hazard { choices: "rekey = 0.4\n", ..MOVED }, COPIES);
}

#[test]
fn an_outbox_tells_of_keys_and_truncates_as_the_application_wrote_them() {
    never_permanent("kind = \"outbox\"\npoll = \"10ms\"\ngaps = \"wait\"", MOVED, COPIES);
}

/// debezium-server-iceberg#196.
#[test]
fn values_that_the_log_leaves_out_are_kept_where_they_are_merged_and_lost_where_they_are_nulls() {
    for consumer in CONSUMERS {
        never_permanent(consumer, TOASTED, COPIES);
    }
    must("kind = \"log_cdc\"\npartial_rows = \"null\"", TOASTED, COPIES, &["lost_update", "phantom"]);
}
