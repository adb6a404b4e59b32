//! The words that all reports share.

use crate::summary::{
    AnomalyCount, CompactionSummary, FindingEnd, FindingSummary, Rounded, SinkSummary, StrategySummary,
    Summary, Verdict,
};
use driftlab_model::{Span, Time};
use driftlab_scenario::Scenario;

/// What stands where there is nothing to say.
pub(crate) const NOTHING: &str = "–";

/// How a mark in the column of what went wrong is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Equal to the source at the end.
    Good,
    /// Wrong, and it stayed so.
    Stayed,
    /// Wrong for a while.
    Passing,
    /// Not judged.
    Unknown,
}

impl Mark {
    pub(crate) const ALL: [Self; 4] = [Self::Stayed, Self::Passing, Self::Good, Self::Unknown];

    /// The mark of an anomaly that was seen.
    pub(crate) const fn of(count: &AnomalyCount) -> Self {
        if count.permanent > 0 { Self::Stayed } else { Self::Passing }
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Stayed => "✗",
            Self::Passing => "~",
            Self::Unknown => "?",
        }
    }

    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Good => "equal to the source at the end",
            Self::Stayed => "wrong, and still so at the end",
            Self::Passing => "wrong for a while",
            Self::Unknown => "too little to judge by",
        }
    }
}

/// One entry of the column of what went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrongness {
    pub(crate) mark: Mark,
    pub(crate) what: String,
    pub(crate) count: Option<String>,
}

impl Wrongness {
    fn plain(mark: Mark, what: &str) -> Self {
        Self { mark, what: what.to_owned(), count: None }
    }

    /// What a sink's cell says: whether it converged, then its anomalies, the worst first.
    pub(crate) fn of(strategy: &StrategySummary, sink: &SinkSummary) -> Vec<Self> {
        if strategy.runs.is_empty() {
            return vec![Self::plain(Mark::Unknown, "not run")];
        }
        if !sink.served {
            return Vec::new();
        }
        let mut all = Vec::new();
        let stayed = sink.wrong.anomalies.iter().any(|anomaly| anomaly.permanent > 0);
        match sink.wrong.converges {
            Some(true) => all.push(Self::plain(Mark::Good, "converges")),
            Some(false) if !stayed => all.push(Self::plain(Mark::Stayed, "does not converge")),
            None if !stayed => all.push(Self::plain(Mark::Unknown, "not judged")),
            Some(false) | None => {}
        }
        for anomaly in sink.wrong.worst_first() {
            let (mark, count) = match (anomaly.permanent, anomaly.total) {
                (0, total) => (Mark::Passing, grouped(total)),
                (stay, total) if stay >= total => (Mark::Stayed, grouped(stay)),
                (stay, total) => (Mark::Stayed, format!("{} of {}", grouped(stay), grouped(total))),
            };
            all.push(Self { mark, what: anomaly.anomaly.clone(), count: Some(count) });
        }
        all
    }

    pub(crate) fn text(&self) -> String {
        let sign = self.mark.sign();
        match &self.count {
            Some(count) => format!("{sign} {} {count}", self.what),
            None => format!("{sign} {}", self.what),
        }
    }
}

/// What is to be said of a strategy as a whole, where its anomalies do not say it.
pub(crate) fn standing(strategy: &StrategySummary) -> Option<(Mark, &'static str)> {
    let overall = &strategy.overall;
    match (strategy.runs.is_empty(), overall.converges) {
        (true, _) => Some((Mark::Unknown, "not run")),
        (_, Some(true)) => Some((Mark::Good, "converges")),
        (_, Some(false)) if overall.anomalies.iter().all(|count| count.permanent == 0) => {
            Some((Mark::Stayed, "does not converge"))
        }
        (_, None) if overall.anomalies.is_empty() => Some((Mark::Unknown, "not judged")),
        _ => None,
    }
}

/// A span of nanoseconds as a person would say it.
pub(crate) fn span(nanos: Option<u64>) -> String {
    nanos.map_or_else(|| NOTHING.to_owned(), |nanos| Span::from_nanos(nanos).to_string())
}

/// A percentile of all changes, which may be never.
pub(crate) fn of_all(percentile: Option<Option<u64>>) -> String {
    match percentile {
        Some(None) => "never".to_owned(),
        percentile => span(percentile.flatten()),
    }
}

/// How often an anomaly was seen for each million row changes, and where only some of them stayed, how many did.
pub(crate) fn rate(count: &AnomalyCount) -> String {
    let rate = match count.per_million_row_changes {
        Some(rate) if rate.get() >= 100.0 => grouped(rate.get().round() as u64),
        rate => number(rate),
    };
    if count.permanent == 0 || count.permanent >= count.total {
        return rate;
    }
    format!("{rate}, {} stayed", grouped(count.permanent))
}

