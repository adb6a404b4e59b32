//! The checker: follows a history as it happens and says what it showed.

use crate::anomaly::ANOMALIES;
use crate::casebook::Casebook;
use crate::check::Check;
use crate::checks::Checks;
use crate::distribution::Distribution;
use crate::finding::Finding;
use crate::judgement::{Evidence, Judgement, OverTime, Silent, SinkJudgement, Tally, WriterMeasures};
use crate::level::{LEVELS, Ladder, Standing};
use crate::measures::Measures;
use crate::phrase::Phrases;
use crate::standings;
use crate::timeline::Timeline;
use driftlab_model::{
    Cast, Commit, Event, Invariant, Ledger, Milestone, Observer, ProcessId, SinkForm, SinkId, Time,
};

/// Follows a history online and judges it.
///
/// Make one with the history's cast, let it observe every event, and ask for the judgement once. After that begin anew with
/// [`Checker::restart`] or [`Checker::reset`].
pub struct Checker {
    timeline: Timeline,
    checks: Checks,
    measures: Option<Measures>,
    book: Casebook,
    judgement: Judgement,
    evidence: Evidence,
    open: u64,
    /// Whether anything happened in this instant that is to be looked at when it is over.
    stirred: bool,
    /// Whether anybody has said what it cost.
    costed: bool,
}

impl Checker {
    /// A checker of a history with this cast.
    #[must_use]
    pub fn new(cast: &Cast) -> Self {
        let timeline = Timeline::new(cast);
        Self {
            checks: Checks::new(&timeline),
            measures: Some(Measures::new(&timeline)),
            book: Casebook::new(cast.sinks.len()),
            judgement: blank(cast),
            evidence: Evidence::default(),
            open: 0,
            stirred: true,
            costed: false,
            timeline,
        }
    }

