//! Runs that are recorded one after the other and judged in one go.

use driftlab_check::{Checker, Judgement};
use driftlab_model::{History, Observer};
use std::cell::RefCell;
use std::rc::Rc;

/// So many events are recorded before they are judged: some runs of a small scenario, and never less than one.
const ROOM: usize = 256;

/// Runs of one stage, and what each of them is.
///
/// A world and the checks are more code than a processor keeps at hand. Where small runs and their verdicts take turns, each waits for its code at every turn;
/// a reel lets some runs follow one another, and then some verdicts.
pub struct Reel<T> {
    /// The events of all runs, one after the other.
    tape: Rc<RefCell<History>>,
    /// The runs, and where the events of each end.
    runs: Vec<(T, usize)>,
}

impl<T> Default for Reel<T> {
    fn default() -> Self {
        Self { tape: Rc::default(), runs: Vec::new() }
    }
}

impl<T> Reel<T> {
    /// Whoever is to be told of the next run.
    #[must_use]
    pub fn recorder(&self) -> Rc<RefCell<dyn Observer>> {
        self.tape.clone()
    }

    /// The run is over whose events were recorded last.
    pub fn cut(&mut self, run: T) {
        self.runs.push((run, self.tape.borrow().events.len()));
    }

    /// Whether it is time to judge.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.tape.borrow().events.len() >= ROOM
    }

    /// Judges the runs in their order, with a checker of their stage, and forgets them.
    pub fn judge(&mut self, checker: &mut Checker, mut see: impl FnMut(T, &Judgement)) {
        let events = &mut self.tape.borrow_mut().events;
        let mut begin = 0;
        for (run, end) in self.runs.drain(..) {
            checker.restart();
            for (at, event) in &events[begin..end] {
                checker.observe(*at, event);
            }
            see(run, checker.conclude());
            begin = end;
        }
        events.clear();
    }
}
