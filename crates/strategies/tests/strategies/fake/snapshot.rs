//! A snapshot of the source.

use super::{Fake, Rows};
use driftlab_model::port::{Page, Scan, Scanned, Snapshot};
use driftlab_model::{Call, CommitIndex, Key, Lsn, Outcome, Row, Time};
use std::collections::BTreeMap;

pub(super) struct FakeSnapshot {
    pub(super) fake: Fake,
    pub(super) lsn: Lsn,
    pub(super) rows: Rows,
    pub(super) removed: BTreeMap<Key, Time>,
}

impl Snapshot for FakeSnapshot {
    fn lsn(&self) -> Lsn {
        self.lsn
    }
    fn index(&self) -> CommitIndex {
        CommitIndex::default()
    }
    fn newest_stamp(&self) -> Time {
        let stamps = self.rows.values().map(Row::updated_at);
        stamps.chain(self.removed.values().copied()).max().unwrap_or_default()
    }
    fn scan(&self, scan: Scan) -> Call<'_, Outcome<Page>> {
        self.fake.step(move |world| {
            world.has_state()?;
            let mut all: Vec<Scanned> = self
                .rows
                .iter()
                .map(|(key, row)| Scanned {
                    key: key.clone(),
                    row: Some(row.clone()),
                    updated_at: row.updated_at(),
                })
                .collect();
            if scan.updated_after.is_some() {
                let removed = self.removed.iter();
                all.extend(removed.map(|(key, at)| Scanned { key: key.clone(), row: None, updated_at: *at }));
                all.sort_by(|a, b| a.key.cmp(&b.key));
            }
            all.retain(|row| {
                row.key.table() == scan.table
                    && scan.after.as_ref().is_none_or(|after| row.key > *after)
                    && scan.updated_after.is_none_or(|stamp| row.updated_at > stamp)
            });
            let is_last = all.len() <= scan.limit;
            all.truncate(scan.limit);
            let next = if is_last { None } else { all.last().map(|row| row.key.clone()) };
            Ok(Page { rows: all, next })
        })
    }
}
