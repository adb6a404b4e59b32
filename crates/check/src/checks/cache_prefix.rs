//! `not_a_prefix` and `non_monotonic`, for caches.
//!
//! A cache claims nothing of the keys that it does not hold, so its state cannot be looked up as a whole. But each shown version was the
//! source's from its own commit to before the next one's, and a state of the source that looks like the cache exists exactly if all these
//! intervals have a position in common: the latest beginning lies before the earliest end.

use super::intervals::{Common, Intervals};
use super::prefix::{Backwards, not_a_prefix};
use super::tracks::Tracks;
use super::witness::Witness;
use crate::casebook::{CaseNo, Casebook};
use crate::check::Check;
use crate::judgement::Judgement;
use crate::timeline::{Changed, CommitNo, Moved, Outdated, Timeline};
use driftlab_model::Fingerprint;

/// Follows what caches hold.
pub(crate) struct CachePrefix {
    tracks: Tracks<Track>,
    dirty: bool,
}

#[derive(Default)]
struct Track {
    sink: usize,
    held: Intervals,
    dirty: bool,
    violation: Option<CaseNo>,
    regression: Option<CaseNo>,
    /// A position that the cache has surely reached.
    reached: CommitNo,
}

impl Check for CachePrefix {
    fn new(timeline: &Timeline) -> Self {
        let is_cache = |sink: usize| timeline.sinks[sink].shows_rows() && !timeline.sinks[sink].claims_all();
        let track = |sink| Track { sink, ..Track::default() };
        Self { tracks: Tracks::new(timeline, is_cache, track), dirty: false }
    }

    fn restart(&mut self, _: &Timeline) {
        self.dirty = false;
        for track in self.tracks.iter_mut() {
            track.held.clear();
            (track.dirty, track.violation, track.regression, track.reached) = (false, None, None, 0);
        }
    }

    #[inline]
    fn outdated(&mut self, timeline: &Timeline, step: &Outdated, _: &mut Casebook) {
        if let Some(track) = self.tracks.get_mut(step.sink)
            && track.held.outdated(timeline.last_commit(), step.key)
        {
            track.dirty = true;
            self.dirty = true;
        }
    }

    fn changed(&mut self, timeline: &Timeline, step: &Changed, _: &mut Casebook) {
        if let Some(track) = self.tracks.get_mut(step.sink)
            && track.held.changed(timeline, step)
        {
            track.dirty = true;
            self.dirty = true;
        }
    }

    #[inline]
    fn moved(&mut self, timeline: &Timeline, step: &Moved, _: &mut Casebook) {
        if let Some(track) = self.tracks.get_mut(step.sink) {
            track.held.moved(timeline, step.key, step.before, step.after);
            track.dirty = true;
            self.dirty = true;
        }
    }

    fn loaded(&mut self, _: &Timeline, _: usize) {
        // What was shown before the first load was complete is judged now.
        self.dirty = true;
    }

    #[inline]
    fn instant_over(&mut self, timeline: &Timeline, book: &mut Casebook) {
        if std::mem::take(&mut self.dirty) {
            self.judge(timeline, book);
        }
    }

    fn fingerprint(&self, _: &Timeline, _: &Casebook, print: &mut Fingerprint<'_>) {
        for track in self.tracks.iter() {
            let open = [track.violation.is_some(), track.regression.is_some()].map(u64::from);
            [open[0], open[1], u64::from(track.reached)].into_iter().for_each(|word| print.word(word));
        }
    }

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, _: &mut Judgement) {
        self.instant_over(timeline, book);
    }
}

impl CachePrefix {
    fn judge(&mut self, timeline: &Timeline, book: &mut Casebook) {
        for track in self.tracks.iter_mut().filter(|track| track.dirty) {
            if timeline.sinks[track.sink].loaded.is_some() {
                track.dirty = false;
                track.judge(timeline, book);
            }
        }
    }
}

impl Track {
    fn judge(&mut self, timeline: &Timeline, book: &mut Casebook) {
        let Common::Positions(first, last) = self.held.common(timeline, self.sink) else {
            if self.violation.is_none() {
                let witness = match self.held.impossible() {
                    0 => self.held.witness(timeline, self.sink),
                    _ => Witness::find(timeline, self.sink, |_| true),
                };
                self.violation = Some(not_a_prefix(self.sink, witness, timeline.now, book));
            }
            return;
        };
        if let Some(case) = self.violation.take() {
            book.close(case, timeline.now);
        }
        // The cache is at some position from `first` to before `last`. It has gone back for sure only if all of them lie below what it had reached.
        match last {
            Some(last) if last <= self.reached => {
                if self.regression.is_none() {
                    let backwards =
                        Backwards { sink: self.sink, from: self.reached, to: last - 1, at: timeline.now };
                    self.regression = Some(backwards.open(book));
                }
            }
            _ => {
                self.reached = self.reached.max(first);
                if let Some(case) = self.regression.take() {
                    book.close(case, timeline.now);
                }
            }
        }
    }
}
