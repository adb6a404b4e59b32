use driftlab_model::port::{Fetched, Record};
use driftlab_model::{
    ChangeEvent, Compacted, Heading, Offset, Refusal, RetainedPartition, Survivors, Time, Verdict,
};
use std::collections::VecDeque;

/// One partition: records in order, a beginning that moves up and an end that never moves back. Where it was compacted, offsets are missing between them.
#[derive(Debug, Default)]
pub(super) struct Partition {
    records: VecDeque<Stored>,
    earliest: Offset,
    end: Offset,
    compacted: Compacted,
    /// Of the records that are held.
    bytes: u64,
}

#[derive(Debug)]
struct Stored {
    at: Time,
    offset: Offset,
    event: ChangeEvent,
}

impl Partition {
    pub(super) fn append(&mut self, now: Time, events: Vec<ChangeEvent>) -> Offset {
        let first = self.end;
        self.end = Offset(first.0 + events.len() as u64);
        let bytes = &mut self.bytes;
        self.records.extend(events.into_iter().zip(first.0..).map(|(event, offset)| {
            *bytes += event.size() as u64;
            Stored { at: now, offset: Offset(offset), event }
        }));
        first
    }

    pub(super) fn read(&self, from: Offset, limit: usize, fetched: &mut Fetched) -> Result<(), Refusal> {
        if from < self.earliest {
            return Err(Refusal::OutOfRange { earliest: self.earliest });
        }
        let start = self.place_of(from);
        let end = start.saturating_add(limit).min(self.records.len());
        let records = self.records.range(start..end);
        fetched
            .records
            .extend(records.map(|stored| Record { offset: stored.offset, event: stored.event.clone() }));
        fetched.compacted = self.compacted;
        Ok(())
    }

    pub(super) fn earliest(&self) -> Offset {
        self.earliest
    }

    pub(super) fn end(&self) -> Offset {
        self.end
    }

    pub(super) fn count(&self) -> u64 {
        self.records.len() as u64
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn remove_before(&mut self, offset: Offset) {
        let count = self.place_of(offset);
        let removed: usize = self.records.drain(..count).map(|stored| stored.event.size()).sum();
        self.bytes -= removed as u64;
        self.earliest = self.earliest.max(offset.min(self.end));
    }

    pub(super) fn keep_newest(&mut self, count: u64) {
        let beyond = (self.records.len() as u64).saturating_sub(count) as usize;
        if beyond > 0 {
            self.remove_before(self.records.get(beyond).map_or(self.end, |stored| stored.offset));
        }
    }

    pub(super) fn remove_until(&mut self, moment: Time) {
        let old = self.records.partition_point(|stored| stored.at <= moment);
        if old > 0 {
            self.remove_before(self.records.get(old).map_or(self.end, |stored| stored.offset));
        }
    }

    /// Compacts what was appended before `closed`; deletions up to `horizon` may be forgotten.
    pub(super) fn compact(&mut self, closed: Time, horizon: Option<Time>) {
        let mut left = self.records.partition_point(|stored| stored.at < closed);
        let Some(last) = left.checked_sub(1) else { return };
        let mut survivors = Survivors::default();
        for stored in self.records.range(..left) {
            survivors.note(stored.offset, &Heading::from(&stored.event));
        }
        self.compacted.below = self.compacted.below.max(self.records[last].offset.next());
        let (bytes, forgotten) = (&mut self.bytes, &mut self.compacted.forgotten);
        self.records.retain(|stored| {
            if left == 0 {
                return true;
            }
            left -= 1;
            let verdict = survivors.judge(stored.offset, stored.at, &Heading::from(&stored.event), horizon);
            if verdict == Verdict::Forgotten {
                *forgotten = (*forgotten).max(stored.offset.next());
            }
            if verdict != Verdict::Stays {
                *bytes -= stored.event.size() as u64;
            }
            verdict == Verdict::Stays
        });
    }

    pub(super) fn retained(&self) -> RetainedPartition {
        let record = |stored: &Stored| Record { offset: stored.offset, event: stored.event.clone() };
        RetainedPartition {
            records: self.records.iter().map(record).collect(),
            earliest: self.earliest,
            compacted: self.compacted,
        }
    }

    pub(super) fn reset(&mut self) {
        self.records.clear();
        (self.earliest, self.end) = (Offset::default(), Offset::default());
        (self.compacted, self.bytes) = (Compacted::default(), 0);
    }

    /// The place of the first record from an offset on. Only where the log was compacted does it have to be searched for.
    fn place_of(&self, offset: Offset) -> usize {
        if self.compacted.below == Offset::default() {
            // An offset may lie beyond the end by more than memory can address, so it is clipped before it becomes an index.
            let held = self.records.len() as u64;
            return offset.0.saturating_sub(self.earliest.0).min(held) as usize;
        }
        self.records.partition_point(|stored| stored.offset < offset)
    }
}
