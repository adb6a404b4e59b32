//! The checker: follows a history as it happens and says what it showed.

use crate::casebook::Casebook;
use crate::check::Check;
use crate::checks::Checks;
use crate::judgement::{Evidence, Judgement};
use crate::measures::Measures;
use crate::timeline::{Changing, Moved, Timeline, bit};
use driftlab_model::{
    Cast, Chronicle, Commit, Event, Invariant, Key, Ledger, Milestone, Observer, ProcessId, Shown, SinkForm,
    SinkId, Stage, Time, View, WriteId,
};
use std::rc::Rc;

/// Follows a history online and judges it.
///
/// Make one with the history's cast, let it observe every event, and ask for the judgement once, with [`Checker::finish`] or, where only
/// the verdict counts, with [`Checker::conclude`]. After that begin anew with [`Checker::restart`] or [`Checker::reset`].
pub struct Checker {
    pub(crate) timeline: Timeline,
    pub(crate) checks: Checks,
    pub(crate) measures: Option<Measures>,
    pub(crate) book: Casebook,
    pub(crate) judgement: Judgement,
    pub(crate) evidence: Evidence,
    open: u64,
    /// Whether anything happened in this instant that is to be looked at when it is over.
    stirred: bool,
    /// Whether anybody has said what it cost.
    costed: bool,
    /// The view of history by which sinks that join are measured.
    chronicle: Option<Rc<dyn Chronicle>>,
    /// What happened and was not looked at yet.
    backlog: Vec<(Time, Event)>,
}

/// So many events that were given away are looked at in one go. A world and the checks are more code than a processor keeps at hand, so one that takes turns with
/// the other at every event waits for its code at every turn.
const AT_ONCE: usize = 256;

impl Checker {
    /// A checker of a history with this cast.
    #[must_use]
    pub fn new(cast: &Cast) -> Self {
        let timeline = Timeline::new(cast);
        Self {
            checks: Checks::new(&timeline),
            measures: Some(Measures::new(&timeline)),
            book: Casebook::new(cast.sinks.len()),
            judgement: Judgement::blank(cast),
            evidence: Evidence::default(),
            open: 0,
            stirred: true,
            costed: false,
            chronicle: None,
            backlog: Vec::new(),
            timeline,
        }
    }

    /// Also judges by these rules. Nothing must have been observed yet.
    #[must_use]
    pub fn with_invariants(mut self, invariants: Vec<Box<dyn Invariant>>) -> Self {
        self.timeline.replaced = (!invariants.is_empty()).then(Vec::new);
        self.checks.invariants.follow(&self.timeline, invariants);
        self
    }

    /// Also measures sinks that join by this view of history. Nothing must have been observed yet.
    #[must_use]
    pub fn with_chronicle(mut self, chronicle: Rc<dyn Chronicle>) -> Self {
        if let Some(measures) = &mut self.measures {
            measures.newcomers.follow(Rc::clone(&chronicle));
        }
        self.chronicle = Some(chronicle);
        self
    }

    /// Looks for anomalies and takes no measures: for races that are run by the million. `unbounded_lag`, which takes hundreds of measured
    /// changes, is not looked for either, nor how long divergences stay unnoticed, the ladder's `atomic` is judged sink by sink, and the
    /// ledgers stay empty.
    #[must_use]
    pub fn anomalies_only(mut self) -> Self {
        self.timeline.is_race = true;
        self.measures = None;
        self
    }

    /// Begins anew with another cast; the invariants and the view of history stay.
    pub fn reset(&mut self, cast: &Cast) {
        let chronicle = self.chronicle.take();
        let invariants = std::mem::take(&mut self.checks.invariants);
        let (measures, replaced) = (self.measures.is_some(), self.timeline.replaced.take());
        *self = Self::new(cast);
        self.timeline.replaced = replaced;
        self.checks.invariants = invariants;
        self.checks.invariants.restart(&self.timeline);
        match (&mut self.measures, &chronicle) {
            _ if !measures => {
                self.measures = None;
                self.timeline.is_race = true;
            }
            (Some(measures), Some(chronicle)) => measures.newcomers.follow(Rc::clone(chronicle)),
            _ => {}
        }
        self.chronicle = chronicle;
    }

