//! The log.

use super::Fake;
use driftlab_model::port::{Fetched, Log, Record};
use driftlab_model::{Call, ChangeEvent, Heading, Offset, Outcome, Refusal, Span, Survivors, Time, Verdict};

impl Log for Fake {
    fn partitions(&self) -> u32 {
        self.0.borrow().log.len() as u32
    }
    fn append(&self, partition: u32, events: Vec<ChangeEvent>) -> Call<'_, Outcome<Offset>> {
        self.step(move |world| {
            let log = &mut world.log[partition as usize];
            let first = Offset(log.len() as u64);
            log.extend(events);
            Ok(first)
        })
    }
    fn read(&self, partition: u32, from: Offset, limit: usize, wait: Span) -> Call<'_, Outcome<Fetched>> {
        self.step(move |world| {
            if from.0 < world.earliest {
                return Err(Refusal::OutOfRange { earliest: Offset(world.earliest) }.into());
            }
            let partition = partition as usize;
            let left = world.log[partition].iter().zip(0..).skip(from.0 as usize);
            let left = left.filter(|(_, n)| !world.compacted_away.contains(&(partition, *n))).take(limit);
            let records: Vec<Record> =
                left.map(|(event, n)| Record { offset: Offset(n), event: event.clone() }).collect();
            if records.is_empty() {
                world.now += wait;
            }
            let compacted = world.compacted.get(&partition).copied().unwrap_or_default();
            Ok(Fetched { records, compacted })
        })
    }
}

impl Fake {
    /// Compacts all that is in the log, and forgets deletions as soon as that is allowed.
    pub(crate) fn compact(&self) {
        let world = &mut *self.0.borrow_mut();
        for (partition, log) in world.log.iter().enumerate() {
            let away = &mut world.compacted_away;
            let left = log.iter().zip(0..).filter(|(_, n)| !away.contains(&(partition, *n)));
            let left: Vec<(Offset, Heading)> =
                left.map(|(event, n)| (Offset(n), Heading::from(event))).collect();
            let mut survivors = Survivors::default();
            left.iter().for_each(|(offset, heading)| survivors.note(*offset, heading));
            let compacted = world.compacted.entry(partition).or_default();
            for (offset, heading) in &left {
                let verdict = survivors.judge(*offset, Time::ZERO, heading, Some(Time::ZERO));
                if verdict == Verdict::Forgotten {
                    compacted.forgotten = compacted.forgotten.max(offset.next());
                }
                if verdict != Verdict::Stays {
                    away.insert((partition, offset.0));
                }
                compacted.below = offset.next();
            }
        }
    }
}
