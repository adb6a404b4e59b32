//! What a checker remembers, as a fingerprint: two histories with one fingerprint are judged alike from there on.

use crate::check::Check;
use crate::checker::Checker;
use driftlab_model::Fingerprint;

impl Checker {
    /// Takes in everything of the past that the verdict on the future depends on, and what has been found already: which anomalies healed, and which are there now.
    /// The moment must be over: nothing else happens in it.
    ///
    /// When something happened is left out, because no anomaly depends on it but by order; so are measures and the ladder. It is for races
    /// ([`Checker::anomalies_only`]), and for histories that are equal in what the source committed, and in what order: that is told by whoever asks.
    pub fn fingerprint(&mut self, print: &mut Fingerprint<'_>) {
        self.catch_up();
        self.end_instant();
        self.timeline.fingerprint(print);
        self.checks.fingerprint(&self.timeline, &self.book, print);
        self.book.fingerprint(print);
    }
}
