//! What the log's records are read as.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Ports, Slot};
use driftlab_model::{Call, Change, Commit, Lsn, Outcome, Row, Span, Value};
use std::rc::Rc;
use std::sync::Arc;

/// A column that did not change is not in the record, and nothing is not null.
pub(crate) const UNCHANGED_AS_NULL: Mutant = Mutant {
    number: 27,
    name: "unchanged column read as null",
    bug: "a column that an update left alone is not in the log's record, and is applied as null",
    seen_in: "PostgreSQL's unchanged TOAST values (Debezium's __debezium_unavailable_value)",
    scenario: ACCOUNTS,
    mutation: Mutation::Interposer(|| Rc::new(ReadsUnchangedAsNull)),
    caught_as: &["phantom"],
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
