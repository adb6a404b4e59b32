//! `broken_invariant`: a rule of the domain is false in what a store shows.

use crate::anomaly::Anomaly;
use crate::casebook::{CaseNo, Casebook};
use crate::check::Check;
use crate::finding::Until;
use crate::judgement::Judgement;
use crate::phrase::Phrases;
use crate::story::{Story, Told};
use crate::timeline::{CommitNo, Kind, Moved, Timeline};
use driftlab_model::{Fingerprint, Invariant, Time};

/// Follows every rule, at the source and in each sink that claims to be a copy of everything.
#[derive(Default)]
pub(crate) struct Invariants {
    rules: Vec<Box<dyn Invariant>>,
    stores: Vec<Followed>,
}

struct Followed {
    /// `None` for the source.
    sink: Option<usize>,
    rules: Vec<(Box<dyn Invariant>, Option<CaseNo>)>,
    dirty: bool,
}

impl Invariants {
    /// Follows these rules from now on; nothing must have happened yet.
    pub(crate) fn follow(&mut self, timeline: &Timeline, rules: Vec<Box<dyn Invariant>>) {
        self.rules = rules;
        self.restart(timeline);
    }
}

impl Check for Invariants {
    fn new(_: &Timeline) -> Self {
        Self::default()
    }

    fn restart(&mut self, timeline: &Timeline) {
        if self.rules.is_empty() {
            return;
        }
        self.stores.clear();
        let sinks = (0..timeline.sinks.len()).filter(|sink| timeline.sinks[*sink].claims_all()).map(Some);
        for sink in std::iter::once(None).chain(sinks) {
            let mut rules: Vec<_> = self.rules.iter().map(|rule| (rule.fresh(), None)).collect();
            for (number, key) in (0..).zip(&timeline.keys) {
                let is_shown = sink.is_none_or(|sink| timeline.slot(sink, number).state.kind == Kind::Row);
                if let Some(row) = key.row.as_ref().filter(|_| is_shown) {
                    rules.iter_mut().for_each(|(rule, _)| rule.change(&key.key, None, Some(row)));
                }
            }
            self.stores.push(Followed { sink, rules, dirty: true });
        }
    }

    #[inline]
    fn committed(&mut self, timeline: &Timeline, commit: CommitNo, _: &mut Casebook) {
        if let Some(source) = self.stores.first_mut() {
            source.committed(timeline, commit);
        }
    }

    #[inline]
    fn moved(&mut self, timeline: &Timeline, step: &Moved, _: &mut Casebook) {
        if let Some(store) = self.stores.iter_mut().find(|store| store.sink == Some(step.sink)) {
            store.moved(timeline, step);
        }
    }

    fn loaded(&mut self, _: &Timeline, sink: usize) {
        for store in self.stores.iter_mut().filter(|store| store.sink == Some(sink)) {
            store.dirty = true;
        }
    }

    #[inline]
    fn instant_over(&mut self, timeline: &Timeline, book: &mut Casebook) {
        if !self.stores.is_empty() {
            self.ask(timeline, book);
        }
    }

    fn fingerprint(&self, _: &Timeline, _: &Casebook, print: &mut Fingerprint<'_>) {
        // Whether a rule holds follows from the rows that are shown; where it does not, a case is open.
        for store in &self.stores {
            store.rules.iter().for_each(|(_, case)| print.word(u64::from(case.is_some())));
        }
    }

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, _: &mut Judgement) {
        self.instant_over(timeline, book);
    }
}

impl Followed {
    fn committed(&mut self, timeline: &Timeline, commit: CommitNo) {
        self.dirty = true;
        let first = timeline.commits[commit as usize].first;
        for (version, before) in (first..).zip(timeline.replaced.iter().flatten()) {
            let key = timeline.key(timeline.version(version).key);
            for (rule, _) in &mut self.rules {
                rule.change(&key.key, before.as_ref(), key.row.as_ref());
            }
        }
    }

    fn moved(&mut self, timeline: &Timeline, step: &Moved) {
        let (before, after) = (step.row_before.as_ref(), timeline.slots[step.slot].row.as_ref());
        if before.is_some() || after.is_some() {
            self.dirty = true;
            let key = &timeline.key(step.key).key;
            self.rules.iter_mut().for_each(|(rule, _)| rule.change(key, before, after));
        }
    }
}

impl Invariants {
    fn ask(&mut self, timeline: &Timeline, book: &mut Casebook) {
        for store in self.stores.iter_mut().filter(|store| store.dirty) {
            if store.sink.is_some_and(|sink| timeline.sinks[sink].loaded.is_none()) {
                continue;
            }
            store.dirty = false;
            for (rule, case) in &mut store.rules {
                match (rule.broken(), *case) {
                    (Some(how), None) => {
                        let story = Broken { sink: store.sink, rule: rule.name(), how, at: timeline.now };
                        let sink = store.sink;
                        *case = Some(book.open(
                            Anomaly::BrokenInvariant,
                            sink,
                            None,
                            timeline.now,
                            Box::new(story),
                        ));
                    }
                    (None, Some(open)) => {
                        book.close(open, timeline.now);
                        *case = None;
                    }
                    _ => {}
                }
            }
        }
    }
}

struct Broken {
    sink: Option<usize>,
    rule: &'static str,
    how: String,
    at: Time,
}

impl Story for Broken {
    fn tell(&self, phrases: &Phrases<'_>, until: Until) -> Told {
        let store = self.sink.map_or("the source", |sink| phrases.sink(sink));
        let lasting = phrases.lasting(self.at, until);
        let sentence = format!("\"{}\" does not hold in {store}: {}; {lasting}", self.rule, self.how);
        Told { sentence, ..Told::default() }
    }
}
