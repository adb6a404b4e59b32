//! Follows the log: reads what is committed into the relay log as soon as it is, and holds the log no longer than that takes.

mod policy;
mod read;

use crate::error::Error;
use crate::event::GapReason;
use crate::page::Part;
use crate::source::Source;
use crate::store::{Record, Relay};
use policy::{Hold, Policy};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// A transaction that is in the relay log, with its frames where memory allows.
pub(crate) struct Arrival {
    pub(crate) record: Record,
    pub(crate) frames: Option<Part>,
}

/// Where a follower begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// After a snapshot, under the read mark that it was taken under; whether the database file alone held all of it.
    Snapshot {
        /// Nothing was in the log that the database file lacked.
        backfilled: bool,
    },
    /// Where an earlier reader stopped, which held nothing since.
    Resumed,
}

/// Why a follower stopped.
pub(crate) enum End {
    /// It was told to.
    Stopped,
    /// Something was missed.
    Gap(GapReason),
    /// It cannot go on.
    Failed(Error),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Bytes of frames that may wait in memory for the decoder; beyond that it reads them from the relay log.
const WAITING_BYTES_MAX: u64 = 64 << 20;

/// What follower and decoder share.
#[derive(Default)]
pub(crate) struct Shared {
    stop: AtomicBool,
    waiting_bytes: AtomicU64,
}

impl Shared {
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
    /// Notes that the decoder took frames of so many bytes.
    pub(crate) fn took(&self, bytes: u64) {
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// The follower, which runs on a thread of its own: the log is let go in time however slow the consumer is.
pub(crate) struct Follower {
    source: Source,
    relay: Relay,
    start: Start,
    shared: Arc<Shared>,
    arrivals: Sender<Arrival>,
    poll: Duration,
    policy: Policy,
    /// Whether a read mark has been held ever since a look at the index showed nothing unread and nothing that the database file lacks.
    ///
    /// Then a generation that begins next begins where the one that was read ended: the mark can only be mark 0, under which the log
    /// is restarted at most once.
    complete: bool,
    /// The index's count of commits at the place that was read, once it is known.
    counted: Option<u32>,
    buffer: Vec<u8>,
}

impl Follower {
    pub(crate) fn new(
        source: Source,
        relay: Relay,
        start: Start,
        arrivals: Sender<Arrival>,
        shared: Arc<Shared>,
        poll: Duration,
    ) -> Self {
        let complete = start == Start::Snapshot { backfilled: true };
        let policy = Policy::new();
        Self {
            source,
            relay,
            start,
            shared,
            arrivals,
            poll,
            policy,
            complete,
            counted: None,
            buffer: Vec::new(),
        }
    }

    /// Follows until something ends it; gives files and locks back as they are, and hangs up, by which the reader learns of it.
    pub(crate) fn run(mut self) -> (Source, Relay, End) {
        let end = self.follow();
        (self.source, self.relay, end)
    }

    fn follow(&mut self) -> End {
        if let Err(end) = self.begin() {
            return end;
        }
        let shortest = Duration::from_micros(100).min(self.poll);
        let mut pause = shortest;
        let mut checked = Instant::now();
        while !self.shared.stop.load(Ordering::Relaxed) {
            match self.step() {
                Ok(true) => pause = shortest,
                Ok(false) => pause = (pause * 2).min(self.poll),
                Err(end) => return end,
            }
            if checked.elapsed() > Duration::from_millis(50) {
                checked = Instant::now();
                if let Err(end) = self.check_files() {
                    return end;
                }
            }
            std::thread::sleep(pause);
        }
        End::Stopped
    }

    /// Proves that the place it begins at is in the log, and takes a mark of its own.
    fn begin(&mut self) -> Result<(), End> {
        if self.start == Start::Resumed {
            let (place, page_size) = (self.relay.place(), self.relay.page_size());
            let index = self.source.look()?;
            if index.salts == place.salts {
                let Some(chain) = place.chain else { return Err(End::Gap(GapReason::Restarted)) };
                let holds = match self.source.log()? {
                    Some(log) => log.still_holds(&chain, page_size)?,
                    None => false,
                };
                if !holds {
                    return Err(End::Gap(GapReason::LogReplaced));
                }
            }
        }
        self.renew()
    }

    /// Reads what is new and sees to the hold on the log; whether there was anything new.
    fn step(&mut self) -> Result<bool, End> {
        let mut index = self.source.look()?;
        let behind = index.committed.saturating_sub(self.relay.place().frame());
        if self.policy.hold == Hold::Nothing
            && (behind > Policy::BEHIND_FRAMES_MAX || index.salts != self.relay.place().salts)
        {
            self.renew()?;
            index = self.source.look()?;
        }
        let progress = self.catch_up(&index)?;
        let place = self.relay.place();
        let caught_up = place.salts == index.salts && place.frame() == index.committed;
        if caught_up {
            self.counted = Some(index.commits);
        }
        if caught_up && index.is_backfilled() && self.source.lease.is_held() {
            self.complete = true;
        } else if place.frame() != index.committed || place.salts != index.salts {
            self.complete = false;
        }
        if caught_up {
            match self.policy.wish(&index, progress) {
                policy::Wish::Stay => {}
                policy::Wish::Renew => self.renew()?,
                policy::Wish::Release => {
                    self.source.lease.release()?;
                    self.policy.hold = Hold::Nothing;
                    self.complete = false;
                }
            }
        }
        Ok(progress)
    }

    /// Begins a new read transaction and ends the one before it; in between it reads what the new one might let be overwritten.
    fn renew(&mut self) -> Result<(), End> {
        let begun = self.source.lease.begin()?;
        let index = self.source.look()?;
        let place = self.relay.place();
        if index.is_backfilled() && index.salts == place.salts && index.committed > place.frame() {
            self.catch_up(&index)?;
        }
        self.source.lease.settle(begun)?;
        self.policy.renewed(&index);
        Ok(())
    }

    /// Files that were deleted or replaced under the reader.
    fn check_files(&self) -> Result<(), End> {
        if !self.source.database.is_current() {
            return Err(End::Gap(GapReason::DatabaseReplaced));
        }
        if !self.source.index.is_current() || self.source.log.as_ref().is_some_and(|log| !log.is_current()) {
            return Err(End::Gap(GapReason::LogReplaced));
        }
        Ok(())
    }
}
