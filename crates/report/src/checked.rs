//! What a checker says of a history that somebody else recorded.

use crate::summary::Verdict;
use crate::wording::counted;
use driftlab_check::{Judgement, Level, SinkJudgement, Standing, Until};
use driftlab_model::{Cast, Span};
use serde::Serialize;
use std::fmt::Write;

/// A judged history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checked {
    /// The version of driftlab that judged it.
    pub driftlab: String,
    /// The verdict: `fail` where there is any anomaly, `unknown` where there was too little to judge by.
    pub verdict: Verdict,
    /// Events told.
    pub events: u64,
    /// Transactions committed.
    pub commits: u64,
    /// Reads through copies.
    pub reads: u64,
    /// How long it lasted.
    pub span_nanos: u64,
    /// What it had too little of, a sentence each.
    pub missing: Vec<String>,
    /// The copies that were judged.
    pub sinks: Vec<CheckedSink>,
    /// The findings.
    pub findings: Vec<CheckedFinding>,
}

/// How a copy fared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckedSink {
    /// Its name.
    pub name: String,
    /// Changes that it came to show, and how late; nanoseconds.
    pub shown: u64,
    /// The median.
    pub freshness_p50_nanos: Option<u64>,
    /// The 99th percentile.
    pub freshness_p99_nanos: Option<u64>,
    /// The longest.
    pub freshness_max_nanos: Option<u64>,
    /// Changes never shown.
    pub never_shown: u64,
    /// The strongest level of the ladder that held.
    pub level: Option<String>,
    /// The first that did not, and why.
    pub broken: Option<String>,
}

/// An anomaly that was seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckedFinding {
    /// Its name.
    pub anomaly: String,
    /// The copy that shows it.
    pub sink: Option<String>,
    /// When it began, since the beginning of the history.
    pub begin_nanos: u64,
    /// Whether it was there at the end.
    pub permanent: bool,
    /// The transactions involved, by the history's own names.
    pub transactions: Vec<String>,
    /// What happened, in a sentence.
    pub sentence: String,
}

impl Checked {
    /// What a checker came to; `name` gives a transaction its name in the history.
    #[must_use]
    pub fn of(
        judgement: &Judgement,
        cast: &Cast,
        events: u64,
        name: impl Fn(driftlab_model::TransactionId) -> String,
    ) -> Self {
        let evidence = judgement.evidence;
        let judged: Vec<&SinkJudgement> = judgement.sinks.iter().filter(|sink| sink.served).collect();
        let mut missing = Vec::new();
        let mut lacks = |is_missing: bool, what: &str| {
            if is_missing {
                missing.push(what.to_owned());
            }
        };
        lacks(evidence.commits == 0, "no transaction is committed, so there is nothing to compare with");
        lacks(judged.is_empty(), "no copy shows anything, so there is nothing to judge");
        lacks(
            !judgement.quiescent,
            "no milestone says `quiescent`, so nothing can be called permanent, lost or missed",
        );
        let is_wrong = judged.iter().any(|sink| sink.tallies.iter().any(|tally| tally.total > 0));
        let verdict = match (is_wrong, missing.is_empty()) {
            (true, _) => Verdict::Fail,
            (false, false) => Verdict::Unknown,
            (false, true) => Verdict::Pass,
        };
        let sink_name = |sink: driftlab_model::SinkId| cast.sinks[usize::from(sink.0)].name.clone();
        Self {
            driftlab: env!("CARGO_PKG_VERSION").to_owned(),
            verdict,
            events,
            commits: evidence.commits,
            reads: evidence.reads,
            span_nanos: judgement.ended.nanos(),
            missing,
            sinks: judged.into_iter().map(CheckedSink::of).collect(),
            findings: judgement
                .findings
                .iter()
                .map(|finding| CheckedFinding {
                    anomaly: finding.anomaly.name().to_owned(),
                    sink: finding.sink.map(sink_name),
                    begin_nanos: finding.begin.nanos(),
                    permanent: finding.until == Until::Permanent,
                    transactions: finding.transactions.iter().map(|id| name(*id)).collect(),
                    sentence: finding.sentence.clone(),
                })
                .collect(),
        }
    }

    /// The judgement for a person at a prompt.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!(
            "{}, {}, {} over {}\n",
            counted(usize::try_from(self.events).unwrap_or(usize::MAX), "event"),
            counted(usize::try_from(self.commits).unwrap_or(usize::MAX), "commit"),
            counted(usize::try_from(self.reads).unwrap_or(usize::MAX), "read"),
            Span::from_nanos(self.span_nanos)
        );
        for sink in &self.sinks {
            let _ = writeln!(out, "\n{}", sink.text());
        }
        for finding in &self.findings {
            let _ = writeln!(out, "\n{}: {}", finding.anomaly, finding.sentence);
            if !finding.transactions.is_empty() {
                let _ = writeln!(out, "  transactions: {}", finding.transactions.join(", "));
            }
        }
        for missing in &self.missing {
            let _ = writeln!(out, "\nunknown: {missing}");
        }
        let said = match self.verdict {
            Verdict::Pass => "no anomaly",
            Verdict::Unknown => "too little to judge by",
            Verdict::Fail => "anomalies were found",
        };
        let _ = writeln!(out, "\n{}  {said}", self.verdict.name().to_uppercase());
        out
    }
}

impl CheckedSink {
    fn of(sink: &SinkJudgement) -> Self {
        let quantile = |q: f64| sink.freshness.quantile(q).map(Span::nanos);
        let broken = sink.ladder.first_missing().and_then(|(level, standing)| match standing {
            Standing::Held => None,
            Standing::Unknown(why) => Some(format!("{}: unknown, {why}", level.name())),
            Standing::Broken(witness) => Some(format!("{}: {witness}", level.name())),
        });
        Self {
            name: sink.name.clone(),
            shown: sink.freshness.count(),
            freshness_p50_nanos: quantile(0.5),
            freshness_p99_nanos: quantile(0.99),
            freshness_max_nanos: sink.freshness.max().map(Span::nanos),
            never_shown: sink.never_shown,
            level: sink.ladder.strongest().map(Level::name).map(str::to_owned),
            broken,
        }
    }

    fn text(&self) -> String {
        let span = |nanos: Option<u64>| nanos.map_or("none".to_owned(), |n| Span::from_nanos(n).to_string());
        let mut out = format!(
            "{}: {} changes shown, freshness p50 {}, p99 {}, max {}; {} never shown",
            self.name,
            self.shown,
            span(self.freshness_p50_nanos),
            span(self.freshness_p99_nanos),
            span(self.freshness_max_nanos),
            self.never_shown
        );
        if let Some(level) = &self.level {
            let _ = write!(out, "\n  strongest level that held: {level}");
        }
        if let Some(broken) = &self.broken {
            let _ = write!(out, "\n  the next did not: {broken}");
        }
        out
    }
}
