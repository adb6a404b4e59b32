//! The casebook: every anomaly is counted, and the ones worth telling are kept.

use crate::anomaly::{ANOMALIES, Anomaly};
use crate::finding::Until;
use crate::judgement::Tally;
use crate::story::Story;
use crate::timeline::KeyNo;
use driftlab_model::{Fingerprint, Time};

/// How many of the first cases of a sink and anomaly are kept.
const FIRST: u64 = 10;
/// How many are kept in all: beside the first the permanent, and then the longest.
const KEPT: usize = 20;

/// An open case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CaseNo(u32);

/// A case that may come to be told.
pub(crate) struct Case {
    pub(crate) anomaly: Anomaly,
    /// The sink's place; `None` for the source.
    pub(crate) sink: Option<usize>,
    pub(crate) key: Option<KeyNo>,
    pub(crate) begin: Time,
    pub(crate) until: Until,
    pub(crate) story: Box<dyn Story>,
    /// The how many-th of its sink and anomaly it is.
    ordinal: u64,
}

#[derive(Default)]
struct Shelf {
    tally: Tally,
    closed: Vec<Case>,
}

/// All cases of a run.
#[derive(Default)]
pub(crate) struct Casebook {
    /// One shelf for each sink (the source is the last) and anomaly.
    shelves: Vec<Shelf>,
    /// The shelves that hold anything, in the order of their first cases. Most runs use few or none, and runs are many.
    used: Vec<usize>,
    sinks: usize,
    open: Vec<Option<Case>>,
    free: Vec<u32>,
    /// What is worth telling, once the run is over.
    kept: Vec<Case>,
}

impl Casebook {
    pub(crate) fn new(sinks: usize) -> Self {
        let mut book = Self { sinks, ..Self::default() };
        book.shelves.resize_with((sinks + 1) * ANOMALIES.len(), Shelf::default);
        book
    }

    pub(crate) fn restart(&mut self) {
        for place in self.used.drain(..) {
            let shelf = &mut self.shelves[place];
            shelf.tally = Tally::default();
            shelf.closed.clear();
        }
        self.open.clear();
        self.free.clear();
        self.kept.clear();
    }

    fn place(&self, sink: Option<usize>, anomaly: Anomaly) -> usize {
        sink.unwrap_or(self.sinks) * ANOMALIES.len() + anomaly as usize
    }

    /// How often an anomaly was seen in a sink.
    pub(crate) fn tally(&self, sink: Option<usize>, anomaly: Anomaly) -> Tally {
        self.shelves[self.place(sink, anomaly)].tally
    }

    /// How often each anomaly was seen, with the sink (`None` for the source); those that were not seen are left out.
    pub(crate) fn tallies(&self) -> impl Iterator<Item = (Option<usize>, Anomaly, Tally)> {
        self.used.iter().map(|&place| {
            let sink = Some(place / ANOMALIES.len()).filter(|sink| *sink < self.sinks);
            (sink, ANOMALIES[place % ANOMALIES.len()].anomaly, self.shelves[place].tally)
        })
    }

    /// Takes in what was found: of each sink and anomaly, whether a case is over, and whether one is open.
    pub(crate) fn fingerprint(&self, print: &mut Fingerprint<'_>) {
        let mut found = 0u128;
        for &place in &self.used {
            let is_of = |case: &&Case| self.place(case.sink, case.anomaly) == place;
            let open = self.open.iter().flatten().filter(is_of).count() as u64;
            let mut part = print.part();
            let is_over = self.shelves[place].tally.total > open;
            [place as u64, u64::from(is_over), u64::from(open > 0)]
                .into_iter()
                .for_each(|word| part.word(word));
            found = found.wrapping_add(part.value());
        }
        print.sum(found);
    }

    /// Takes in what an open case is.
    pub(crate) fn print_case(&self, case: CaseNo, print: &mut Fingerprint<'_>) {
        if let Some(case) = &self.open[case.0 as usize] {
            print.word(1 + self.place(case.sink, case.anomaly) as u64);
        }
    }

