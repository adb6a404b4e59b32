//! Lateness: the freshness lag of each change, staleness and divergence over time, recovery from faults, and lag without bound.

use super::gauge::{Gauge, Level};
use super::growth::{Grew, Growth};
use super::recovery::Recoveries;
use crate::anomaly::Anomaly;
use crate::casebook::Casebook;
use crate::check::Check;
use crate::finding::Until;
use crate::judgement::{Joining, Judgement, Meanwhile};
use crate::phrase::Phrases;
use crate::recorder::Recorder;
use crate::story::{Story, Told};
use crate::timeline::{Applied, Changed, Moved, NO_VERSION, Outdated, Timeline, VersionNo};
use driftlab_model::{Read, SinkId, Time};
use std::collections::BTreeMap;

/// Follows how late each sink is.
#[derive(Default)]
pub(crate) struct Lag {
    sinks: Vec<SinkLag>,
    /// How many targets of each fault are struck now.
    struck: BTreeMap<u16, u32>,
    /// Whether the source has lost its state: a copy that has nothing to be fresh against has not recovered.
    is_source_lost: bool,
    /// The sinks that are still to join, with the moments; the last is the next.
    to_join: Vec<(Time, usize)>,
}

#[derive(Default)]
struct SinkLag {
    served: bool,
    /// When it joins: what was changed before is not late.
    joins: Time,
    freshness: Recorder,
    freshness_score: Recorder,
    /// Changes that are not shown yet.
    unshown: u64,
    /// When a change last came to be shown.
    caught_up: Option<Time>,
    /// No change before this one is unshown.
    oldest: VersionNo,
    gauge: Gauge,
    growth: Growth,
    recoveries: Recoveries,
    /// Whether its level may have changed in this instant.
    stirred: bool,
}

impl Check for Lag {
    fn new(timeline: &Timeline) -> Self {
        let sinks = timeline.cast.sinks.iter().map(|sink| SinkLag {
            served: sink.served,
            joins: sink.joins.unwrap_or(Time::ZERO),
            ..SinkLag::default()
        });
        let mut new = Self {
            sinks: sinks.collect(),
            struck: BTreeMap::new(),
            is_source_lost: false,
            to_join: Vec::new(),
        };
        new.restart(timeline);
        new
    }

    fn restart(&mut self, timeline: &Timeline) {
        self.struck.clear();
        self.is_source_lost = false;
        for (lag, sink) in self.sinks.iter_mut().zip(&timeline.sinks) {
            // What was loaded is no change, so nothing of it is unshown.
            let oldest = timeline.commits[0].end;
            *lag = SinkLag { served: lag.served, joins: lag.joins, oldest, ..SinkLag::default() };
            if sink.loaded.is_some() {
                lag.gauge.begin(Time::ZERO);
            }
        }
        self.to_join.clear();
        let newcomers = timeline.cast.sinks.iter().enumerate().filter(|(_, sink)| sink.served);
        self.to_join.extend(newcomers.filter_map(|(place, sink)| Some((sink.joins?, place))));
        self.to_join.sort_unstable_by(|a, b| b.cmp(a));
    }

    #[inline]
    fn outdated(&mut self, timeline: &Timeline, step: &Outdated, _: &mut Casebook) {
        let lag = &mut self.sinks[step.sink];
        lag.unshown += u64::from(timeline.now >= lag.joins);
        lag.stirred = true;
    }

    fn changed(&mut self, timeline: &Timeline, step: &Changed, _: &mut Casebook) {
        let lag = &mut self.sinks[step.sink];
        lag.unshown += u64::from(timeline.now >= lag.joins);
        lag.mark(timeline, step.marked);
    }

    #[inline]
    fn moved(&mut self, timeline: &Timeline, step: &Moved, _: &mut Casebook) {
        self.sinks[step.sink].mark(timeline, step.marked);
    }

    #[inline]
    fn applied(&mut self, timeline: &Timeline, step: &Applied, _: &mut Casebook) {
        self.sinks[step.sink].mark(timeline, step.marked);
    }

    fn loaded(&mut self, timeline: &Timeline, sink: usize) {
        let lag = &mut self.sinks[sink];
        if !lag.gauge.has_begun() {
            lag.gauge.begin(timeline.now);
        }
        if timeline.cast.sinks[sink].joins.is_some() {
            self.join(timeline.now);
            for other in &mut self.sinks {
                other.gauge.flush(timeline.now, &mut other.recoveries);
                other.recoveries.watched(sink);
            }
        }
    }

    fn read(&mut self, timeline: &Timeline, read: &Read) {
        let sink = usize::from(read.sink.0);
        let lag = &mut self.sinks[sink];
        if lag.served && lag.gauge.has_begun() {
            if lag.stirred {
                lag.settle(timeline, sink);
            }
            lag.freshness_score.record(lag.gauge.level().staleness(read.started));
        }
    }

    fn fault(&mut self, timeline: &Timeline, fault: u16, active: bool) {
        let struck = self.struck.entry(fault).or_default();
        let was = *struck;
        *struck = if active { was + 1 } else { was.saturating_sub(1) };
        let is = *struck;
        for lag in self.sinks.iter_mut().filter(|lag| lag.served) {
            if was == 0 && is > 0 {
                lag.gauge.flush(timeline.now, &mut lag.recoveries);
                lag.recoveries.begin(fault, timeline.now, lag.gauge.distribution.quantile(0.99));
            } else if was > 0 && is == 0 {
                lag.gauge.flush(timeline.now, &mut lag.recoveries);
                lag.recoveries.end(fault, timeline.now);
            }
        }
    }

