//! `missed_change` and `duplicate_effect`: for sinks that keep every version, or add up.

use super::tracks::Tracks;
use crate::anomaly::Anomaly;
use crate::casebook::Casebook;
use crate::check::Check;
use crate::finding::Until;
use crate::judgement::Judgement;
use crate::phrase::Phrases;
use crate::story::{Story, Told};
use crate::timeline::{Applied, NO_VERSION, Timeline, VersionNo};
use driftlab_model::{Fingerprint, ProcessId, SinkForm, Time};

/// Counts how often each change was applied.
pub(crate) struct Effects {
    tracks: Tracks<Track>,
}

struct Track {
    sink: usize,
    /// By version.
    applied: Vec<bool>,
}

impl Check for Effects {
    fn new(timeline: &Timeline) -> Self {
        let keeps = |sink: usize| timeline.sinks[sink].served && timeline.sinks[sink].form != SinkForm::Rows;
        Self { tracks: Tracks::new(timeline, keeps, |sink| Track { sink, applied: Vec::new() }) }
    }

    fn restart(&mut self, _: &Timeline) {
        for track in self.tracks.iter_mut() {
            track.applied.clear();
        }
    }

    fn applied(&mut self, timeline: &Timeline, step: &Applied, book: &mut Casebook) {
        let Some(version) = step.version else { return };
        let Some(track) = self.tracks.get_mut(step.sink) else { return };
        if track.applied.len() < timeline.versions.len() {
            track.applied.resize(timeline.versions.len(), false);
        }
        let again = std::mem::replace(&mut track.applied[version as usize], true);
        // A first load may be tried more than once; what an attempt left is cleared before the next.
        if again && timeline.version(version).commit != 0 && timeline.sinks[step.sink].loaded.is_some() {
            let story = Twice { sink: step.sink, version, by: step.by, at: timeline.now };
            let sink = Some(step.sink);
            book.open(Anomaly::DuplicateEffect, sink, Some(step.key), timeline.now, Box::new(story));
        }
    }

    fn fingerprint(&self, _: &Timeline, _: &Casebook, print: &mut Fingerprint<'_>) {
        for track in self.tracks.iter() {
            let applied = (0..).zip(&track.applied).filter(|(_, applied)| **applied);
            applied.for_each(|(version, _)| print.word(version));
            print.word(u64::MAX);
        }
    }

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, _: &mut Judgement) {
        if !timeline.quiescent {
            return;
        }
        for track in self.tracks.iter_mut() {
            track.applied.resize(timeline.versions.len(), false);
            let first = timeline.commits[0].end;
            for version in first..timeline.versions.len() as VersionNo {
                let is_change = timeline.version(version).commit != 0;
                if is_change && !track.applied[version as usize] && !track.is_before_load(timeline, version) {
                    let (sink, key) = (Some(track.sink), Some(timeline.version(version).key));
                    let begin = timeline.commit_of(version).at;
                    let story = Box::new(Missed { sink: track.sink, version });
                    book.record(Anomaly::MissedChange, sink, key, (begin, Until::Permanent), story);
                }
            }
        }
    }
}

impl Track {
    /// Whether the change belongs to the time before the sink's first load, so that the load stands for it: the history of a sink that started
    /// empty begins with the versions that it loaded, and totals are loaded as they are.
    fn is_before_load(&self, timeline: &Timeline, version: VersionNo) -> bool {
        let sink = &timeline.sinks[self.sink];
        let joins = timeline.cast.sinks[self.sink].joins;
        // How much of the time before it holds of one that joined is a measure.
        if joins.is_some_and(|joins| timeline.commit_of(version).at < joins) {
            return true;
        }
        let started_empty = !timeline.cast.sinks[self.sink].preloaded;
        let is_early = sink.loaded.is_none_or(|loaded| timeline.commit_of(version).at <= loaded);
        if !started_empty || !is_early {
            return false;
        }
        if sink.form == SinkForm::Totals {
            return true;
        }
        let mut later = timeline.version(version).next;
        while later != NO_VERSION && !self.applied[later as usize] {
            later = timeline.version(later).next;
        }
        later != NO_VERSION
    }
}

struct Twice {
    sink: usize,
    version: VersionNo,
    by: ProcessId,
    at: Time,
}

impl Story for Twice {
    fn tell(&self, phrases: &Phrases<'_>, _: Until) -> Told {
        let version = phrases.version(self.version);
        let sentence = format!(
            "{}'s change of {} (commit {}) was applied to {} again by {} at {}",
            phrases.author(version.commit),
            phrases.key(version.key),
            version.commit,
            phrases.sink(self.sink),
            phrases.process(self.by),
            self.at,
        );
        let transactions = phrases.transactions(&[self.version]);
        let mut processes = vec![self.by];
        processes.extend(phrases.clients(&transactions).into_iter().filter(|by| *by != self.by));
        Told { sentence, transactions, processes }
    }
}

struct Missed {
    sink: usize,
    version: VersionNo,
}

impl Story for Missed {
    fn tell(&self, phrases: &Phrases<'_>, _: Until) -> Told {
        let version = phrases.version(self.version);
        let sentence = format!(
            "{}'s change of {} (commit {}, at {}) was never applied to {}",
            phrases.author(version.commit),
            phrases.key(version.key),
            version.commit,
            phrases.timeline.commit_of(self.version).at,
            phrases.sink(self.sink),
        );
        let transactions = phrases.transactions(&[self.version]);
        let processes = phrases.clients(&transactions);
        Told { sentence, transactions, processes }
    }
}