    /// Whether there is any case.
    pub(crate) fn is_empty(&self) -> bool {
        self.used.is_empty()
    }

    /// Opens a case: the anomaly is there now, and it is not known until when.
    pub(crate) fn open(
        &mut self,
        anomaly: Anomaly,
        sink: Option<usize>,
        key: Option<KeyNo>,
        begin: Time,
        story: Box<dyn Story>,
    ) -> CaseNo {
        let case = self.count(anomaly, sink, key, begin, story);
        match self.free.pop() {
            Some(free) => {
                self.open[free as usize] = Some(case);
                CaseNo(free)
            }
            None => {
                self.open.push(Some(case));
                CaseNo(self.open.len() as u32 - 1)
            }
        }
    }

    /// The anomaly of an open case is over.
    pub(crate) fn close(&mut self, number: CaseNo, at: Time) {
        if let Some(case) = self.open[number.0 as usize].take() {
            self.free.push(number.0);
            self.shelve(case, Until::Healed(at));
        }
    }

    /// Puts a case in that is known from its beginning to its end.
    pub(crate) fn record(
        &mut self,
        anomaly: Anomaly,
        sink: Option<usize>,
        key: Option<KeyNo>,
        (begin, until): (Time, Until),
        story: Box<dyn Story>,
    ) {
        let case = self.count(anomaly, sink, key, begin, story);
        self.shelve(case, until);
    }

    fn count(
        &mut self,
        anomaly: Anomaly,
        sink: Option<usize>,
        key: Option<KeyNo>,
        begin: Time,
        story: Box<dyn Story>,
    ) -> Case {
        let place = self.place(sink, anomaly);
        let tally = &mut self.shelves[place].tally;
        if tally.total == 0 {
            self.used.push(place);
        }
        tally.total += 1;
        Case { anomaly, sink, key, begin, until: Until::Unknown, story, ordinal: tally.total }
    }

    fn shelve(&mut self, mut case: Case, until: Until) {
        case.until = until;
        let place = self.place(case.sink, case.anomaly);
        let shelf = &mut self.shelves[place];
        match until {
            Until::Permanent => shelf.tally.permanent += 1,
            Until::Healed(at) => shelf.tally.longest = shelf.tally.longest.max(at - case.begin),
            Until::Unknown => {}
        }
        shelf.closed.push(case);
        // Thinned in batches, so that a case costs no sorting.
        if shelf.closed.len() >= 4 * KEPT {
            thin(&mut shelf.closed);
        }
    }

    /// Ends all cases that are still open and gives what is worth telling, by the time it began.
    pub(crate) fn finish(&mut self, quiescent: bool) -> &[Case] {
        let until = if quiescent { Until::Permanent } else { Until::Unknown };
        let mut open = std::mem::take(&mut self.open);
        for case in open.drain(..).flatten() {
            self.shelve(case, until);
        }
        self.open = open;
        self.free.clear();
        for &place in &self.used {
            let closed = &mut self.shelves[place].closed;
            thin(closed);
            self.kept.append(closed);
        }
        self.kept.sort_unstable_by_key(|case| (case.begin, case.sink, case.anomaly, case.ordinal));
        &self.kept
    }

    /// What was found to be worth telling when the run was over.
    pub(crate) fn kept(&self) -> &[Case] {
        &self.kept
    }
}

/// Keeps the first, then the permanent, then the longest.
fn thin(cases: &mut Vec<Case>) {
    if cases.len() > KEPT {
        cases.sort_by_key(|case| (case.ordinal > FIRST, rank(case), case.ordinal));
        cases.truncate(KEPT);
    }
}

fn rank(case: &Case) -> (u8, std::cmp::Reverse<u64>) {
    match case.until {
        Until::Permanent => (0, std::cmp::Reverse(0)),
        Until::Unknown => (1, std::cmp::Reverse(0)),
        Until::Healed(at) => (2, std::cmp::Reverse((at - case.begin).nanos())),
    }
}
