//! Commits as replication slots give them.

use crate::samples::Samples;
use driftlab_model::{Commit, Lsn, Refusal, Span, Time};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The commits that have been read out of the log, and the slots that hold them back.
///
/// The reader of the log fills it from a thread of its own; [`Stream::grown`] tells those who wait.
#[derive(Debug)]
pub(crate) struct Stream {
    held: Mutex<Held>,
    retain_bytes: Option<u64>,
    /// Changes whenever there may be news for a reader.
    grown: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Held {
    commits: VecDeque<Arc<Commit>>,
    /// The newest record that was read out of the log.
    captured: Lsn,
    slots: Vec<Slot>,
    /// How many bytes of log had been written when a record had been.
    written: VecDeque<(Lsn, u64)>,
    retained_max: u64,
    /// When a commit was last read out of the log, and how long commits took to be.
    pushed_at: Time,
    captures: Samples<Span>,
}

#[derive(Debug)]
struct Slot {
    name: String,
    confirmed: Lsn,
    confirmed_bytes: u64,
    /// What it held back may be gone.
    lost: bool,
}

impl Stream {
    pub(super) fn new(retain_bytes: Option<u64>) -> Self {
        Self { held: Mutex::default(), retain_bytes, grown: watch::Sender::new(0) }
    }

    /// Tells of news, from now on.
    pub(crate) fn grown(&self) -> watch::Receiver<u64> {
        self.grown.subscribe()
    }

    /// Whether a slot's reader would get an answer other than "nothing yet".
    pub(crate) fn has_news(&self, name: &str, after: Lsn) -> bool {
        let held = self.lock();
        let Some(slot) = held.slot(name) else { return true };
        held.commits.back().is_some_and(|newest| newest.lsn > after.max(slot.confirmed))
    }

    /// Whether everything up to a record has been read out of the log.
    pub(super) fn has_reached(&self, lsn: Lsn) -> bool {
        self.lock().captured >= lsn
    }

    /// When a record was last read out of the log.
    pub(crate) fn pushed_at(&self) -> Time {
        self.lock().pushed_at
    }

    /// How long commits took to be read out of the log; told once.
    pub(crate) fn take_captures(&self) -> Samples<Span> {
        std::mem::take(&mut self.lock().captures)
    }

    /// The most bytes of the log that a slot ever held back.
    pub(crate) fn retained_max(&self) -> u64 {
        self.lock().retained_max
    }

    /// At most `limit` commits after a position, or after the slot's own where that is later.
    pub(crate) fn read(&self, name: &str, after: Lsn, limit: usize) -> Result<Vec<Arc<Commit>>, Refusal> {
        let held = self.lock();
        let after = after.max(held.slot(name).ok_or(Refusal::SlotLost)?.confirmed);
        let from = held.commits.partition_point(|commit| commit.lsn <= after);
        Ok(held.commits.range(from..).take(limit).cloned().collect())
    }

    /// A slot's confirmed position.
    pub(crate) fn confirmed(&self, name: &str) -> Result<Lsn, Refusal> {
        self.lock().slot(name).map(|slot| slot.confirmed).ok_or(Refusal::SlotLost)
    }

    /// Moves a slot's confirmed position forwards, at most to the end of what was read; and forgets what nobody will ask for again.
    pub(crate) fn confirm(&self, name: &str, lsn: Lsn) -> Result<(), Refusal> {
        let mut held = self.lock();
        let lsn = lsn.min(held.captured);
        let place = held.written.partition_point(|(written, _)| *written <= lsn);
        let bytes = place.checked_sub(1).map(|place| held.written[place].1);
        let slot = held.slots.iter_mut().find(|slot| slot.name == name && !slot.lost);
        let slot = slot.ok_or(Refusal::SlotLost)?;
        slot.confirmed = slot.confirmed.max(lsn);
        slot.confirmed_bytes = slot.confirmed_bytes.max(bytes.unwrap_or(0));
        held.trim();
        Ok(())
    }

    /// Creates a slot at a position, or finds it; a lost one begins anew.
    pub(super) fn create(&self, name: &str, at: Lsn, bytes: u64) -> Lsn {
        let mut held = self.lock();
        if let Some(slot) = held.slot(name) {
            return slot.confirmed;
        }
        held.slots.retain(|slot| slot.name != name);
        held.captured = held.captured.max(at);
        held.slots.push(Slot { name: name.to_owned(), confirmed: at, confirmed_bytes: bytes, lost: false });
        drop(held);
        self.tell();
        at
    }

    /// A record was written to the log, which has so many bytes now.
    pub(super) fn written(&self, lsn: Lsn, bytes: u64) {
        let mut held = self.lock();
        held.written.push_back((lsn, bytes));
        let mut retained_max = held.retained_max;
        for slot in held.slots.iter_mut().filter(|slot| !slot.lost) {
            let retained = bytes.saturating_sub(slot.confirmed_bytes);
            retained_max = retained_max.max(retained);
            slot.lost = self.retain_bytes.is_some_and(|most| retained > most);
        }
        held.retained_max = retained_max;
    }

    /// A record was read out of the log.
    pub(super) fn push(&self, commit: Arc<Commit>, now: Time) {
        let mut held = self.lock();
        held.pushed_at = now;
        held.captures.offer(now - commit.at);
        held.captured = held.captured.max(commit.lsn);
        held.commits.push_back(commit);
        drop(held);
        self.tell();
    }

    /// Everything up to a record was read out of the log, and not in a form that could be given to anybody.
    pub(super) fn skip_to(&self, lsn: Lsn) {
        let mut held = self.lock();
        held.captured = held.captured.max(lsn);
    }

    /// What slots held back is not to be had any more: it was not to be found in the log, or the database has failed over and left them behind.
    pub(crate) fn lose_all(&self) {
        self.lock().slots.iter_mut().for_each(|slot| slot.lost = true);
        self.tell();
    }

    fn tell(&self) {
        self.grown.send_modify(|times| *times += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn slot(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.name == name && !slot.lost)
    }

    fn trim(&mut self) {
        let live = self.slots.iter().filter(|slot| !slot.lost);
        let oldest = live.map(|slot| slot.confirmed).min().unwrap_or(self.captured);
        while self.commits.front().is_some_and(|commit| commit.lsn <= oldest) {
            self.commits.pop_front();
        }
        while self.written.front().is_some_and(|(lsn, _)| *lsn <= oldest) {
            self.written.pop_front();
        }
    }
}
