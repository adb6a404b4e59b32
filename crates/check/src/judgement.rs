//! The judgement of one run: every measure, every finding, the ladder. Reports read these and nothing else.

use crate::anomaly::{ANOMALIES, Anomaly};
use crate::distribution::Distribution;
use crate::finding::Finding;
use crate::level::Ladder;
use driftlab_model::{Ledger, SinkId, SinkKind, Span, Time};
use std::ops::AddAssign;

/// What one run of one strategy showed.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// How the clients fared at the source.
    pub writer: WriterMeasures,
    /// How each sink fared, in the order of the scenario.
    pub sinks: Vec<SinkJudgement>,
    /// How often each anomaly was seen in the source itself, in the order of [`ANOMALIES`].
    pub source: Vec<Tally>,
    /// The findings, at most some per sink and anomaly, the first and the longest kept; tallies count all.
    pub findings: Vec<Finding>,
    /// What it cost at quiescence.
    pub ledger: Ledger,
    /// What it had cost when the clients stopped.
    pub ledger_at_load_end: Ledger,
    /// Whether the run came to quiescence; otherwise nothing can be called permanent.
    pub quiescent: bool,
    /// When the clients stopped.
    pub load_ended: Time,
    /// When the run ended.
    pub ended: Time,
    /// How much there was to judge by.
    pub evidence: Evidence,
}

/// How much there was to judge by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Transactions committed.
    pub commits: u64,
    /// Row changes committed.
    pub row_changes: u64,
    /// Pairs of transactions that were open at the same time.
    pub overlaps: u64,
    /// Reads through sinks.
    pub reads: u64,
}

/// How the clients fared at the source.
#[derive(Clone, Debug, Default)]
pub struct WriterMeasures {
    /// From the intended start of a write to its end, those that were done.
    pub latency: Distribution,
    /// Writes done.
    pub done: u64,
    /// Writes refused, rollbacks that the client wanted not counted.
    pub refused: u64,
    /// Writes whose outcome nobody knows.
    pub unknown: u64,
    /// Writes done a second of the load.
    pub throughput: f64,
}

/// How one sink fared.
#[derive(Clone, Debug)]
pub struct SinkJudgement {
    /// The sink.
    pub sink: SinkId,
    /// Its name in the scenario.
    pub name: String,
    /// Its kind.
    pub kind: SinkKind,
    /// Whether the strategy serves it; otherwise nothing below means anything.
    pub served: bool,
    /// How often each anomaly was seen, in the order of [`ANOMALIES`].
    pub tallies: Vec<Tally>,
    /// The freshness lag of each change that came to be shown.
    pub freshness: Distribution,
    /// Changes never shown by quiescence.
    pub never_shown: u64,
    /// When the last of the changes that came to be shown was shown: with the load's end behind it, the moment at which the work was done.
    pub caught_up: Option<Time>,
    /// Staleness over time, from the first complete load to the end of the clients' load.
    pub staleness: OverTime,
    /// The number of divergent keys over time, over the same window.
    pub divergent: OverTime,
    /// Divergent keys at the end of the run.
    pub divergent_at_end: u64,
    /// The staleness that readers met: time since the first unseen version of the key they read.
    pub read_staleness: Distribution,
    /// The same in versions: how many reads were how many versions behind, from 0; the last entry holds all that were further behind.
    pub read_versions_behind: Vec<u64>,
    /// HATtrick's freshness score of each read: its start minus the commit of the first transaction that the sink did not show.
    pub freshness_score: Distribution,
    /// How long permanent divergences stayed unnoticed.
    pub silent: Silent,
    /// Recovery from each fault window.
    pub recoveries: Vec<Recovery>,
    /// How it fared on every level of the ladder.
    pub ladder: Ladder,
    /// The longest staleness outside of declared faults: the `D` of `fresh(D)`.
    pub fresh_within: Option<Span>,
    /// Staleness and divergent keys over the run, thinned to at most a few hundred points.
    pub series: Vec<SeriesPoint>,
    /// How it fared as a newcomer, where it joined the run.
    pub joining: Option<Joining>,
}

/// How a sink fared that joined a run, empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joining {
    /// When it joined.
    pub joined: Time,
    /// When it had its first complete load.
    pub loaded: Option<Time>,
    /// Changes that it was given until then.
    pub taken: u64,
    /// What it holds of history; `None` where it shows the newest row of each key and nothing else.
    pub past: Option<Past>,
    /// How the other sinks fared from when it joined until its first complete load.
    pub meanwhile: Vec<Meanwhile>,
}

