//! `not_a_prefix` and `non_monotonic`, for sinks that claim to be a copy of everything; and whether two such sinks ever differ.

use super::states::{Found, States};
use super::tracks::Tracks;
use super::witness::Witness;
use crate::anomaly::Anomaly;
use crate::casebook::{CaseNo, Casebook};
use crate::check::Check;
use crate::finding::Until;
use crate::judgement::Judgement;
use crate::level::{Level, Standing};
use crate::phrase::Phrases;
use crate::story::{Story, Told};
use crate::timeline::{CommitNo, Kind, Moved, Timeline, digest_of, share};
use driftlab_model::{Fingerprint, Time};

/// Compares whole states by their hashes.
#[derive(Default)]
pub(crate) struct Prefix {
    states: States,
    tracks: Tracks<Track>,
    dirty: bool,
    /// When two sinks first showed different states, and which.
    apart: Option<Apart>,
}

/// A sink that claims to be a copy of everything.
#[derive(Default)]
struct Track {
    sink: usize,
    hash: u128,
    position: CommitNo,
    dirty: bool,
    violation: Option<CaseNo>,
    /// Open steps backwards, and the position from which on any state makes them good.
    regressions: Vec<CaseNo>,
    mark: CommitNo,
}

struct Apart {
    since: Time,
    sinks: [(usize, CommitNo); 2],
}

/// A witness costs a look at every key, so only the first failures of a sink have one.
const WITNESSED: u64 = 3;

impl Check for Prefix {
    fn new(timeline: &Timeline) -> Self {
        let track = |sink| Track { sink, ..Track::default() };
        let tracks = Tracks::new(timeline, |sink| timeline.sinks[sink].claims_all(), track);
        let mut new = Self { tracks, ..Self::default() };
        new.restart(timeline);
        new
    }

    fn restart(&mut self, timeline: &Timeline) {
        self.states.restart(timeline.load_hash);
        self.dirty = false;
        self.apart = None;
        for track in self.tracks.iter_mut() {
            let is_loaded = timeline.sinks[track.sink].loaded.is_some();
            track.hash = if is_loaded { timeline.load_hash } else { 0 };
            (track.position, track.mark, track.dirty, track.violation) = (0, 0, false, None);
            track.regressions.clear();
        }
    }

    #[inline]
    fn committed(&mut self, timeline: &Timeline, _: CommitNo, _: &mut Casebook) {
        let hash = timeline.hash;
        self.states.push(hash);
        // What a sink showed too early, or too late, is a state of the source from now on.
        for track in self.tracks.iter_mut() {
            let is_wrong = track.violation.is_some() || !track.regressions.is_empty();
            if is_wrong && track.hash == hash {
                track.dirty = true;
                self.dirty = true;
            }
        }
    }

    #[inline]
    fn moved(&mut self, timeline: &Timeline, step: &Moved, _: &mut Casebook) {
        let Some(track) = self.tracks.get_mut(step.sink) else { return };
        let (before, after) = shares(timeline, step);
        track.hash = track.hash.wrapping_sub(before).wrapping_add(after);
        track.dirty = true;
        self.dirty = true;
    }

    fn loaded(&mut self, _: &Timeline, sink: usize) {
        if let Some(track) = self.tracks.get_mut(sink) {
            track.dirty = true;
            self.dirty = true;
        }
    }

    #[inline]
    fn instant_over(&mut self, timeline: &Timeline, book: &mut Casebook) {
        if std::mem::take(&mut self.dirty) {
            self.judge(timeline, book);
        }
    }

    fn fingerprint(&self, _: &Timeline, _: &Casebook, print: &mut Fingerprint<'_>) {
        for track in self.tracks.iter() {
            let open = [track.violation.is_some(), !track.regressions.is_empty()].map(u64::from);
            let mark = if track.regressions.is_empty() { 0 } else { u64::from(track.mark) };
            [open[0], open[1], u64::from(track.position), mark].into_iter().for_each(|word| print.word(word));
        }
    }

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, judgement: &mut Judgement) {
        self.instant_over(timeline, book);
        let Some(apart) = &self.apart else { return };
        let [(a, at), (b, other)] = apart.sinks;
        let phrases = Phrases { timeline };
        let sentence = format!(
            "at {} {} was at commit {at} and {} at commit {other}",
            apart.since,
            phrases.sink(a),
            phrases.sink(b)
        );
        for track in self.tracks.iter() {
            judgement.sinks[track.sink].ladder.standings[Level::Atomic as usize] =
                Standing::Broken(sentence.clone());
        }
    }
}

