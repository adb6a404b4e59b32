//! Rows: which image of a change is written, and which changes are written at all.

use crate::interposer::rewriting;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::Delivery;

/// The copy knows only of what is there.
pub(crate) const DELETIONS_DROPPED: Mutant = Mutant {
    number: 45,
    name: "deletions dropped",
    bug: "deletions are dropped on their way to the copy",
    seen_in: "sink connectors whose handling of tombstones is off by default",
    scenario: WRITES_AND_DELETIONS,
    mutation: Mutation::Interposer(|| rewriting(|_, delivery| delivery.after.is_some().then_some(delivery))),
    caught_as: &["missed_delete"],
    within: 10,
};

/// An event has two images, and they have the same columns.
pub(crate) const BEFORE_IMAGE: Mutant = Mutant {
    number: 46,
    name: "image before applied",
    bug: "of an update's two images the one before is written",
    seen_in: "mappings of change envelopes by hand, `before` and `after` mistaken for each other",
    scenario: WRITES_AND_DELETIONS,
    mutation: Mutation::Interposer(|| {
        rewriting(|_, delivery| match (&delivery.before, &delivery.after) {
            (Some(before), Some(_)) => Some(Delivery { after: Some(before.clone()), ..delivery }),
            _ => Some(delivery),
        })
    }),
    caught_as: &["lost_update"],
    within: 10,
};

/// The statement succeeds, and changes nothing.
pub(crate) const INSERT_OR_IGNORE: Mutant = Mutant {
    number: 47,
    name: "insert or ignore",
    bug: "rows are written with INSERT ... ON CONFLICT DO NOTHING, so those that exist are never changed",
    seen_in: "loads made repeatable by ignoring duplicates",
    scenario: WRITES_AND_DELETIONS,
    mutation: Mutation::Interposer(|| {
        rewriting(|_, delivery| (delivery.before.is_none() || delivery.after.is_none()).then_some(delivery))
    }),
    caught_as: &["lost_update"],
    within: 10,
};

/// The statement succeeds, and finds no row.
pub(crate) const UPDATE_ONLY: Mutant = Mutant {
    number: 48,
    name: "update without insert",
    bug: "rows are written with UPDATE ... WHERE id, so those that do not exist never come to be",
    seen_in: "sinks in update mode, where nobody looks at the count of rows touched",
    scenario: WRITES_AND_DELETIONS,
    mutation: Mutation::Interposer(|| rewriting(|_, delivery| delivery.before.is_some().then_some(delivery))),
    caught_as: &["lost_update"],
    within: 15,
};

const WRITES_AND_DELETIONS: &str = r#"
title = "One client writes and deletes two rows"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 8
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 2, delete = 1, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "log_cdc"
"#;
