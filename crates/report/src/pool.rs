//! What one strategy showed in one sink, added up over all seeds.

use driftlab_check::{
    ANOMALIES, Audit, Distribution, Joining, Ladder, OverTime, Recovery, SeriesPoint, Silent, SinkJudgement,
    Tally,
};
use driftlab_lab::{Run, StrategyResult};
use driftlab_model::{Span, Time};

/// One sink of one strategy over all seeds: distributions merged, counts added, extremes kept, ladders joined.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Whether the strategy serves the sink; otherwise nothing below means anything.
    pub served: bool,
    /// How often each anomaly was seen, in the order of the registry.
    pub tallies: Vec<Tally>,
    /// The freshness lag of each change that came to be shown.
    pub freshness: Distribution,
    /// Changes never shown by quiescence.
    pub never_shown: u64,
    /// Staleness: the mean of the runs, weighted by how long their clients wrote, and the largest.
    pub staleness: OverTime,
    /// Divergent keys, in the same way.
    pub divergent: OverTime,
    /// Divergent keys at the end of the worst run.
    pub divergent_at_end: u64,
    /// The staleness that readers met.
    pub read_staleness: Distribution,
    /// How many reads were how many versions behind, from 0; the last entry holds all that were further behind.
    pub read_versions_behind: Vec<u64>,
    /// HATtrick's freshness score of each read.
    pub freshness_score: Distribution,
    /// How long permanent divergences stayed unnoticed.
    pub silent: Silent,
    /// Recoveries, run by run.
    pub recoveries: Vec<Recovery>,
    /// How it fared as a newcomer, run by run.
    pub joinings: Vec<Joining>,
    /// What held in all runs; `None` where there was none.
    pub ladder: Option<Ladder>,
    /// The longest staleness outside of declared faults.
    pub fresh_within: Option<Span>,
    /// The series of the first run, which charts draw.
    pub series: Vec<SeriesPoint>,
    /// When the clients of the first run stopped.
    pub load_ended: Time,
}

impl Pool {
    /// The pool of a strategy's sink, by the sink's place in the scenario.
    #[must_use]
    pub fn of(strategy: &StrategyResult, sink: usize) -> Self {
        let mut pool = Self {
            served: false,
            tallies: vec![Tally::default(); ANOMALIES.len()],
            freshness: Distribution::default(),
            never_shown: 0,
            staleness: OverTime::default(),
            divergent: OverTime::default(),
            divergent_at_end: 0,
            read_staleness: Distribution::default(),
            read_versions_behind: Vec::new(),
            freshness_score: Distribution::default(),
            silent: Silent::default(),
            recoveries: Vec::new(),
            joinings: Vec::new(),
            ladder: None,
            fresh_within: None,
            series: Vec::new(),
            load_ended: Time::ZERO,
        };
        let mut weight = 0.0;
        for run in &strategy.runs {
            if let Some(judged) = run.judgement.sinks.get(sink).filter(|judged| judged.served) {
                if !pool.served {
                    pool.series.clone_from(&judged.series);
                    pool.load_ended = run.judgement.load_ended;
                }
                pool.served = true;
                pool.add(run, judged, &mut weight);
            }
        }
        pool
    }

    fn add(&mut self, run: &Run, judged: &SinkJudgement, weight: &mut f64) {
        for (ours, theirs) in self.tallies.iter_mut().zip(&judged.tallies) {
            *ours += *theirs;
        }
        self.freshness.merge(&judged.freshness);
        self.never_shown += judged.never_shown;
        let seconds = run.judgement.load_ended.seconds();
        *weight += seconds;
        let share = if *weight > 0.0 { seconds / *weight } else { 1.0 };
        blend(&mut self.staleness, judged.staleness, share);
        blend(&mut self.divergent, judged.divergent, share);
        self.divergent_at_end = self.divergent_at_end.max(judged.divergent_at_end);
        self.read_staleness.merge(&judged.read_staleness);
        let longest = self.read_versions_behind.len().max(judged.read_versions_behind.len());
        self.read_versions_behind.resize(longest, 0);
        for (ours, theirs) in self.read_versions_behind.iter_mut().zip(&judged.read_versions_behind) {
            *ours += theirs;
        }
        self.freshness_score.merge(&judged.freshness_score);
        self.silent.divergences += judged.silent.divergences;
        add_audit(&mut self.silent.row_count, &judged.silent.row_count);
        add_audit(&mut self.silent.checksum, &judged.silent.checksum);
        add_audit(&mut self.silent.updated_at, &judged.silent.updated_at);
        self.recoveries.extend(&judged.recoveries);
        self.joinings.extend(judged.joining.clone());
        self.ladder = Some(match &self.ladder {
            Some(ladder) => ladder.and(&judged.ladder),
            None => judged.ladder.clone(),
        });
        self.fresh_within = self.fresh_within.max(judged.fresh_within);
    }
}

/// Blends a run's mean into a running mean, of which it is to be this share.
fn blend(ours: &mut OverTime, theirs: OverTime, share: f64) {
    ours.mean += (theirs.mean - ours.mean) * share;
    ours.max = ours.max.max(theirs.max);
}

fn add_audit(ours: &mut Audit, theirs: &Audit) {
    ours.noticed.merge(&theirs.noticed);
    ours.never += theirs.never;
}
