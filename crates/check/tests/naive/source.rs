//! What the source was, at every commit.

use driftlab_model::{Row, Time, TransactionId};
use std::collections::{BTreeMap, BTreeSet};

/// A version of a key: the commit that made it, and the row.
pub(super) type Version = (usize, Option<Row>);

#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    /// For each key its versions, the first of commit 0.
    pub(super) versions: BTreeMap<i64, Vec<Version>>,
    pub(super) commits: Vec<(TransactionId, Time, Vec<i64>)>,
    pub(super) states: Vec<BTreeMap<i64, Row>>,
    /// Transactions that committed and changed nothing.
    pub(super) empty: BTreeSet<TransactionId>,
}

impl Source {
    pub(super) fn index(&self, key: i64, row: &Row) -> Option<usize> {
        self.versions.get(&key)?.iter().position(|(_, version)| version.as_ref() == Some(row))
    }
    pub(super) fn current(&self, key: i64) -> usize {
        self.versions[&key].len() - 1
    }
    pub(super) fn row(&self, key: i64) -> Option<&Row> {
        self.versions[&key].last().unwrap().1.as_ref()
    }
    pub(super) fn absences(&self, key: i64) -> Vec<usize> {
        (0..self.versions[&key].len()).filter(|v| self.versions[&key][*v].1.is_none()).collect()
    }
    pub(super) fn deletion(&self, key: i64, transaction: TransactionId) -> Option<usize> {
        self.absences(key).into_iter().find(|v| {
            let commit = self.versions[&key][*v].0;
            commit > 0 && self.commits[commit - 1].0 == transaction
        })
    }
    pub(super) fn committed(&self, transaction: TransactionId) -> bool {
        self.empty.contains(&transaction) || self.commits.iter().any(|commit| commit.0 == transaction)
    }
    pub(super) fn know(&mut self, key: i64) {
        self.versions.entry(key).or_insert_with(|| vec![(0, None)]);
    }
}