    /// Also judges by these rules. Nothing must have been observed yet.
    #[must_use]
    pub fn with_invariants(mut self, invariants: Vec<Box<dyn Invariant>>) -> Self {
        self.checks.invariants.follow(&self.timeline, invariants);
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

    /// Begins anew with another cast; the invariants stay.
    pub fn reset(&mut self, cast: &Cast) {
        let invariants = std::mem::take(&mut self.checks.invariants);
        let measures = self.measures.is_some();
        *self = Self::new(cast);
        self.checks.invariants = invariants;
        self.checks.invariants.restart(&self.timeline);
        if !measures {
            self.measures = None;
            self.timeline.is_race = true;
        }
    }

    /// Begins anew with the same cast, and keeps all memory. Costs as much as the last history changed, however much was loaded.
    pub fn restart(&mut self) {
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
        wipe(&mut self.judgement);
    }

    /// The judgement of the history that was observed. To be asked for once.
    pub fn finish(&mut self) -> Judgement {
        self.conclude();
        let blank = blank(&self.timeline.cast);
        std::mem::replace(&mut self.judgement, blank)
    }

    /// The judgement of the history that was observed, lent instead of given away: nothing is allocated where nothing was found.
    /// To be asked for once.
    pub fn conclude(&mut self) -> &Judgement {
        let Self { timeline, checks, measures, book, judgement, evidence, .. } = self;
        checks.conclude(timeline, book, judgement);
        if let Some(measures) = measures {
            measures.conclude(timeline, book, judgement);
        }
        judgement.evidence = *evidence;
        judgement.quiescent = timeline.quiescent;
        judgement.ended = timeline.now;
        judgement.load_ended = timeline.load_ended.unwrap_or(timeline.now);
        let phrases = Phrases { timeline };
        for case in book.finish(timeline.quiescent) {
            let told = case.story.tell(&phrases, case.until);
            judgement.findings.push(Finding {
                anomaly: case.anomaly,
                sink: case.sink.map(|sink| SinkId(sink as u8)),
                key: case.key.map(|key| timeline.key(key).key.clone()),
                transactions: told.transactions,
                processes: told.processes,
                begin: case.begin,
                until: case.until,
                sentence: told.sentence,
            });
        }
        for (place, judged) in judgement.sinks.iter_mut().enumerate().filter(|(_, judged)| judged.served) {
            if !book.is_empty() {
                for (entry, tally) in ANOMALIES.iter().zip(&mut judged.tallies) {
                    *tally = book.tally(Some(place), entry.anomaly);
                }
            }
            standings::complete(timeline, book, &judgement.findings, place, judged);
        }
        &self.judgement
    }

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
        let entry = timeline.commits[number as usize];
        for version in entry.first..entry.end {
            for sink in 0..timeline.sinks.len() {
                if timeline.sinks[sink].served {
                    let step = timeline.settle(sink, version);
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

    fn loaded(&mut self, place: usize) {
        let Self { timeline, checks, measures, book, .. } = self;
        if timeline.sinks[place].loaded.is_some() {
            return;
        }
        timeline.sinks[place].loaded = Some(timeline.now);
        self.stirred = true;
        if timeline.sinks[place].claims_all() {
            for key in 0..timeline.keys.len() {
                // Nobody asked for it: the sink says it by being complete.
                if let Some(step) = timeline.claim(ProcessId(u16::MAX), place, key as u32) {
                    checks.moved(timeline, &step, book);
                    if let Some(measures) = measures {
                        measures.moved(timeline, &step, book);
                    }
                }
            }
        }
        checks.loaded(timeline, place);
        if let Some(measures) = measures {
            measures.loaded(timeline, place);
        }
    }

    fn advance(&mut self, at: Time) {
        if at > self.timeline.now {
            if std::mem::take(&mut self.stirred) {
                self.checks.instant_over(&self.timeline, &mut self.book);
                if let Some(measures) = &mut self.measures {
                    measures.instant_over(&self.timeline, &mut self.book);
                }
            }
            self.timeline.now = at;
        }
    }
}

impl Observer for Checker {
    fn observe(&mut self, at: Time, event: &Event) {
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
            Event::Shown { by, sink, keys } => {
                let Some(place) = self.judged(*sink) else { return };
                let Self { timeline, checks, measures, book, .. } = self;
                if timeline.sinks[place].form != SinkForm::Rows {
                    return;
                }
                self.stirred = true;
                for shown in keys {
                    if let Some(step) = timeline.show(*by, place, &shown.key, &shown.view) {
                        checks.moved(timeline, &step, book);
                        if let Some(measures) = measures {
                            measures.moved(timeline, &step, book);
                        }
                    }
                }
            }
            Event::Applied { by, sink, key, write } => {
                let Some(place) = self.judged(*sink) else { return };
                let Self { timeline, checks, measures, book, .. } = self;
                if timeline.sinks[place].form == SinkForm::Rows {
                    return;
                }
                self.stirred = true;
                let step = timeline.apply(*by, place, key, *write);
                checks.applied(timeline, &step, book);
                if let Some(measures) = measures {
                    measures.applied(timeline, &step, book);
                }
            }
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

fn blank(cast: &Cast) -> Judgement {
    let sinks = cast.sinks.iter().zip(0..).map(|(sink, number)| SinkJudgement {
        sink: SinkId(number),
        name: sink.name.clone(),
        kind: sink.kind,
        served: sink.served,
        tallies: vec![Tally::default(); ANOMALIES.len()],
        freshness: Distribution::default(),
        never_shown: 0,
        staleness: OverTime::default(),
        divergent: OverTime::default(),
        divergent_at_end: 0,
        read_staleness: Distribution::default(),
        read_versions_behind: Vec::new(),
        freshness_score: Distribution::default(),
        silent: Silent::default(),
        recoveries: Vec::new(),
        ladder: Ladder { standings: standings_of(sink.served) },
        fresh_within: None,
        series: Vec::new(),
    });
    Judgement {
        writer: WriterMeasures::default(),
        sinks: sinks.collect(),
        findings: Vec::new(),
        ledger: Ledger::default(),
        ledger_at_load_end: Ledger::default(),
        quiescent: false,
        load_ended: Time::ZERO,
        ended: Time::ZERO,
        evidence: Evidence::default(),
    }
}

/// Every level counts as held until a check says otherwise.
fn standings_of(served: bool) -> Vec<Standing> {
    let standing = if served { Standing::Held } else { Standing::Unknown("the strategy does not serve it") };
    vec![standing; LEVELS.len()]
}

/// Makes a judgement blank again, and keeps its memory.
fn wipe(judgement: &mut Judgement) {
    judgement.writer = WriterMeasures::default();
    for judged in judgement.sinks.iter_mut().filter(|judged| judged.served) {
        if !judgement.findings.is_empty() {
            judged.tallies.fill(Tally::default());
        }
        judged.divergent_at_end = 0;
        if judged.silent.divergences > 0 {
            judged.silent = Silent::default();
        }
        for standing in &mut judged.ladder.standings {
            *standing = Standing::Held;
        }
    }
    judgement.findings.clear();
}
