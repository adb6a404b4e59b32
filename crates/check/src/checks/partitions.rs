//! The level "partition-vector prefix": each partition of the log by itself is at some prefix.
//!
//! With one partition this is the prefix itself, and nothing is done here. With more, the first failure of a sink is its witness, and
//! nothing more is asked of that sink.

use super::intervals::{Common, Intervals};
use super::prefix::shares;
use super::states::{Found, States};
use super::tracks::Tracks;
use super::witness::Witness;
use crate::casebook::Casebook;
use crate::check::Check;
use crate::judgement::Judgement;
use crate::level::{Level, Standing};
use crate::phrase::Phrases;
use crate::timeline::{Changed, CommitNo, KeyNo, Moved, Outdated, Timeline};
use driftlab_model::Time;

/// Compares states partition by partition.
#[derive(Default)]
pub(crate) struct Partitions {
    count: u32,
    states: Vec<States>,
    loads: Vec<u128>,
    tracks: Tracks<Track>,
    /// The partitions that the commit under way has touched, with the hashes they come to.
    open: Vec<(u32, u128)>,
    /// Sinks and partitions that changed in this instant.
    changed: Vec<(usize, u32)>,
}

struct Track {
    sink: usize,
    content: Content,
    broken: Option<(Time, u32, Witness)>,
}

enum Content {
    /// A sink that claims everything: the hash of each partition, and the last position found, where the search begins.
    Whole(Vec<(u128, u32)>),
    /// A cache: what it holds of each partition.
    Held(Vec<Intervals>),
}

impl Check for Partitions {
    fn new(timeline: &Timeline) -> Self {
        let count = timeline.cast.partitions;
        if count <= 1 {
            return Self::default();
        }
        let mut loads = vec![0u128; count as usize];
        for key in &timeline.keys {
            let load = &mut loads[key.key.partition(count) as usize];
            *load = load.wrapping_add(timeline.share(key.base));
        }
        let track = |sink: usize| {
            let content = if timeline.sinks[sink].claims_all() {
                Content::Whole(Vec::new())
            } else {
                Content::Held((0..count).map(|_| Intervals::default()).collect())
            };
            Track { sink, content, broken: None }
        };
        let tracks = Tracks::new(timeline, |sink| timeline.sinks[sink].shows_rows(), track);
        let states = (0..count).map(|_| States::default()).collect();
        let mut new = Self { count, states, loads, tracks, ..Self::default() };
        new.restart(timeline);
        new
    }

    fn restart(&mut self, timeline: &Timeline) {
        for (states, load) in self.states.iter_mut().zip(&self.loads) {
            states.restart(*load);
        }
        self.open.clear();
        self.changed.clear();
        for track in self.tracks.iter_mut() {
            track.broken = None;
            let is_loaded = timeline.sinks[track.sink].loaded.is_some();
            match &mut track.content {
                Content::Whole(partitions) => {
                    partitions.clear();
                    partitions.extend(self.loads.iter().map(|load| (if is_loaded { *load } else { 0 }, 0)));
                }
                Content::Held(partitions) => partitions.iter_mut().for_each(Intervals::clear),
            }
        }
    }

    #[inline]
    fn outdated(&mut self, timeline: &Timeline, step: &Outdated, _: &mut Casebook) {
        if self.count > 1 {
            self.outdate(timeline, step);
        }
    }

    fn changed(&mut self, timeline: &Timeline, step: &Changed, _: &mut Casebook) {
        if self.count > 1 {
            self.follow_change(timeline, step);
        }
    }

    #[inline]
    fn committed(&mut self, timeline: &Timeline, commit: CommitNo, _: &mut Casebook) {
        if self.count > 1 {
            self.follow_commit(timeline, commit);
        }
    }

    #[inline]
    fn moved(&mut self, timeline: &Timeline, step: &Moved, _: &mut Casebook) {
        if self.count > 1 {
            self.follow_move(timeline, step);
        }
    }

    fn loaded(&mut self, _: &Timeline, sink: usize) {
        self.changed.extend((0..self.count).filter(|_| self.count > 1).map(|partition| (sink, partition)));
    }

