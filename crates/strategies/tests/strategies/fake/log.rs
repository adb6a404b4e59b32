//! The log.

use super::Fake;
use driftlab_model::port::{Fetched, Log, Record};
use driftlab_model::{Call, ChangeEvent, Offset, Outcome, Refusal, Span};

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
            let log = world.log[partition as usize].iter().zip(0..).skip(from.0 as usize).take(limit);
            let records: Vec<Record> =
                log.map(|(event, n)| Record { offset: Offset(n), event: event.clone() }).collect();
            if records.is_empty() {
                world.now += wait;
            }
            Ok(Fetched { records, ..Fetched::default() })
        })
    }
}
