//! The casebook: every anomaly is counted, and the ones worth telling are kept.

use crate::anomaly::{ANOMALIES, Anomaly};
use crate::finding::Until;
use crate::judgement::Tally;
use crate::story::Story;
use crate::timeline::KeyNo;
use driftlab_model::Time;

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
    sinks: usize,
    open: Vec<Option<Case>>,
    free: Vec<u32>,
    touched: bool,
}

impl Casebook {
    pub(crate) fn new(sinks: usize) -> Self {
        let mut book = Self { sinks, ..Self::default() };
        book.shelves.resize_with((sinks + 1) * ANOMALIES.len(), Shelf::default);
        book
    }

    pub(crate) fn restart(&mut self) {
        if !std::mem::take(&mut self.touched) {
            return;
        }
        for shelf in &mut self.shelves {
            shelf.tally = Tally::default();
            shelf.closed.clear();
        }
        self.open.clear();
        self.free.clear();
    }

    fn shelf(&mut self, sink: Option<usize>, anomaly: Anomaly) -> &mut Shelf {
        let row = sink.unwrap_or(self.sinks);
        &mut self.shelves[row * ANOMALIES.len() + anomaly as usize]
    }

    /// How often an anomaly was seen in a sink.
    pub(crate) fn tally(&self, sink: Option<usize>, anomaly: Anomaly) -> Tally {
        self.shelves[sink.unwrap_or(self.sinks) * ANOMALIES.len() + anomaly as usize].tally
    }

    /// Whether there is any case.
    pub(crate) fn is_empty(&self) -> bool {
        !self.touched
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
        self.touched = true;
        let tally = &mut self.shelf(sink, anomaly).tally;
        tally.total += 1;
        let ordinal = tally.total;
        let case = Case { anomaly, sink, key, begin, until: Until::Unknown, story, ordinal };
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
        let number = self.open(anomaly, sink, key, begin, story);
        if let Some(case) = self.open[number.0 as usize].take() {
            self.free.push(number.0);
            self.shelve(case, until);
        }
    }

    fn shelve(&mut self, mut case: Case, until: Until) {
        case.until = until;
        let shelf = self.shelf(case.sink, case.anomaly);
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

    /// Ends all cases that are still open and hands over what is worth telling, by the time it began.
    pub(crate) fn finish(&mut self, quiescent: bool) -> Vec<Case> {
        if !self.touched {
            return Vec::new();
        }
        let until = if quiescent { Until::Permanent } else { Until::Unknown };
        for case in std::mem::take(&mut self.open).into_iter().flatten() {
            self.shelve(case, until);
        }
        self.free.clear();
        let mut kept = Vec::new();
        for shelf in &mut self.shelves {
            thin(&mut shelf.closed);
            kept.append(&mut shelf.closed);
        }
        kept.sort_by_key(|case| (case.begin, case.sink, case.anomaly, case.ordinal));
        kept
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
