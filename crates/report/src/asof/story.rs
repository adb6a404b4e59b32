//! The changes that led to a row, each with who made it and why, as far as anybody knows.

use super::{ChangeAsOf, RowAsOf};
use driftlab_check::recall::{Recollection, TrueChange};
use driftlab_model::{Event, History, Key};

pub(super) fn change(
    history: &History,
    recollection: &Recollection<'_>,
    key: &Key,
    change: &TrueChange,
) -> ChangeAsOf {
    let schema = &history.cast.schema;
    let commits = history.events.iter().filter_map(|(_, event)| match event {
        Event::Committed { commit, .. } => Some(commit),
        _ => None,
    });
    let mut own = commits.filter(|commit| commit.lsn == change.moment.position);
    let others = own.next().into_iter().flat_map(|commit| &commit.changes).filter(|other| other.key != *key);
    let name = |key: &Key| {
        if usize::from(key.table().0) < schema.len() { key.describe(schema) } else { key.to_string() }
    };
    let cause = recollection
        .entries(key)
        .filter(|(_, entry)| entry.transaction == Some(change.transaction))
        .find_map(|(_, entry)| entry.cause.as_ref());
    let client = history.cast.processes.get(usize::from(change.by.0));
    ChangeAsOf {
        at_nanos: change.moment.at.nanos(),
        position: change.moment.position.0,
        client: client.cloned().unwrap_or_else(|| "somebody unknown".to_owned()),
        transaction: change.transaction.to_string(),
        before: RowAsOf::of(schema, key, change.before.as_ref()),
        after: RowAsOf::of(schema, key, change.after.as_ref()),
        with: others.map(|other| name(&other.key)).collect(),
        who: cause.map(|cause| cause.who.clone()),
        why: cause.map(|cause| cause.why.clone()),
    }
}
