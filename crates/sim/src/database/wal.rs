//! The write-ahead log, and the replication slots that hold it back.

use driftlab_model::hash::digest_bytes;
use driftlab_model::{Changes, Commit, Fingerprint, Lsn, Refusal, Time};
use std::collections::VecDeque;
use std::sync::Arc;

/// The log: it keeps the commits that a slot may still ask for, and nothing where there is no slot.
#[derive(Debug, Default)]
pub(super) struct Wal {
    records: VecDeque<Arc<Commit>>,
    end: Lsn,
    /// Bytes written since the last commit record by what is no commit to the slots; the next record counts them in.
    unframed: u64,
    /// Until when the bytes of others on the same server are counted.
    neighbours_until: Time,
    slots: Vec<Slot>,
    retained_max: u64,
}

#[derive(Debug)]
struct Slot {
    name: String,
    confirmed: Lsn,
    /// Its reader was too slow, and what it held back may be gone.
    invalidated: bool,
}

impl Wal {
    /// Where the last commit record ends.
    pub(super) const fn end(&self) -> Lsn {
        self.end
    }

    /// Bytes written so far.
    pub(super) const fn written(&self) -> u64 {
        self.end.0 + self.unframed
    }

    /// The most bytes that a slot ever held back.
    pub(super) const fn retained_max(&self) -> u64 {
        self.retained_max
    }

    /// Writes bytes that no slot gives to its reader.
    pub(super) const fn grow(&mut self, bytes: u64) {
        self.unframed += bytes;
    }

    /// Counts what others on the same server have written since this was last asked. Between two records nobody can lose anything, so nobody need ask more often.
    pub(super) const fn neighbours_wrote(&mut self, bytes_per_s: u64, now: Time) {
        let nanos = now.nanos().saturating_sub(self.neighbours_until.nanos()) as u128;
        self.grow((nanos * bytes_per_s as u128 / 1_000_000_000) as u64);
        self.neighbours_until = now;
    }

    /// Writes the record of a commit, and gives that back with its position. The record has the changes as they are `told`, where that is otherwise.
    pub(super) fn append(
        &mut self,
        mut commit: Commit,
        told: Option<Changes>,
        retain_bytes: Option<u64>,
    ) -> Arc<Commit> {
        let record = told.map(|changes| Commit { changes, ..commit.clone() });
        let size = record.as_ref().unwrap_or(&commit).size();
        self.end = Lsn(self.written() + size as u64);
        self.unframed = 0;
        commit.lsn = self.end;
        let commit = Arc::new(commit);
        if !self.slots.is_empty() {
            let record = record.map(|record| Arc::new(Commit { lsn: self.end, ..record }));
            self.records.push_back(record.unwrap_or_else(|| Arc::clone(&commit)));
            self.enforce(retain_bytes);
        }
        commit
    }

    /// Creates a slot at the end of the log, or finds it; an invalidated one begins anew.
    pub(super) fn create_slot(&mut self, name: &str) -> Lsn {
        let end = self.end;
        match self.slots.iter_mut().find(|slot| slot.name == name) {
            Some(slot) if !slot.invalidated => slot.confirmed,
            Some(slot) => {
                (slot.confirmed, slot.invalidated) = (end, false);
                end
            }
            None => {
                self.slots.push(Slot { name: name.to_owned(), confirmed: end, invalidated: false });
                end
            }
        }
    }

    /// Drops a slot, if it exists.
    pub(super) fn drop_slot(&mut self, name: &str) {
        self.slots.retain(|slot| slot.name != name);
        self.trim();
    }

    /// Drops all slots.
    pub(super) fn drop_slots(&mut self) {
        self.slots.clear();
        self.trim();
    }

    /// Adds to `out` at most `limit` commits after a position, or after the slot's own where that is later.
    pub(super) fn read(
        &self,
        name: &str,
        after: Lsn,
        limit: usize,
        out: &mut Vec<Arc<Commit>>,
    ) -> Result<(), Refusal> {
        let after = after.max(self.confirmed(name)?);
        let from = self.records.partition_point(|commit| commit.lsn <= after);
        out.extend(self.records.range(from..).take(limit).cloned());
        Ok(())
    }

    /// A slot's confirmed position.
    pub(super) fn confirmed(&self, name: &str) -> Result<Lsn, Refusal> {
        let slot = self.slots.iter().find(|slot| slot.name == name && !slot.invalidated);
        slot.map(|slot| slot.confirmed).ok_or(Refusal::SlotLost)
    }

    /// Moves a slot's confirmed position forwards, at most to the end of the log.
    pub(super) fn confirm(&mut self, name: &str, lsn: Lsn) -> Result<(), Refusal> {
        let end = self.end;
        let slot = self.slots.iter_mut().find(|slot| slot.name == name && !slot.invalidated);
        let slot = slot.ok_or(Refusal::SlotLost)?;
        slot.confirmed = slot.confirmed.max(lsn.min(end));
        self.trim();
        Ok(())
    }

    /// Takes in what the slots hold back.
    pub(super) fn print_slots(&self, print: &mut Fingerprint<'_>) {
        for slot in &self.slots {
            for word in [digest_bytes(slot.name.as_bytes()), slot.confirmed.0, u64::from(slot.invalidated)] {
                print.word(word);
            }
        }
    }

    /// Forgets records and slots, begins at 0 again, and keeps the memory.
    pub(super) fn reset(&mut self) {
        self.records.clear();
        self.slots.clear();
        (self.end, self.unframed, self.retained_max) = (Lsn(0), 0, 0);
        self.neighbours_until = Time::ZERO;
    }

    fn enforce(&mut self, retain_bytes: Option<u64>) {
        let mut invalidated = false;
        for slot in self.slots.iter_mut().filter(|slot| !slot.invalidated) {
            let retained = self.end.0 - slot.confirmed.0;
            self.retained_max = self.retained_max.max(retained);
            if retain_bytes.is_some_and(|most| retained > most) {
                slot.invalidated = true;
                invalidated = true;
            }
        }
        // Where no slot is left that could ask, the record just written goes at once.
        if invalidated || self.slots.iter().all(|slot| slot.invalidated) {
            self.trim();
        }
    }

    fn trim(&mut self) {
        let live = self.slots.iter().filter(|slot| !slot.invalidated);
        match live.map(|slot| slot.confirmed).min() {
            None => self.records.clear(),
            Some(oldest) => {
                while self.records.front().is_some_and(|commit| commit.lsn <= oldest) {
                    self.records.pop_front();
                }
            }
        }
    }
}
