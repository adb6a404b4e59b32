//! The staleness that readers met, in time and in versions.

use crate::casebook::Casebook;
use crate::check::Check;
use crate::judgement::Judgement;
use crate::recorder::Recorder;
use crate::timeline::{NO_VERSION, Timeline};
use driftlab_model::{Read, Span};

/// The last entry of the counts stands for all that were further behind.
const MOST_BEHIND: usize = 20;

/// Judges each read by its key alone.
pub(crate) struct Reads {
    sinks: Vec<(Recorder, Vec<u64>)>,
}

impl Check for Reads {
    fn new(timeline: &Timeline) -> Self {
        Self { sinks: timeline.sinks.iter().map(|_| (Recorder::default(), Vec::new())).collect() }
    }

    fn restart(&mut self, _: &Timeline) {
        for (staleness, behind) in &mut self.sinks {
            staleness.clear();
            behind.clear();
        }
    }

    fn read(&mut self, timeline: &Timeline, read: &Read) {
        let place = usize::from(read.sink.0);
        if !timeline.sinks[place].shows_rows() || timeline.sinks[place].loaded.is_none() {
            return;
        }
        let mut first_newer = NO_VERSION;
        if let Some(number) = timeline.find(&read.key) {
            let key = timeline.key(number);
            let seen = match &read.row {
                Some(row) => match timeline.version_of(number, row) {
                    Some(version) => version,
                    // What is not committed is not older than anything.
                    None => return,
                },
                // Nobody can tell one absence from another, so the newest speaks for the sink.
                None => key.last_absence,
            };
            first_newer = if seen == NO_VERSION { key.base } else { timeline.version(seen).next };
        }
        let (staleness, behind) = &mut self.sinks[place];
        let mut versions = 0;
        let mut at = first_newer;
        let committed_before = |version| timeline.commit_of(version).at < read.started;
        while at != NO_VERSION && committed_before(at) && versions < MOST_BEHIND {
            versions += 1;
            at = timeline.version(at).next;
        }
        let lag = if versions == 0 { Span::ZERO } else { timeline.now - timeline.commit_of(first_newer).at };
        staleness.record(lag);
        if behind.len() <= versions {
            behind.resize(versions + 1, 0);
        }
        behind[versions] += 1;
    }

    fn conclude(&mut self, _: &Timeline, _: &mut Casebook, judgement: &mut Judgement) {
        for ((staleness, behind), judged) in self.sinks.iter_mut().zip(&mut judgement.sinks) {
            judged.read_staleness = staleness.take();
            judged.read_versions_behind = std::mem::take(behind);
        }
    }
}