    /// Begins anew with the same cast, and keeps all memory. Costs as much as the last history changed, however much was loaded.
    pub fn restart(&mut self) {
        self.backlog.clear();
        self.timeline.restart();
        self.checks.restart(&self.timeline);
        if let Some(measures) = &mut self.measures {
            measures.restart(&self.timeline);
        }
        self.book.restart();
        self.evidence = Evidence::default();
        (self.open, self.stirred) = (0, true);
        if std::mem::take(&mut self.costed) {
            self.judgement.ledger = Ledger::default();
            self.judgement.ledger_at_load_end = Ledger::default();
        }
        self.judgement.wipe();
    }

    /// How many anomalies have begun so far, for somebody who watches.
    #[must_use]
    pub fn anomalies_so_far(&mut self) -> u64 {
        self.catch_up();
        self.book.tallies().map(|(_, _, tally)| tally.total).sum()
    }

    /// Looks at what happened since it looked last.
    pub(crate) fn catch_up(&mut self) {
        let mut backlog = std::mem::take(&mut self.backlog);
        for (at, event) in backlog.drain(..) {
            self.look(at, &event);
        }
        self.backlog = backlog;
    }

    // What is busy has a frame of its own, so that the many small events are spared it.
    #[inline(never)]
    fn committed(&mut self, by: ProcessId, commit: &Commit) {
        if commit.watermark.is_some() {
            return;
        }
        self.open = self.open.saturating_sub(1);
        self.evidence.commits += 1;
        self.evidence.row_changes += commit.changes.len() as u64;
        let Self { timeline, checks, measures, book, .. } = self;
        let Some(number) = timeline.commit(by, commit) else {
            checks.committed_empty(timeline, commit.transaction, book);
            return;
        };
        self.stirred = true;
        if let Some(measures) = measures {
            measures.newcomers.heard(timeline, number, commit);
        }
        let entry = timeline.commits[number as usize];
        for (version, place) in (entry.first..entry.end).zip(0..) {
            let Changing { key, in_sync } = timeline.changing[place];
            for sink in 0..timeline.sinks.len() {
                if in_sync & bit(sink) != 0 && !timeline.looks_back() {
                    let step = timeline.outdate(sink, key);
                    checks.outdated(timeline, &step, book);
                    if let Some(measures) = measures {
                        measures.outdated(timeline, &step, book);
                    }
                } else if timeline.sinks[sink].served {
                    let step = timeline.settle(sink, key, version);
                    checks.changed(timeline, &step, book);
                    if let Some(measures) = measures {
                        measures.changed(timeline, &step, book);
                    }
                }
            }
        }
        checks.committed(timeline, number, book);
        if let Some(measures) = measures {
            measures.committed(timeline, number, book);
        }
    }

    /// The place of a sink that is judged.
    fn judged(&self, sink: SinkId) -> Option<usize> {
        let place = usize::from(sink.0);
        self.timeline.sinks.get(place).filter(|sink| sink.served).map(|_| place)
    }

    #[inline(never)]
    fn shown(&mut self, by: ProcessId, sink: SinkId, keys: &[Shown]) {
        let Some(place) = self.judged(sink) else { return };
        if self.timeline.sinks[place].form != SinkForm::Rows {
            return;
        }
        self.stirred = true;
        for shown in keys {
            let timeline = &mut self.timeline;
            let key = timeline.number(&shown.key);
            match &shown.view {
                View::Row(row) if timeline.is_newest(key, row) => {
                    if let Some(step) = timeline.show_newest(by, place, key, row) {
                        self.moved(&step);
                    }
                }
                view => {
                    if let Some(step) = timeline.show(by, place, key, view) {
                        self.moved(&step);
                    }
                }
            }
        }
    }

    // Lent and not handed on, because a step is wide.
    #[inline(never)]
    fn moved(&mut self, step: &Moved) {
        let Self { timeline, checks, measures, book, .. } = self;
        checks.moved(timeline, step, book);
        if let Some(measures) = measures {
            measures.moved(timeline, step, book);
        }
    }

    #[inline(never)]
    fn applied(&mut self, by: ProcessId, sink: SinkId, key: &Key, write: WriteId) {
        let Some(place) = self.judged(sink) else { return };
        let Self { timeline, checks, measures, book, .. } = self;
        if timeline.sinks[place].form == SinkForm::Rows {
            return;
        }
        self.stirred = true;
        let step = timeline.apply(by, place, key, write);
        checks.applied(timeline, &step, book);
        if let Some(measures) = measures {
            measures.applied(timeline, &step, book);
        }
    }

