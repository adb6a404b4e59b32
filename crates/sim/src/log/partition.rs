use driftlab_model::port::Record;
use driftlab_model::{ChangeEvent, Offset, Refusal, Time};
use std::collections::VecDeque;

/// One partition: records in order, a beginning that moves up and an end that never moves back.
#[derive(Debug, Default)]
pub(super) struct Partition {
    records: VecDeque<Stored>,
    earliest: Offset,
}

#[derive(Debug)]
struct Stored {
    at: Time,
    event: ChangeEvent,
}

impl Partition {
    pub(super) fn append(&mut self, now: Time, events: Vec<ChangeEvent>) -> Offset {
        let first = self.end();
        self.records.extend(events.into_iter().map(|event| Stored { at: now, event }));
        first
    }

    pub(super) fn read(&self, from: Offset, limit: usize, records: &mut Vec<Record>) -> Result<(), Refusal> {
        if from < self.earliest {
            return Err(Refusal::OutOfRange { earliest: self.earliest });
        }
        let held = self.records.len();
        // An offset may lie beyond the end by more than memory can address, so it is clipped before it becomes an index.
        let start = (from.0 - self.earliest.0).min(held as u64) as usize;
        let end = start.saturating_add(limit).min(held);
        records.extend(
            self.records
                .range(start..end)
                .zip(from.0..)
                .map(|(stored, offset)| Record { offset: Offset(offset), event: stored.event.clone() }),
        );
        Ok(())
    }

    pub(super) fn earliest(&self) -> Offset {
        self.earliest
    }

    pub(super) fn end(&self) -> Offset {
        Offset(self.earliest.0 + self.records.len() as u64)
    }

    pub(super) fn remove_before(&mut self, offset: Offset) {
        let count = offset.0.saturating_sub(self.earliest.0).min(self.records.len() as u64);
        self.records.drain(..count as usize);
        self.earliest = Offset(self.earliest.0 + count);
    }

    pub(super) fn keep_newest(&mut self, count: u64) {
        self.remove_before(Offset(self.end().0.saturating_sub(count)));
    }

    pub(super) fn remove_until(&mut self, moment: Time) {
        let old = self.records.partition_point(|stored| stored.at <= moment);
        self.remove_before(Offset(self.earliest.0 + old as u64));
    }

    pub(super) fn reset(&mut self) {
        self.records.clear();
        self.earliest = Offset::default();
    }
}
