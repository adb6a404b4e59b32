//! Sinks that join a run: how far back what they hold reaches, what it took to fill them, and how the others fared meanwhile.

use crate::casebook::Casebook;
use crate::check::Check;
use crate::judgement::{Held, Joining, Judgement, Past};
use crate::timeline::{Applied, CommitNo, KeyNo, Moved, NO_VERSION, Timeline, VersionNo};
use driftlab_model::{Chronicle, Commit, EveryChange, Fact, SinkForm, Time};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Follows what each newcomer was given, against all that it could have been given.
pub(crate) struct Newcomers {
    chronicle: Rc<dyn Chronicle>,
    newcomers: Vec<Newcomer>,
    /// What happened, in the order of commits: each fact of a commit once.
    facts: Vec<(CommitNo, Fact)>,
    /// The fact that a version tells, by version.
    of_version: Vec<u32>,
}

struct Newcomer {
    sink: usize,
    joins: Time,
    /// Whether it keeps what it is given, or shows the newest of it.
    keeps: bool,
    /// By version.
    given: Vec<bool>,
    /// Changes that it took until it had its first complete load, and since.
    taken: u64,
    taken_to_load: Option<u64>,
}

/// The fact of a version that tells none.
const NO_FACT: u32 = u32::MAX;

impl Newcomers {
    /// Measures by this view from now on; nothing must have happened yet.
    pub(crate) fn follow(&mut self, chronicle: Rc<dyn Chronicle>) {
        self.chronicle = chronicle;
    }

    /// Hears of a commit, which the timeline has taken in.
    #[inline]
    pub(crate) fn heard(&mut self, timeline: &Timeline, number: CommitNo, commit: &Commit) {
        if !self.newcomers.is_empty() {
            self.tell(timeline, number, commit);
        }
    }

    fn tell(&mut self, timeline: &Timeline, number: CommitNo, commit: &Commit) {
        let entry = timeline.commits[number as usize];
        let own = self.facts.len();
        self.of_version.resize(entry.first as usize, NO_FACT);
        for change in &commit.changes {
            let fact = self.chronicle.tell(change).map_or(NO_FACT, |fact| {
                let known = self.facts[own..].iter().position(|(_, known)| *known == fact);
                let place = known.map_or(self.facts.len(), |place| own + place);
                if known.is_none() {
                    self.facts.push((number, fact));
                }
                place as u32
            });
            self.of_version.push(fact);
        }
    }

    fn fact(&self, version: VersionNo) -> Option<usize> {
        self.of_version.get(version as usize).filter(|fact| **fact != NO_FACT).map(|fact| *fact as usize)
    }
}

impl Check for Newcomers {
    fn new(timeline: &Timeline) -> Self {
        let joins = timeline.cast.sinks.iter().enumerate().filter(|(_, sink)| sink.served);
        let newcomers = joins.filter_map(|(sink, cast)| {
            let keeps = cast.form == SinkForm::Versions;
            let joins = cast.joins?;
            Some(Newcomer { sink, joins, keeps, given: Vec::new(), taken: 0, taken_to_load: None })
        });
        Self {
            chronicle: Rc::new(EveryChange),
            newcomers: newcomers.collect(),
            facts: Vec::new(),
            of_version: Vec::new(),
        }
    }

    fn restart(&mut self, _: &Timeline) {
        self.facts.clear();
        self.of_version.clear();
        for newcomer in &mut self.newcomers {
            newcomer.given.clear();
            (newcomer.taken, newcomer.taken_to_load) = (0, None);
        }
    }

    #[inline]
    fn moved(&mut self, _: &Timeline, step: &Moved, _: &mut Casebook) {
        if let Some(newcomer) = self.newcomers.iter_mut().find(|newcomer| newcomer.sink == step.sink) {
            newcomer.taken += 1;
        }
    }

    fn applied(&mut self, _: &Timeline, step: &Applied, _: &mut Casebook) {
        let Some(newcomer) = self.newcomers.iter_mut().find(|newcomer| newcomer.sink == step.sink) else {
            return;
        };
        newcomer.taken += 1;
        if let Some(version) = step.version {
            let needed = version as usize + 1;
            if newcomer.given.len() < needed {
                newcomer.given.resize(needed, false);
            }
            newcomer.given[version as usize] = true;
        }
    }

    fn loaded(&mut self, _: &Timeline, sink: usize) {
        for newcomer in self.newcomers.iter_mut().filter(|newcomer| newcomer.sink == sink) {
            newcomer.taken_to_load = Some(newcomer.taken);
        }
    }

    fn conclude(&mut self, timeline: &Timeline, _: &mut Casebook, judgement: &mut Judgement) {
        for newcomer in &self.newcomers {
            let loaded = timeline.sinks[newcomer.sink].loaded;
            // Who watched how the others fared has said so already.
            let joining = judgement.sinks[newcomer.sink].joining.get_or_insert_with(Joining::default);
            joining.joined = newcomer.joins;
            joining.loaded = loaded;
            joining.taken = newcomer.taken_to_load.unwrap_or(newcomer.taken);
            joining.past = newcomer.keeps.then(|| self.past(timeline, newcomer));
        }
    }
}

impl Newcomers {
    /// What a newcomer that keeps history holds of it.
    fn past(&self, timeline: &Timeline, newcomer: &Newcomer) -> Past {
        let mut known = vec![false; self.facts.len()];
        for (version, given) in (0..).zip(&newcomer.given) {
            if let Some(fact) = self.fact(version).filter(|_| *given) {
                known[fact] = true;
            }
        }
        let mut past = Past { subjects_name: self.chronicle.subjects(), ..Past::default() };
        let mut subjects: BTreeMap<u64, bool> = BTreeMap::new();
        let mut last_missing = None;
        for (&(commit, fact), &known) in self.facts.iter().zip(&known) {
            let at = timeline.commits[commit as usize].at;
            if at >= newcomer.joins {
                past.since.count(known);
                continue;
            }
            past.before.count(known);
            *subjects.entry(fact.subject).or_insert(true) &= known;
            if !known {
                last_missing = Some(at);
            }
        }
        for is_whole in subjects.into_values() {
            past.subjects.count(is_whole);
        }
        past.reach = newcomer.joins - last_missing.unwrap_or(Time::ZERO);
        past.is_whole = last_missing.is_none();
        for key in 0..timeline.keys.len() as KeyNo {
            if let Some(version) = self.standing(timeline, newcomer, key) {
                let mut later = version;
                while later != NO_VERSION && !newcomer.given.get(later as usize).is_some_and(|given| *given) {
                    later = timeline.version(later).next;
                }
                past.standing.count(later != NO_VERSION);
            }
        }
        past
    }

    /// The version of a key that was a row when a sink joined, where what happened before had made it so.
    fn standing(&self, timeline: &Timeline, newcomer: &Newcomer, key: KeyNo) -> Option<VersionNo> {
        let mut version = timeline.key(key).current;
        while version != NO_VERSION && timeline.commit_of(version).at >= newcomer.joins {
            version = timeline.version(version).previous;
        }
        let is_row = version != NO_VERSION && timeline.version(version).digest != 0;
        (is_row && self.fact(version).is_some()).then_some(version)
    }
}

impl Held {
    fn count(&mut self, is_held: bool) {
        self.of += 1;
        self.held += u64::from(is_held);
    }
}