/// What a sink that joined a run holds, at its end, of what had happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Whose history it is: `customers`.
    pub subjects_name: &'static str,
    /// From the last thing before it joined that is missing until it joined: as far back as this it knows everything.
    pub reach: Span,
    /// Whether nothing is missing, so that it reaches back to the beginning.
    pub is_whole: bool,
    /// What had happened before it joined.
    pub before: Held,
    /// What has happened since.
    pub since: Held,
    /// Those to whom something had happened before: it holds all of it.
    pub subjects: Held,
    /// Rows that were there when it joined because of what had happened: it has them, or what became of them.
    pub standing: Held,
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How many it holds.
    pub held: u64,
    /// Of how many.
    pub of: u64,
}

/// How another sink fared while one was filled that had joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meanwhile {
    /// The other.
    pub sink: SinkId,
    /// The p99 of its staleness before.
    pub before: Span,
    /// Its most staleness meanwhile.
    pub staleness_max: Span,
}

/// How often an anomaly was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often it began.
    pub total: u64,
    /// How many of those were still there at quiescence.
    pub permanent: u64,
    /// The longest that healed.
    pub longest: Span,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.total += other.total;
        self.permanent += other.permanent;
        self.longest = self.longest.max(other.longest);
    }
}

/// A quantity over time, integrated exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OverTime {
    /// The time-weighted mean; seconds for staleness, keys for divergence.
    pub mean: f64,
    /// The largest.
    pub max: f64,
}

/// For how long permanent divergences stayed unnoticed by an audit that runs all the time: from the beginning of each divergence to the
/// first moment at which the audit would notice it.
#[derive(Clone, Debug, Default)]
pub struct Silent {
    /// Permanent divergences.
    pub divergences: u64,
    /// An audit that compares row counts: a missing row hides behind a ghost row.
    pub row_count: Audit,
    /// An audit that compares checksums of the content.
    pub checksum: Audit,
    /// An audit that looks up each source row's `updated_at` in the sink: blind to rows that only the sink has.
    pub updated_at: Audit,
}

/// What an audit notices.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// How long until it noticed, for those that it noticed.
    pub noticed: Distribution,
    /// How many it never noticed.
    pub never: u64,
}

/// Recovery from a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovery {
    /// The fault, by its place in the scenario.
    pub fault: u16,
    /// When its window began.
    pub began: Time,
    /// When its window ended.
    pub ended: Time,
    /// From its end until staleness was below the p99 from before it; `None` where that never happened.
    pub took: Option<Span>,
    /// The most staleness from its beginning to the recovery.
    pub staleness_max: Span,
    /// The most changes that waited to be shown, from its beginning to the recovery.
    pub backlog_max: u64,
}

/// A point of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesPoint {
    /// When.
    pub at: Time,
    /// The most staleness since the point before.
    pub staleness: Span,
    /// The most divergent keys since the point before.
    pub divergent: u64,
}

impl Judgement {
    /// How often an anomaly was seen, over all sinks and the source.
    #[must_use]
    pub fn tally(&self, anomaly: Anomaly) -> Tally {
        let mut all = self.source[anomaly as usize];
        self.sinks.iter().for_each(|sink| all += sink.tally(anomaly));
        all
    }

    /// The anomalies that were seen in any sink or in the source, with their tallies.
    pub fn seen(&self) -> impl Iterator<Item = (Anomaly, Tally)> {
        let all = ANOMALIES.iter().map(|entry| (entry.anomaly, self.tally(entry.anomaly)));
        all.filter(|(_, tally)| tally.total > 0)
    }
}

impl SinkJudgement {
    /// How often an anomaly was seen.
    #[must_use]
    pub fn tally(&self, anomaly: Anomaly) -> Tally {
        self.tallies[anomaly as usize]
    }

    /// The anomalies that were seen, with their tallies.
    pub fn seen(&self) -> impl Iterator<Item = (Anomaly, Tally)> {
        ANOMALIES.iter().zip(&self.tallies).filter(|(_, t)| t.total > 0).map(|(entry, t)| (entry.anomaly, *t))
    }
}