    #[inline]
    fn instant_over(&mut self, timeline: &Timeline, _: &mut Casebook) {
        if !self.to_join.is_empty() {
            self.join(timeline.now);
        }
        for (sink, lag) in self.sinks.iter_mut().enumerate() {
            if lag.stirred {
                lag.settle(timeline, sink);
            }
            if lag.recoveries.any_open() {
                lag.gauge.flush(timeline.now, &mut lag.recoveries);
                if !self.is_source_lost {
                    lag.recoveries.look(lag.gauge.level(), timeline.now);
                }
            }
        }
    }

    fn load_ended(&mut self, timeline: &Timeline) {
        for lag in self.sinks.iter_mut().filter(|lag| lag.served) {
            lag.gauge.end_load(timeline.now, &mut lag.recoveries);
        }
    }

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, judgement: &mut Judgement) {
        self.instant_over(timeline, book);
        let load_ended = timeline.load_ended.unwrap_or(timeline.now);
        for (sink, lag) in self.sinks.iter_mut().enumerate().filter(|(_, lag)| lag.served) {
            lag.gauge.end_load(timeline.now, &mut lag.recoveries);
            let judged = &mut judgement.sinks[sink];
            judged.freshness = lag.freshness.take();
            judged.freshness_score = lag.freshness_score.take();
            judged.never_shown = lag.unshown;
            judged.caught_up = lag.caught_up;
            (judged.staleness, judged.divergent) = lag.gauge.over_load();
            judged.recoveries = lag.recoveries.judged(timeline.now);
            judged.fresh_within = lag.gauge.has_begun().then_some(lag.gauge.fresh_within);
            judged.series = lag.gauge.series.points(timeline.now);
            for (newcomer, _) in
                timeline.cast.sinks.iter().enumerate().filter(|(_, sink)| sink.joins.is_some())
            {
                if let Some((before, staleness_max)) = lag.recoveries.seen(newcomer) {
                    let joining = judgement.sinks[newcomer].joining.get_or_insert_with(Joining::default);
                    joining.meanwhile.push(Meanwhile { sink: SinkId(sink as u8), before, staleness_max });
                }
            }
            let half = Time::from_nanos(load_ended.nanos() / 2);
            if let Some(grew) = lag.growth.judge(load_ended)
                && !lag.recoveries.touch(half, load_ended)
            {
                let time = (half, Until::Healed(load_ended));
                book.record(Anomaly::UnboundedLag, Some(sink), None, time, Box::new(Growing { sink, grew }));
            }
        }
    }
}

impl Lag {
    /// The source has lost its state, or has it back.
    pub(crate) fn source_is_lost(&mut self, is_lost: bool) {
        self.is_source_lost = is_lost;
    }

    /// Watches the others from when a sink has joined.
    fn join(&mut self, now: Time) {
        while let Some((joins, newcomer)) = self.to_join.pop_if(|(joins, _)| *joins <= now) {
            for (place, other) in self.sinks.iter_mut().enumerate() {
                if place != newcomer && other.served && other.gauge.has_begun() {
                    other.gauge.flush(joins, &mut other.recoveries);
                    other.recoveries.watch(newcomer, other.gauge.distribution.quantile(0.99));
                }
            }
        }
    }
}

impl SinkLag {
    /// The versions of a key after one and up to another came to be shown, if there are any.
    #[inline]
    fn mark(&mut self, timeline: &Timeline, (from, to): (VersionNo, VersionNo)) {
        self.stirred = true;
        if from < to {
            self.shown(timeline, from, to);
        }
    }

    fn shown(&mut self, timeline: &Timeline, from: VersionNo, to: VersionNo) {
        let mut at = from;
        self.caught_up = Some(timeline.now);
        while at < to {
            at = timeline.version(at).next;
            if at == NO_VERSION {
                break;
            }
            let committed = timeline.commit_of(at).at;
            if committed < self.joins {
                continue;
            }
            let lag = timeline.now - committed;
            self.freshness.record(lag);
            self.growth.add(committed, lag);
            self.unshown -= 1;
        }
    }

    /// Tells the gauge how late the sink is after the steps of this instant; what was true between them was so for no time.
    #[inline]
    fn settle(&mut self, timeline: &Timeline, sink: usize) {
        self.stirred = false;
        if self.unshown == 0 {
            self.oldest = timeline.versions.len() as VersionNo;
        }
        let oldest = self.oldest(timeline, sink);
        let level = Level { oldest, divergent: timeline.sinks[sink].divergent, unshown: self.unshown };
        self.gauge.set(timeline.now, level, &mut self.recoveries);
    }

    /// When the oldest change committed that is not shown.
    #[inline]
    fn oldest(&mut self, timeline: &Timeline, sink: usize) -> Time {
        let sinks = timeline.sinks.len();
        for version in &timeline.versions[self.oldest as usize..] {
            let is_unshown = timeline.slots[version.key as usize * sinks + sink].marked < self.oldest;
            if version.commit != 0 && is_unshown && timeline.commits[version.commit as usize].at >= self.joins
            {
                return timeline.commits[version.commit as usize].at;
            }
            self.oldest += 1;
        }
        Time::NEVER
    }
}

struct Growing {
    sink: usize,
    grew: Grew,
}

impl Story for Growing {
    fn tell(&self, phrases: &Phrases<'_>, _: Until) -> Told {
        let Grew { slope, before, after } = self.grew;
        let sentence = format!(
            "{} fell behind by {:.0} ms in every second: at most {before} late in the first quarter of the load, at least {after} in the last",
            phrases.sink(self.sink),
            slope * 1e3,
        );
        Told { sentence, ..Told::default() }
    }
}
