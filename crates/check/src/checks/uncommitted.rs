//! `phantom` and `early_visibility`: a sink shows what is not committed.
//!
//! Which of the two it is shows later: at the commit, or never.

use crate::anomaly::Anomaly;
use crate::casebook::{CaseNo, Casebook};
use crate::check::Check;
use crate::finding::Until;
use crate::judgement::Judgement;
use crate::phrase::Phrases;
use crate::story::{Story, Told};
use crate::timeline::{Applied, CommitNo, Fate, KeyNo, Kind, Moved, Timeline, digest_of};
use driftlab_model::{Fingerprint, Lookup, ProcessId, Row, SinkForm, Time, TransactionId, WriteId};

/// Remembers what was shown and is not committed.
#[derive(Default)]
pub(crate) struct Uncommitted {
    pending: Vec<Pending>,
    by_transaction: Lookup<TransactionId, Vec<usize>>,
    /// What each slot shows now of this kind.
    live: Lookup<usize, Live>,
}

#[derive(Clone, Copy)]
enum Live {
    Pending(usize),
    Phantom(CaseNo),
}

struct Pending {
    sighting: Sighting,
    slot: usize,
    until: Option<Time>,
    settled: bool,
}

/// Something uncommitted that a sink showed.
#[derive(Clone)]
struct Sighting {
    sink: usize,
    key: KeyNo,
    write: WriteId,
    what: What,
    at: Time,
    by: ProcessId,
}

#[derive(Clone)]
enum What {
    /// The row, and the source's at that moment.
    Row(Row, Option<Row>),
    Deletion,
    Effect,
}

impl Check for Uncommitted {
    fn new(_: &Timeline) -> Self {
        Self::default()
    }

    fn restart(&mut self, _: &Timeline) {
        self.pending.clear();
        self.by_transaction.clear();
        self.live.clear();
    }

    #[inline]
    fn moved(&mut self, timeline: &Timeline, step: &Moved, book: &mut Casebook) {
        if step.before.is_foreign() || step.after.is_foreign() {
            self.sight(timeline, step, book);
        }
    }

    fn applied(&mut self, timeline: &Timeline, step: &Applied, book: &mut Casebook) {
        let fate = timeline.transactions.get(step.write.transaction).map(|entry| entry.fate);
        let committed = matches!(fate, Some(Fate::Committed(_) | Fate::CommittedEmpty));
        // Of a committed transaction an effect does not say whether it stands for a row, so no guess can be caught here.
        if step.version.is_some() || committed || step.write.transaction == WriteId::LOAD.transaction {
            return;
        }
        let sighting = Sighting {
            sink: step.sink,
            key: step.key,
            write: step.write,
            what: What::Effect,
            at: timeline.now,
            by: step.by,
        };
        self.see(timeline, step.slot, sighting, book);
    }

    fn committed(&mut self, timeline: &Timeline, commit: CommitNo, book: &mut Casebook) {
        if self.by_transaction.is_empty() {
            return;
        }
        let transaction = timeline.commits[commit as usize].transaction;
        self.settle(timeline, transaction, Some(commit), book);
    }

    fn committed_empty(&mut self, timeline: &Timeline, transaction: TransactionId, book: &mut Casebook) {
        if !self.by_transaction.is_empty() {
            self.settle(timeline, transaction, None, book);
        }
    }

    fn fingerprint(&self, timeline: &Timeline, book: &Casebook, print: &mut Fingerprint<'_>) {
        let mut pending = 0u128;
        for Pending { sighting, slot, until, .. } in self.pending.iter().filter(|pending| !pending.settled) {
            let mut part = print.part();
            part.word(*slot as u64);
            part.word(u64::from(until.is_some()));
            part.write(sighting.write);
            match &sighting.what {
                What::Row(row, _) => part.row(Some(row)),
                What::Deletion => part.word(1),
                What::Effect => part.word(2),
            }
            pending = pending.wrapping_add(part.value());
        }
        for slot in timeline.touched_slots() {
            if let Some(Live::Phantom(case)) = self.live.get(&slot) {
                let mut part = print.part();
                part.word(slot as u64);
                book.print_case(*case, &mut part);
                pending = pending.wrapping_add(part.value());
            }
        }
        print.sum(pending);
    }

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, _: &mut Judgement) {
        for place in 0..self.pending.len() {
            if self.pending[place].settled {
                continue;
            }
            let transaction = self.pending[place].sighting.write.transaction;
            let is_open =
                timeline.transactions.get(transaction).is_some_and(|entry| entry.fate == Fate::Open);
            // Where the run was cut off, a transaction that was still open might have committed.
            if timeline.quiescent || !is_open {
                self.convict(place, book);
            }
        }
    }
}

impl Uncommitted {
    fn sight(&mut self, timeline: &Timeline, step: &Moved, book: &mut Casebook) {
        if step.before.is_foreign() {
            self.leave(step.slot, timeline.now, book);
        }
        if !step.after.is_foreign() {
            return;
        }
        let (write, what) = match &timeline.slots[step.slot].row {
            Some(row) if step.after.kind == Kind::ForeignRow => {
                (row.write(), What::Row(row.clone(), timeline.key(step.key).row.clone()))
            }
            _ => (timeline.unknown_deletion(step.slot), What::Deletion),
        };
        let sighting =
            Sighting { sink: step.sink, key: step.key, write, what, at: timeline.now, by: step.by };
        self.see(timeline, step.slot, sighting, book);
    }

