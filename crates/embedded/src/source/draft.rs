//! What a transaction under way has changed.

use driftlab_model::{Change, Changes, Key, Row, Version, WriteId};

/// The changes of an open transaction, one a key, in the order of their first write.
#[derive(Debug, Default)]
pub(super) struct Draft(Vec<Change>);

impl Draft {
    /// A statement changed a row.
    pub(super) fn write(
        &mut self,
        key: &Key,
        before: Option<Row>,
        after: Option<Row>,
        write: WriteId,
        version: Version,
    ) {
        // A transaction has few statements, and a search is cheaper than a table.
        match self.0.iter_mut().find(|change| change.key == *key) {
            Some(change) => {
                change.after = after;
                (change.write, change.version) = (write, version);
            }
            None => self.0.push(Change { key: key.clone(), before, after, write, version }),
        }
    }

    /// What would change if it committed now: a row that it added and removed again is nothing.
    pub(super) fn net(&self) -> Changes {
        self.0.iter().filter(|change| change.before.is_some() || change.after.is_some()).cloned().collect()
    }
}