/// A ratio to the baseline: `×1.02`.
pub(crate) fn times(ratio: Option<Rounded>) -> String {
    ratio.map_or_else(|| NOTHING.to_owned(), |ratio| format!("×{ratio}"))
}

/// A number that may be missing.
pub(crate) fn number(number: Option<Rounded>) -> String {
    number.map_or_else(|| NOTHING.to_owned(), |number| number.to_string())
}

/// A number of what comes on top: `+2.00`, `0`.
pub(crate) fn added(more: Option<Rounded>) -> String {
    match more {
        Some(more) if more.get() > 0.0 => format!("+{more}"),
        more => number(more),
    }
}

/// A count with its thousands apart: `12,345`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes in decimal units.
pub(crate) fn bytes(count: f64) -> String {
    let (value, unit) = match count {
        c if c < 1e3 => return format!("{} B", Rounded::of(c.round())),
        c if c < 1e6 => (c / 1e3, "kB"),
        c if c < 1e9 => (c / 1e6, "MB"),
        c => (c / 1e9, "GB"),
    };
    format!("{} {unit}", Rounded::of(value))
}

/// What compaction has left of a log: `1.20 MB before, 84.0 kB after`.
pub(crate) fn compaction(compaction: &CompactionSummary) -> String {
    let CompactionSummary { events_before, events_after, bytes_before, bytes_after } = *compaction;
    format!(
        "{} before ({} events), {} after ({})",
        bytes(bytes_before as f64),
        grouped(events_before),
        bytes(bytes_after as f64),
        grouped(events_after)
    )
}

/// A share as a percentage: `12.3 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", Rounded::of(share * 100.0))
}

/// A noun with its number: `1 seed`, `8 seeds`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The verdict in one sentence.
pub(crate) fn verdict(summary: &Summary) -> String {
    let seeds = counted(summary.seeds.len(), "seed");
    let all = summary.expectations.len();
    let (failed, unknown) = (summary.count(Verdict::Fail), summary.count(Verdict::Unknown));
    let mut sentence = match (all, failed, unknown) {
        (0, ..) => format!("The scenario expects nothing, so nothing is judged; measured over {seeds}."),
        (1, 0, 0) => format!("The expectation holds over {seeds}."),
        (_, 0, 0) => format!("All {all} expectations hold over {seeds}."),
        (1, 0, _) => format!("The expectation could not be judged over {seeds}: too little evidence."),
        (_, 0, _) => {
            format!("{unknown} of {all} expectations could not be judged over {seeds}: too little evidence.")
        }
        (1, _, _) => format!("The expectation does not hold over {seeds}."),
        (_, 1, _) => format!("1 of {all} expectations does not hold over {seeds}."),
        _ => format!("{failed} of {all} expectations do not hold over {seeds}."),
    };
    if summary.interrupted {
        sentence.push_str(" The experiment was interrupted: only the runs that were finished are counted.");
    }
    sentence
}

/// When a finding happened: `from 3.2 s, for ever`.
pub(crate) fn when(finding: &FindingSummary) -> String {
    let begin = Time::from_nanos(finding.begin_nanos);
    match finding.until {
        FindingEnd::HealedAtNanos(end) => {
            let lasted = Time::from_nanos(end) - begin;
            if lasted.is_zero() { format!("at {begin}") } else { format!("from {begin}, for {lasted}") }
        }
        FindingEnd::Permanent => format!("from {begin}, and it never healed"),
        FindingEnd::Unknown => format!("from {begin}, and the run ended before it healed"),
    }
}

/// The command that runs the experiment again, for a shell.
pub(crate) fn command(scenario: &Scenario, seeds: &[u64]) -> String {
    let mut words = vec!["driftlab".to_owned(), "run".to_owned(), quoted(&scenario.file)];
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), quoted(&value)]);
    if let [first, rest @ ..] = seeds {
        option("--seed", first.to_string());
        if !rest.is_empty() {
            option("--seeds", seeds.len().to_string());
        }
    }
    for strategy in &scenario.overrides.strategies {
        option("--strategy", strategy.clone());
    }
    if let Some(world) = &scenario.overrides.world {
        option("--world", world.clone());
    }
    if let Some(database) = &scenario.overrides.database {
        option("--database", database.display().to_string());
    }
    if let Some(duration) = scenario.overrides.duration {
        option("--duration", duration.to_string().replace(' ', ""));
    }
    words.join(" ")
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_kept_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234), "1,234");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }

    #[test]
    fn bytes_have_three_digits() {
        assert_eq!(bytes(0.0), "0 B");
        assert_eq!(bytes(999.6), "1000 B");
        assert_eq!(bytes(12_340_000.0), "12.3 MB");
    }
}