/// What a key adds to the hash of a sink's state, before and after a step.
#[inline]
pub(super) fn shares(timeline: &Timeline, step: &Moved) -> (u128, u128) {
    let digest = timeline.key(step.key).digest;
    let share_of = |state: crate::timeline::State, row: Option<&driftlab_model::Row>| match (state.kind, row)
    {
        (Kind::Row, _) => share(digest, timeline.version(state.exact).digest),
        (Kind::ForeignRow, Some(row)) => share(digest, digest_of(row)),
        _ => 0,
    };
    (
        share_of(step.before, step.row_before.as_ref()),
        share_of(step.after, timeline.slots[step.slot].row.as_ref()),
    )
}

impl Prefix {
    fn judge(&mut self, timeline: &Timeline, book: &mut Casebook) {
        for track in self.tracks.iter_mut() {
            if std::mem::take(&mut track.dirty) && timeline.sinks[track.sink].loaded.is_some() {
                track.judge(&mut self.states, timeline, book);
            }
        }
        self.compare(timeline);
    }

    /// Whether two sinks show different states now, and will for longer than no time.
    fn compare(&mut self, timeline: &Timeline) {
        if self.apart.is_some() || timeline.is_race {
            return;
        }
        let mut judged = self.tracks.iter().filter(|track| timeline.sinks[track.sink].loaded.is_some());
        let Some(first) = judged.next() else { return };
        if let Some(other) = judged.find(|track| track.hash != first.hash) {
            let sinks = [(first.sink, first.position), (other.sink, other.position)];
            self.apart = Some(Apart { since: timeline.now, sinks });
        }
    }
}

impl Track {
    fn judge(&mut self, states: &mut States, timeline: &Timeline, book: &mut Casebook) {
        let found = states.find(self.hash, self.position);
        if found == Found::Nowhere {
            if self.violation.is_none() {
                let is_early = book.tally(Some(self.sink), Anomaly::NotAPrefix).total < WITNESSED;
                let witness =
                    if is_early { Witness::find(timeline, self.sink, |_| true) } else { Witness::Whole };
                self.violation = Some(not_a_prefix(self.sink, witness, timeline.now, book));
            }
            return;
        }
        if let Some(case) = self.violation.take() {
            book.close(case, timeline.now);
        }
        match found {
            Found::At(position) => {
                self.position = position;
                // A state may recur: that it was the source's before the mark too does not keep it from being the one after.
                if !self.regressions.is_empty() && matches!(states.find(self.hash, self.mark), Found::At(_)) {
                    for case in self.regressions.drain(..) {
                        book.close(case, timeline.now);
                    }
                }
            }
            Found::Below(position) => {
                self.mark = self.mark.max(self.position);
                let backwards =
                    Backwards { sink: self.sink, from: self.position, to: position, at: timeline.now };
                self.regressions.push(backwards.open(book));
                self.position = position;
            }
            Found::Nowhere => {}
        }
    }
}

/// Opens a case of `not_a_prefix`.
pub(super) fn not_a_prefix(sink: usize, witness: Witness, at: Time, book: &mut Casebook) -> CaseNo {
    let story = Box::new(NeverWas { sink, witness, at });
    book.open(Anomaly::NotAPrefix, Some(sink), witness.key(), at, story)
}

struct NeverWas {
    sink: usize,
    witness: Witness,
    at: Time,
}

impl Story for NeverWas {
    fn tell(&self, phrases: &Phrases<'_>, until: Until) -> Told {
        let (witness, transactions, processes) = self.witness.tell(phrases, self.sink);
        let sentence = format!("{witness}; no prefix {}", phrases.lasting(self.at, until));
        Told { sentence, transactions, processes }
    }
}

/// A step backwards.
pub(super) struct Backwards {
    pub(super) sink: usize,
    pub(super) from: CommitNo,
    pub(super) to: CommitNo,
    pub(super) at: Time,
}

impl Backwards {
    pub(super) fn open(self, book: &mut Casebook) -> CaseNo {
        book.open(Anomaly::NonMonotonic, Some(self.sink), None, self.at, Box::new(self))
    }
}

impl Story for Backwards {
    fn tell(&self, phrases: &Phrases<'_>, until: Until) -> Told {
        let sentence = format!(
            "{} went back from commit {} to commit {}, {}",
            phrases.sink(self.sink),
            self.from,
            self.to,
            phrases.lasting(self.at, until)
        );
        Told { sentence, ..Told::default() }
    }
}
