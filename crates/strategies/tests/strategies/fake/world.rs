//! The state of the world: what the source holds, its commits, and what came of them.

use super::store::StoreState;
use driftlab_model::port::{Capture, QueueEntry};
use driftlab_model::{
    Bookmark, Change, ChangeEvent, Changes, Commit, CommitIndex, Compacted, Ending, Key, Lsn, Outcome,
    Refusal, Row, Schema, Sequence, Span, TableId, Time, Transaction, Version, WritePath,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) type Rows = BTreeMap<Key, Row>;

#[derive(Default)]
pub(crate) struct World {
    pub(crate) schema: Schema,
    pub(crate) now: Time,
    pub(crate) rows: Rows,
    /// The rows that were lost and are not restored yet.
    pub(crate) lost: Option<Rows>,
    pub(crate) removed: BTreeMap<Key, Time>,
    pub(crate) commits: Vec<Arc<Commit>>,
    pub(crate) lsn: u64,
    pub(crate) version: u64,
    pub(crate) states: Vec<Rows>,
    pub(crate) triggers: bool,
    pub(crate) entries: Vec<QueueEntry>,
    pub(crate) settled_below: Option<Sequence>,
    pub(crate) slot: Option<Lsn>,
    pub(crate) log: Vec<Vec<ChangeEvent>>,
    pub(crate) earliest: u64,
    /// The records that compaction has removed, by partition and offset.
    pub(crate) compacted_away: BTreeSet<(usize, u64)>,
    pub(crate) compacted: BTreeMap<usize, Compacted>,
    pub(crate) checkpoints: BTreeMap<String, Bookmark>,
    pub(crate) stores: Vec<StoreState>,
    /// Why processes stood still, in order; `None` where one went on.
    pub(crate) halts: Vec<Option<Refusal>>,
    /// When the last sink joins, where it is not there from the beginning.
    pub(crate) joins: Option<Time>,
}

impl World {
    /// The source loses all tables but these.
    pub(crate) fn lose_state(&mut self, kept: &[TableId]) {
        let rows = std::mem::take(&mut self.rows).into_iter();
        let (rows, lost) = rows.partition(|(key, _)| kept.contains(&key.table()));
        (self.rows, self.lost) = (rows, Some(lost));
    }

    pub(super) fn has_state(&self) -> Outcome<()> {
        if self.lost.is_some() { Err(Refusal::StateLost.into()) } else { Ok(()) }
    }

    pub(super) fn transact(&mut self, transaction: &Transaction, capture: Capture) -> Outcome<Arc<Commit>> {
        self.has_state()?;
        if transaction.ending == Ending::Rollback {
            return Err(Refusal::RolledBack.into());
        }
        self.now += Span::from_millis(1);
        let mut changes = Changes::new();
        for (index, statement) in transaction.statements.iter().enumerate() {
            let (key, write) = (statement.key().clone(), transaction.write(index));
            let before = self.rows.get(&key).cloned();
            let Some(values) = statement.outcome_on(before.as_ref().map(Row::values)) else {
                if self.rows.remove(&key).is_some() {
                    self.version += 1;
                    if capture == Capture::SoftDeletes {
                        self.removed.insert(key.clone(), self.now);
                    }
                    changes.push(Change { key, before, after: None, write, version: Version(self.version) });
                }
                continue;
            };
            self.version += 1;
            let row = Row::new(write, Version(self.version), self.now, values);
            self.rows.insert(key.clone(), row.clone());
            self.removed.remove(&key);
            changes.push(Change { key, before, after: Some(row), write, version: Version(self.version) });
        }
        self.lsn += 10;
        let commit = Arc::new(Commit {
            transaction: transaction.id,
            index: CommitIndex(self.states.len() as u64),
            lsn: Lsn(self.lsn),
            at: self.now,
            changes,
            watermark: None,
        });
        self.states.push(self.rows.clone());
        self.commits.push(Arc::clone(&commit));
        let of = match capture {
            Capture::Outbox => Some(Some(commit.changes.len() as u32)),
            _ if self.triggers && transaction.path == WritePath::Statements => Some(None),
            _ => None,
        };
        if let Some(of) = of {
            for (index, change) in commit.changes.iter().enumerate() {
                let sequence = Sequence(self.entries.last().map_or(0, |entry| entry.sequence.0) + 1);
                let event = ChangeEvent {
                    position: Lsn(sequence.0),
                    transaction: transaction.id,
                    index: index as u32,
                    of,
                    change: change.clone(),
                };
                self.entries.push(QueueEntry { sequence, event });
            }
        }
        Ok(commit)
    }
}
