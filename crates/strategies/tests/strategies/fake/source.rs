//! The source, its event table and its slots.

use super::Fake;
use super::snapshot::FakeSnapshot;
use driftlab_model::port::{Capture, QueuePage, Slot, Snapshot, Source};
use driftlab_model::{
    Call, Changes, Commit, CommitIndex, Key, Lsn, Outcome, Refusal, Row, Sequence, Transaction,
    TransactionId, Watermark,
};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

impl Source for Fake {
    fn transact<'a>(
        &'a self,
        transaction: &'a Transaction,
        capture: Capture,
    ) -> Call<'a, Outcome<Arc<Commit>>> {
        self.step(move |world| world.transact(transaction, capture))
    }
    fn read<'a>(&'a self, key: &'a Key) -> Call<'a, Outcome<Option<Row>>> {
        self.step(move |world| world.has_state().map(|()| world.rows.get(key).cloned()))
    }
    fn snapshot(&self) -> Call<'_, Outcome<Box<dyn Snapshot>>> {
        let fake = self.clone();
        self.step(move |world| {
            world.has_state()?;
            Ok(Box::new(FakeSnapshot {
                fake,
                lsn: Lsn(world.lsn),
                rows: world.rows.clone(),
                removed: world.removed.clone(),
            }) as Box<dyn Snapshot>)
        })
    }
    fn poll(&self, after: Sequence, limit: usize) -> Call<'_, Outcome<QueuePage>> {
        self.step(move |world| {
            let entries = world.entries.iter().filter(|entry| entry.sequence > after);
            let end = world.entries.last().map_or(Sequence(1), |entry| entry.sequence.next());
            Ok(QueuePage {
                entries: entries.take(limit).cloned().collect(),
                settled_below: world.settled_below.unwrap_or(end),
            })
        })
    }
    fn remove(&self, entries: Vec<Sequence>) -> Call<'_, Outcome<()>> {
        self.step(move |world| {
            world.entries.retain(|entry| !entries.contains(&entry.sequence));
            Ok(())
        })
    }
    fn create_slot<'a>(&'a self, _: &'a str) -> Call<'a, Outcome<Lsn>> {
        self.step(|world| {
            let end = Lsn(world.lsn);
            Ok(*world.slot.get_or_insert(end))
        })
    }
    fn slot(&self, _: &str) -> Rc<dyn Slot> {
        Rc::new(self.clone())
    }
    fn mark(&self, watermark: Watermark) -> Call<'_, Outcome<Lsn>> {
        self.step(move |world| {
            world.lsn += 10;
            world.commits.push(Arc::new(Commit {
                transaction: TransactionId::default(),
                index: CommitIndex(world.states.len() as u64 - 1),
                lsn: Lsn(world.lsn),
                at: world.now,
                changes: Changes::new(),
                watermark: Some(watermark),
            }));
            Ok(Lsn(world.lsn))
        })
    }
    fn restore(&self, rows: Vec<(Key, Row)>) -> Call<'_, Outcome<()>> {
        self.step(move |world| {
            let Some(lost) = &world.lost else { return Ok(()) };
            let exact = |(key, row): (Key, Row)| (key, row.version(), row.updated_at(), row);
            let given: BTreeMap<Key, Row> = rows.iter().cloned().collect();
            if !given.into_iter().map(exact).eq(lost.clone().into_iter().map(exact)) {
                return Err(Refusal::Conflict.into());
            }
            world.lost = None;
            world.rows.extend(rows);
            Ok(())
        })
    }
}