    #[inline]
    fn instant_over(&mut self, timeline: &Timeline, _: &mut Casebook) {
        if !self.changed.is_empty() {
            self.judge(timeline);
        }
    }

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, judgement: &mut Judgement) {
        self.instant_over(timeline, book);
        let phrases = Phrases { timeline };
        for track in self.tracks.iter() {
            if let Some((at, partition, witness)) = track.broken {
                let (witness, ..) = witness.tell(&phrases, track.sink);
                let sentence = format!("at {at}, in partition {partition}: {witness}");
                judgement.sinks[track.sink].ladder.standings[Level::PartitionVectorPrefix as usize] =
                    Standing::Broken(sentence);
            }
        }
    }
}

impl Partitions {
    fn outdate(&mut self, timeline: &Timeline, step: &Outdated) {
        let partition = self.partition(timeline, step.key);
        if let Some(track) = self.tracks.get_mut(step.sink)
            && let Content::Held(held) = &mut track.content
            && held[partition as usize].outdated(timeline.last_commit(), step.key)
        {
            self.changed.push((step.sink, partition));
        }
    }

    fn follow_change(&mut self, timeline: &Timeline, step: &Changed) {
        let partition = self.partition(timeline, step.key);
        let Some(track) = self.tracks.get_mut(step.sink) else { return };
        match &mut track.content {
            Content::Held(held) => {
                if held[partition as usize].changed(timeline, step) {
                    self.changed.push((step.sink, partition));
                }
            }
            // What was shown too early may be a state of the source now.
            Content::Whole(_) if step.changes => self.changed.push((step.sink, partition)),
            Content::Whole(_) => {}
        }
    }

    fn follow_commit(&mut self, timeline: &Timeline, commit: CommitNo) {
        let entry = timeline.commits[commit as usize];
        for number in entry.first..entry.end {
            let version = timeline.version(number);
            let partition = self.partition(timeline, version.key);
            let change = timeline.share(number).wrapping_sub(timeline.share(version.previous));
            match self.open.iter_mut().find(|(open, _)| *open == partition) {
                Some((_, hash)) => *hash = hash.wrapping_add(change),
                None => {
                    let newest = self.states[partition as usize].newest();
                    self.open.push((partition, newest.wrapping_add(change)));
                }
            }
        }
        for (partition, hash) in self.open.drain(..) {
            self.states[partition as usize].push(hash);
        }
    }

    fn follow_move(&mut self, timeline: &Timeline, step: &Moved) {
        let partition = self.partition(timeline, step.key);
        let Some(track) = self.tracks.get_mut(step.sink) else { return };
        match &mut track.content {
            Content::Whole(partitions) => {
                let (before, after) = shares(timeline, step);
                let hash = &mut partitions[partition as usize].0;
                *hash = hash.wrapping_sub(before).wrapping_add(after);
            }
            Content::Held(held) => {
                held[partition as usize].moved(timeline, step.key, step.before, step.after);
            }
        }
        if track.broken.is_none() {
            self.changed.push((step.sink, partition));
        }
    }

    fn judge(&mut self, timeline: &Timeline) {
        while let Some((sink, partition)) = self.changed.pop() {
            let Some(track) = self.tracks.get_mut(sink) else { continue };
            if track.broken.is_some() || timeline.sinks[sink].loaded.is_none() {
                continue;
            }
            let is_prefix = match &mut track.content {
                Content::Whole(partitions) => {
                    let (hash, from) = &mut partitions[partition as usize];
                    match self.states[partition as usize].find(*hash, *from) {
                        Found::At(position) | Found::Below(position) => {
                            *from = position;
                            true
                        }
                        Found::Nowhere => false,
                    }
                }
                Content::Held(held) => held[partition as usize].common(timeline, sink) != Common::Nothing,
            };
            if !is_prefix {
                let count = self.count;
                let wanted = |key: KeyNo| timeline.key(key).key.partition(count) == partition;
                track.broken = Some((timeline.now, partition, Witness::find(timeline, sink, wanted)));
            }
        }
    }

    fn partition(&self, timeline: &Timeline, key: KeyNo) -> u32 {
        // A key's digest is at hand already; this is what `Key::partition` makes of it.
        ((u128::from(timeline.key(key).digest) * u128::from(self.count)) >> 64) as u32
    }
}