    fn see(&mut self, timeline: &Timeline, slot: usize, sighting: Sighting, book: &mut Casebook) {
        let transaction = sighting.write.transaction;
        let fate = timeline.transactions.get(transaction).map(|entry| entry.fate);
        let never_to_come = transaction == WriteId::LOAD.transaction
            || matches!(fate, Some(Fate::Committed(_) | Fate::CommittedEmpty));
        if never_to_come {
            let (sink, key, at) = (sighting.sink, sighting.key, sighting.at);
            let case = book.open(Anomaly::Phantom, Some(sink), Some(key), at, Box::new(sighting));
            self.live.insert(slot, Live::Phantom(case));
            return;
        }
        let place = self.pending.len();
        self.by_transaction.or_insert_with(transaction, Vec::new).push(place);
        // An effect is added to others and stays; a view is replaced by the next.
        if !matches!(sighting.what, What::Effect) {
            self.live.insert(slot, Live::Pending(place));
        }
        self.pending.push(Pending { sighting, slot, until: None, settled: false });
    }

    fn leave(&mut self, slot: usize, now: Time, book: &mut Casebook) {
        match self.live.remove(&slot) {
            Some(Live::Pending(place)) => self.pending[place].until = Some(now),
            Some(Live::Phantom(case)) => book.close(case, now),
            None => {}
        }
    }

    fn settle(
        &mut self,
        timeline: &Timeline,
        transaction: TransactionId,
        commit: Option<CommitNo>,
        book: &mut Casebook,
    ) {
        for place in self.by_transaction.remove(&transaction).into_iter().flatten() {
            let pending = &mut self.pending[place];
            let sighting = &pending.sighting;
            let version = commit.and_then(|commit| {
                let entry = timeline.commits[commit as usize];
                (entry.first..entry.end).map(|v| timeline.version(v)).find(|v| v.key == sighting.key)
            });
            let came_true = match (&sighting.what, version) {
                (What::Row(row, _), Some(version)) => version.digest == digest_of(row),
                (What::Deletion, Some(version)) => version.is_absence(),
                (What::Effect, Some(version)) => version.write == sighting.write.index,
                // The row that it meant to delete was gone when it came, so it showed nothing that was not true.
                (What::Deletion | What::Effect, None) => {
                    pending.settled = true;
                    if pending.until.is_none() {
                        self.live.remove(&pending.slot);
                    }
                    continue;
                }
                (What::Row(..), None) => false,
            };
            if came_true {
                pending.settled = true;
                if pending.until.is_none() {
                    self.live.remove(&pending.slot);
                }
                let time = (sighting.at, Until::Healed(timeline.now));
                let (sink, key) = (Some(sighting.sink), Some(sighting.key));
                let story = Box::new(Early(sighting.clone()));
                book.record(Anomaly::EarlyVisibility, sink, key, time, story);
            } else {
                self.convict(place, book);
            }
        }
    }

    fn convict(&mut self, place: usize, book: &mut Casebook) {
        let pending = &mut self.pending[place];
        pending.settled = true;
        let sighting = pending.sighting.clone();
        let (sink, key, at) = (sighting.sink, sighting.key, sighting.at);
        let case = book.open(Anomaly::Phantom, Some(sink), Some(key), at, Box::new(sighting));
        match pending.until {
            Some(until) => book.close(case, until),
            None => drop(self.live.insert(pending.slot, Live::Phantom(case))),
        }
    }
}

impl Sighting {
    fn what(&self, phrases: &Phrases<'_>) -> String {
        let key = phrases.key(self.key);
        let is_load = self.write.transaction == WriteId::LOAD.transaction;
        // Where nobody began its transaction, it is the work of whoever brought it into the sink.
        let writer = match phrases.client_of(self.write.transaction) {
            None if !is_load => phrases.process(self.by),
            _ => phrases.writer(self.write),
        };
        match &self.what {
            What::Row(row, source) => {
                format!("{writer}'s {} of {key}", phrases.column_and_value(self.key, row, source.as_ref()))
            }
            What::Deletion => format!("{writer}'s deletion of {key}"),
            What::Effect => format!("{writer}'s change of {key}"),
        }
    }

    fn told(&self, phrases: &Phrases<'_>, sentence: String) -> Told {
        let is_load = self.write.transaction == WriteId::LOAD.transaction;
        let transactions = if is_load { Vec::new() } else { vec![self.write.transaction] };
        let mut processes = phrases.clients(&transactions);
        if !processes.contains(&self.by) {
            processes.push(self.by);
        }
        Told { sentence, transactions, processes }
    }
}

impl Story for Sighting {
    fn tell(&self, phrases: &Phrases<'_>, until: Until) -> Told {
        let (sink, what) = (phrases.sink(self.sink), self.what(phrases));
        let keeps = phrases.timeline.sinks[self.sink].form != SinkForm::Rows;
        let verb = if keeps { "applied" } else { "showed" };
        let ending = if self.write.transaction == WriteId::LOAD.transaction {
            "is nothing that was ever loaded"
        } else {
            phrases.ending(self.write.transaction)
        };
        let lasting = phrases.lasting(self.at, until);
        let whose = if ending.starts_with("is ") { "it" } else { "its transaction" };
        let sentence = format!("{sink} {verb} {what}, but {whose} {ending}; wrong {lasting}");
        self.told(phrases, sentence)
    }
}

struct Early(Sighting);

impl Story for Early {
    fn tell(&self, phrases: &Phrases<'_>, until: Until) -> Told {
        let sink = phrases.sink(self.0.sink);
        let before = match until {
            Until::Healed(commit) => (commit - self.0.at).to_string(),
            Until::Permanent | Until::Unknown => "some time".to_owned(),
        };
        let sentence = format!("{sink} showed {} {before} before it was committed", self.0.what(phrases));
        self.0.told(phrases, sentence)
    }
}
