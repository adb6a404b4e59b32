//! What the log's records are read as.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Ports, Slot};
use driftlab_model::{Call, Change, Commit, Lsn, Outcome, Row, Span, Value};
use std::rc::Rc;
use std::sync::Arc;

/// One update, two keys.
pub(crate) const KEY_CHANGE_WHOLE: Mutant = Mutant {
    number: 26,
    name: "key change not split",
    bug: "an update of the primary key is filed as one record under the new key, so the removal of the old row travels apart from the other changes of that row",
    seen_in: "TiCDC and RisingWave sinks before they split such updates",
    scenario: MOVED,
    mutation: Mutation::Settings(&[("key_changes", "update")]),
    caught_as: &["resurrected"],
    within: 20,
};

/// The table is named, and no row.
pub(crate) const TRUNCATE_IGNORED: Mutant = Mutant {
    number: 90,
    name: "truncate passed over",
    bug: "the log's record of a truncate has no rows, and is passed over",
    seen_in: "pipelines that replicate inserts, updates and deletions; Debezium with skipped.operations = t, its default",
    scenario: EMPTIED,
    mutation: Mutation::Settings(&[("truncates", "ignore")]),
    caught_as: &["missed_delete"],
    within: 10,
};

/// A column that did not change is not in the record, and nothing is not null.
pub(crate) const UNCHANGED_AS_NULL: Mutant = Mutant {
    number: 27,
    name: "unchanged column read as null",
    bug: "a column that an update left alone is not in the log's record, and is applied as null",
    seen_in: "PostgreSQL's unchanged TOAST values (Debezium's __debezium_unavailable_value)",
    scenario: ACCOUNTS,
    mutation: Mutation::Interposer(|| Rc::new(ReadsUnchangedAsNull)),
    caught_as: &["phantom", "lost_update"],
    within: 5,
};

struct ReadsUnchangedAsNull;

impl Interposer for ReadsUnchangedAsNull {
    fn read_slot<'a>(
        &'a self,
        _: &'a Ports,
        slot: &'a dyn Slot,
        (after, limit, wait): (Lsn, usize, Span),
    ) -> Call<'a, Outcome<Vec<Arc<Commit>>>> {
        Box::pin(async move {
            let commits = slot.read(after, limit, wait).await?;
            let decoded = commits.iter().map(|commit| {
                let changes = commit.changes.iter().map(without_unchanged).collect();
                Arc::new(Commit { changes, ..Commit::clone(commit) })
            });
            Ok(decoded.collect())
        })
    }
}

/// The change with null for all texts that stayed the same.
fn without_unchanged(change: &Change) -> Change {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return change.clone() };
    let columns = before.values().iter().zip(after.values().iter());
    let values: Vec<Value> = columns
        .map(|(old, new)| match new {
            Value::Text(_) if old == new => Value::Null,
            _ => new.clone(),
        })
        .collect();
    let after = Row::new(after.write(), after.version(), after.updated_at(), values.into());
    Change { after: Some(after), ..change.clone() }
}

const MOVED: &str = r#"
title = "Rows are given other keys, and the log has two partitions"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 4
operations = 60
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
rekey = 0.5
[[sink]]
kind = "search"
refresh = "0"
latency = "exp(5ms)"
[[strategy]]
kind = "log_cdc"
partitions = 2
apply = "rows"
position = "checkpoint"
versioned = false
"#;

const EMPTIED: &str = r#"
title = "A table is emptied now and then"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 20
keys = { count = 4, distribution = "uniform" }
mix = { insert = 3, update = 0, delete = 1, read = 0 }
truncate = 1.0
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
"#;

const ACCOUNTS: &str = r#"
title = "Money moves between accounts, whose owners stay the same"
[world]
duration = "500ms"
[workload]
shape = "bank"
clients = 1
operations = 4
keys = { count = 4, distribution = "uniform" }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
"#;
