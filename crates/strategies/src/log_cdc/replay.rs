//! Making a copy anew out of the log alone: reading it from its start, and showing what comes of it in one step.
//!
//! It takes the log to be complete: a first copy is in it, and whatever compaction removed is covered by what it kept. Where that does not hold it says so,
//! and only a snapshot of the source helps.

use crate::log_cdc::reading::{Place, place};
use crate::log_cdc::rendition::Rendition;
use crate::parts::delivery::{bulk, deletion_of};
use crate::parts::halt::Halt;
use crate::parts::key_diff::orphans;
use crate::parts::retry::persist;
use crate::parts::swap::Load;
use driftlab_model::port::{Condition, Delivery, Ports, Sink};
use driftlab_model::{Change, Failure, Key, Offset, Outcome, Refusal, Row, Span, TableId, Word};
use std::collections::BTreeMap;

/// What a partition of the log comes to, read from its start to its end.
pub(crate) struct Replayed {
    rows: BTreeMap<Key, Row>,
    /// Where reading goes on.
    pub(crate) next: Offset,
    /// The place of the last event.
    pub(crate) last: Option<Place>,
    /// How far deletions had been forgotten when it began.
    pub(crate) forgotten: Offset,
}

impl Replayed {
    /// Reads a partition from its start to its end; `None` where the log is not complete.
    pub(crate) async fn read(
        ports: &Ports,
        partition: u32,
        batch: usize,
        rendition: impl Rendition,
    ) -> Option<Self> {
        let mut halt = Halt::new(ports.runtime.as_ref());
        let replayed = loop {
            let attempt = async || Self::attempt(ports, partition, batch, rendition).await;
            match persist(ports.runtime.as_ref(), attempt).await {
                Attempt::Whole(replayed) => break Some(replayed),
                Attempt::Incomplete => break None,
                Attempt::Overtaken => {}
                Attempt::Stopped(why) => halt.before(why).await,
            }
        };
        halt.end();
        replayed
    }

    async fn attempt<R: Rendition>(
        ports: &Ports,
        partition: u32,
        batch: usize,
        rendition: R,
    ) -> Outcome<Attempt> {
        let mut replayed =
            Self { rows: BTreeMap::new(), next: Offset::default(), last: None, forgotten: Offset::default() };
        let mut memory = R::Memory::default();
        let mut has_first_copy = false;
        loop {
            let fetched = match ports.log.read(partition, replayed.next, batch, Span::ZERO).await {
                Err(Failure::Refused(Refusal::OutOfRange { .. })) => return Ok(Attempt::Incomplete),
                fetched => fetched?,
            };
            let is_first = replayed.next == Offset::default();
            let forgotten = fetched.compacted.forgotten;
            if is_first {
                replayed.forgotten = forgotten;
            } else if forgotten > replayed.next && forgotten != replayed.forgotten {
                // Deletions of rows that were read already may be among what is forgotten by now.
                return Ok(Attempt::Overtaken);
            }
            let is_last = fetched.records.len() < batch;
            for record in fetched.records {
                replayed.next = record.offset.next();
                match record.event.word() {
                    Some(Word::Gap) => return Ok(Attempt::Incomplete),
                    Some(Word::Copied) => has_first_copy = true,
                    None if replayed.last.is_some_and(|last| place(&record.event) <= last) => {}
                    None => {
                        replayed.last = Some(place(&record.event));
                        let mut change = record.event.change;
                        match rendition.render(ports.runtime.as_ref(), &mut memory, &mut change) {
                            Ok(true) => replayed.take(change),
                            Ok(false) => {}
                            Err(why) => return Ok(Attempt::Stopped(why)),
                        }
                    }
                }
            }
            if is_last {
                return Ok(if has_first_copy { Attempt::Whole(replayed) } else { Attempt::Incomplete });
            }
        }
    }

    fn take(&mut self, change: Change) {
        if let Some(table) = change.empties() {
            self.rows.retain(|key, _| key.table() != table);
            return;
        }
        match change.after {
            Some(row) if row.is_partial() => {
                if let Some(held) = self.rows.get_mut(&change.key) {
                    *held = row.over(held);
                }
            }
            Some(row) => drop(self.rows.insert(change.key, row)),
            None => drop(self.rows.remove(&change.key)),
        }
    }

    /// The rows.
    pub(crate) fn into_rows(self) -> impl Iterator<Item = (Key, Row)> {
        self.rows.into_iter()
    }

    /// Makes a sink show this, as far as the partition's keys go: with one partition in one step, with several row by row.
    pub(crate) async fn load(&self, ports: &Ports, sink: &Sink, partition: u32, page: usize) -> Outcome<()> {
        let count = ports.log.partitions();
        let rows: Vec<(&Key, &Row)> = self.rows.iter().collect();
        if count == 1 {
            let mut load = Load::of(sink);
            for rows in rows.chunks(page) {
                let rows = rows.iter().map(|&(key, row)| (key.clone(), row.clone())).collect();
                load.stage_rows(rows).await?;
            }
            return load.publish(self.next.into()).await;
        }
        for (table, _) in ports.schema.tables() {
            let gone = orphans(sink, table, &self.keys_of(table), page).await?;
            let gone = gone.into_iter().filter(|key| key.partition(count) == partition).map(deletion_of);
            bulk(sink, gone.collect()).await?;
        }
        for rows in rows.chunks(page) {
            bulk(sink, rows.iter().map(|&(key, row)| delivery_of(key, row)).collect()).await?;
        }
        Ok(())
    }

    fn keys_of(&self, table: TableId) -> std::collections::BTreeSet<Key> {
        self.rows.keys().filter(|key| key.table() == table).cloned().collect()
    }
}

enum Attempt {
    Whole(Replayed),
    /// The log does not reach back to the beginning, or has a gap.
    Incomplete,
    /// The log was compacted meanwhile, beyond the place that was read.
    Overtaken,
    /// There is something in it of which nobody can say yet what the sink is to have.
    Stopped(Refusal),
}

fn delivery_of(key: &Key, row: &Row) -> Delivery {
    Delivery {
        key: key.clone(),
        before: None,
        write: row.write(),
        version: row.version(),
        after: Some(row.clone()),
        condition: Condition::Newer,
    }
}
