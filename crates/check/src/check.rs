//! What a check is.

use crate::casebook::Casebook;
use crate::judgement::Judgement;
use crate::timeline::{Applied, Changed, CommitNo, Moved, Outdated, Timeline};
use driftlab_model::{Fingerprint, Operation, Read, TransactionId};

/// A check or a measure: it follows the steps of a timeline and tells the casebook what is wrong, or the judgement what it measured.
///
/// The timeline has always taken a step already when a check hears of it; the step says what was there before. A commit comes as one
/// `outdated` or `changed` for each of its versions and served sink, then one `committed`. What is true only for no time at all cannot be seen by a
/// reader, so whatever looks at a sink's state as a whole waits for `instant_over`: it comes when time is about to move on, with
/// `timeline.now` still the moment that is over. `conclude` comes last and once.
///
/// Checks are called without dynamic dispatch, so a step in which a check takes no interest costs nothing.
pub(crate) trait Check {
    /// A check of a history that has not begun.
    fn new(timeline: &Timeline) -> Self;
    /// Begins anew with the same cast, and keeps its memory.
    fn restart(&mut self, timeline: &Timeline);

    /// A version became the current one of its key, of which a sink showed the version before, a row, and goes on showing that.
    fn outdated(&mut self, _timeline: &Timeline, _step: &Outdated, _book: &mut Casebook) {}
    /// A version became the current one of its key, of which a sink shows anything else.
    fn changed(&mut self, _timeline: &Timeline, _step: &Changed, _book: &mut Casebook) {}
    /// A commit is complete.
    fn committed(&mut self, _timeline: &Timeline, _commit: CommitNo, _book: &mut Casebook) {}
    /// A transaction committed and changed nothing.
    fn committed_empty(&mut self, _timeline: &Timeline, _transaction: TransactionId, _book: &mut Casebook) {}
    /// A sink shows something new of a key.
    fn moved(&mut self, _timeline: &Timeline, _step: &Moved, _book: &mut Casebook) {}
    /// A sink that keeps versions or totals applied an effect.
    fn applied(&mut self, _timeline: &Timeline, _step: &Applied, _book: &mut Casebook) {}
    /// A sink has its first complete load.
    fn loaded(&mut self, _timeline: &Timeline, _sink: usize) {}
    /// A client read a key through a served sink.
    fn read(&mut self, _timeline: &Timeline, _read: &Read) {}
    /// A client's operation ended.
    fn finished(&mut self, _timeline: &Timeline, _operation: &Operation) {}
    /// A fault began or ended.
    fn fault(&mut self, _timeline: &Timeline, _fault: u16, _active: bool) {}
    /// The clients stopped.
    fn load_ended(&mut self, _timeline: &Timeline) {}
    /// Time is about to move on.
    fn instant_over(&mut self, _timeline: &Timeline, _book: &mut Casebook) {}
    /// Takes in what it remembers beyond the timeline, as far as it decides what it will find.
    fn fingerprint(&self, _timeline: &Timeline, _book: &Casebook, _print: &mut Fingerprint<'_>) {}
    /// The history is over.
    fn conclude(&mut self, _timeline: &Timeline, _book: &mut Casebook, _judgement: &mut Judgement) {}
}