    #[inline(never)]
    fn loaded(&mut self, place: usize) {
        if self.timeline.sinks[place].loaded.is_some() {
            return;
        }
        self.timeline.sinks[place].loaded = Some(self.timeline.now);
        self.stirred = true;
        if self.timeline.sinks[place].claims_all() {
            for key in 0..self.timeline.keys.len() {
                // Nobody asked for it: the sink says it by being complete.
                if let Some(step) = self.timeline.claim(ProcessId(u16::MAX), place, key as u32) {
                    self.moved(&step);
                }
            }
        }
        let Self { timeline, checks, measures, .. } = self;
        checks.loaded(timeline, place);
        if let Some(measures) = measures {
            measures.loaded(timeline, place);
        }
    }

    fn advance(&mut self, at: Time) {
        if at > self.timeline.now {
            if std::mem::take(&mut self.stirred) {
                self.instant_over();
            }
            self.timeline.now = at;
        }
    }

    /// Looks at what is to be looked at when a moment is over.
    pub(crate) fn end_instant(&mut self) {
        if std::mem::take(&mut self.stirred) {
            self.instant_over();
        }
    }

    #[inline(never)]
    fn instant_over(&mut self) {
        self.checks.instant_over(&self.timeline, &mut self.book);
        if let Some(measures) = &mut self.measures {
            measures.instant_over(&self.timeline, &mut self.book);
        }
    }

    #[inline]
    fn look(&mut self, at: Time, event: &Event) {
        self.advance(at);
        match event {
            Event::Began { by, transaction } => {
                self.evidence.overlaps += self.open;
                self.open += 1;
                self.timeline.begin(*by, *transaction);
            }
            Event::Committed { by, commit } => self.committed(*by, commit),
            Event::Aborted { by, transaction, .. } => {
                self.open = self.open.saturating_sub(1);
                self.timeline.abort(*by, *transaction);
            }
            Event::Shown { by, sink, keys } => self.shown(*by, *sink, keys),
            Event::Applied { by, sink, key, write } => self.applied(*by, *sink, key, *write),
            Event::Loaded { sink } => {
                if let Some(place) = self.judged(*sink) {
                    self.loaded(place);
                }
            }
            Event::Read(read) => {
                self.evidence.reads += 1;
                if self.judged(read.sink).is_some() {
                    self.checks.read(&self.timeline, read);
                    if let Some(measures) = &mut self.measures {
                        measures.read(&self.timeline, read);
                    }
                }
            }
            Event::Finished(operation) => {
                self.checks.finished(&self.timeline, operation);
                if let Some(measures) = &mut self.measures {
                    measures.finished(&self.timeline, operation);
                }
            }
            Event::Lifecycle { stage: stage @ (Stage::Lost | Stage::Restored), .. } => {
                self.stirred = true;
                if let Some(measures) = &mut self.measures {
                    measures.lag.source_is_lost(*stage == Stage::Lost);
                }
            }
            Event::Lifecycle { .. } => {}
            Event::Fault { fault, active, .. } => {
                self.stirred = true;
                if let Some(measures) = &mut self.measures {
                    measures.fault(&self.timeline, *fault, *active);
                }
            }
            Event::Milestone(Milestone::LoadEnded) => {
                self.timeline.load_ended = Some(self.timeline.now);
                if self.costed {
                    self.judgement.ledger_at_load_end = self.judgement.ledger.clone();
                }
                if let Some(measures) = &mut self.measures {
                    measures.load_ended(&self.timeline);
                }
            }
            Event::Milestone(Milestone::Quiescent) => self.timeline.quiescent = true,
            Event::Milestone(Milestone::GaveUp) => self.timeline.quiescent = false,
            // What it cost is a measure too.
            Event::Cost(_) if self.measures.is_none() => {}
            Event::Cost(ledger) => {
                self.costed = true;
                self.judgement.ledger.clone_from(ledger);
            }
        }
    }
}

impl Observer for Checker {
    fn observe(&mut self, at: Time, event: &Event) {
        if !self.backlog.is_empty() {
            self.catch_up();
        }
        self.look(at, event);
    }

    fn keep(&mut self, at: Time, event: Event) {
        self.backlog.push((at, event));
        if self.backlog.len() >= AT_ONCE {
            self.catch_up();
        }
    }
}
