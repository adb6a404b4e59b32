//! The trace hash: one number for a whole history. Two runs are the same run exactly if their trace hashes are equal.

use crate::hash::mix;
use crate::history::{Event, Observer, Stage, View};
use crate::time::Time;

/// Hashes a history as it happens.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceHash {
    low: u64,
    high: u64,
}

impl TraceHash {
    #[inline]
    fn feed(&mut self, word: u64) {
        // One lane is mixed, the other adds up what the first went through: together a collision in one is none in both.
        self.low = mix(self.low, word);
        self.high = self.high.rotate_left(23).wrapping_add(self.low) ^ word;
    }

    /// The hash of what was seen so far.
    #[must_use]
    pub fn value(&self) -> u128 {
        u128::from(mix(self.high, self.low)) << 64 | u128::from(mix(self.low, self.high))
    }
}

impl Observer for TraceHash {
    #[inline]
    fn observe(&mut self, at: Time, event: &Event) {
        self.feed(at.nanos());
        match event {
            Event::Began { by, transaction } => self.feed(mix(1 + (u64::from(by.0) << 8), transaction.0)),
            Event::Committed { by, commit } => {
                self.feed(mix(2 + (u64::from(by.0) << 8), commit.transaction.0));
                self.feed(mix(commit.lsn.0, commit.index.0));
                for change in &commit.changes {
                    let after = change.after.as_ref().map_or(0, crate::row::Row::digest);
                    self.feed(mix(change.key.digest(), after));
                }
            }
            Event::Aborted { by, transaction, .. } => {
                self.feed(mix(3 + (u64::from(by.0) << 8), transaction.0));
            }
            Event::Shown { by, sink, keys } => {
                for shown in keys {
                    let view = match &shown.view {
                        View::Row(row) => row.digest(),
                        View::Deleted(write) => mix(1, write.digest()),
                        View::Missing => 2,
                        View::NotHeld => 3,
                    };
                    self.feed(mix(
                        4 + (u64::from(by.0) << 8) + (u64::from(sink.0) << 24),
                        mix(shown.key.digest(), view),
                    ));
                }
            }
            Event::Applied { by, sink, key, write } => self.feed(mix(
                5 + (u64::from(by.0) << 8) + (u64::from(sink.0) << 24),
                mix(key.digest(), write.digest()),
            )),
            Event::Loaded { sink } => self.feed(6 + (u64::from(sink.0) << 24)),
            Event::Read(read) => {
                let row = read.row.as_ref().map_or(0, crate::row::Row::digest);
                self.feed(mix(7 + (u64::from(read.by.0) << 8), mix(read.key.digest(), row)));
            }
            Event::Finished(operation) => {
                self.feed(mix(8 + (u64::from(operation.by.0) << 8), operation.transaction.0));
                self.feed(mix(operation.intended.nanos(), operation.started.nanos()));
            }
            Event::Lifecycle { process, stage } => {
                self.feed(9 + (u64::from(process.0) << 8) + (number_of(*stage) << 32));
            }
            Event::Fault { fault, target, active } => self.feed(
                10 + (u64::from(*fault) << 8) + (u64::from(target.0) << 24) + (u64::from(*active) << 48),
            ),
            Event::Milestone(milestone) => self.feed(11 + ((*milestone as u64) << 8)),
            Event::Cost(ledger) => {
                self.feed(12);
                // Of the other counts nothing is fed: they follow from what is.
                self.feed(mix(ledger.log_bytes_written, 0));
            }
        }
    }
}

const fn number_of(stage: Stage) -> u64 {
    match stage {
        Stage::Started => 0,
        Stage::Crashed => 1,
        Stage::Paused => 2,
        Stage::Resumed => 3,
        Stage::Halted(_) => 4,
        Stage::Lost => 5,
        Stage::Restored => 6,
    }
}
