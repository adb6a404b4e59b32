//! What came of each expectation: it holds, it does not, or nobody can tell.

use crate::experiment::{Judged, Run, StrategyResult, Verdict};
use crate::freshness::freshness_quantile;
use crate::world::{Reproducible, WorldEntry};
use driftlab_check::{ANOMALIES, Anomaly, Distribution, SinkJudgement};
use driftlab_model::Span;
use driftlab_scenario::{Claim, Comparison, Expectation, Measure, Scenario};
use driftlab_strategies::StrategyEntry;

/// Judges all expectations of a scenario; one that names no strategy is judged for each of them, the control aside.
pub(crate) fn judge(scenario: &Scenario, strategies: &[StrategyResult]) -> Vec<Judged> {
    let mut judged = Vec::new();
    for expectation in &scenario.expectations {
        for (number, strategy) in strategies.iter().enumerate().take(scenario.strategies.len()) {
            let meant = match &expectation.strategy {
                Some(name) => *name == strategy.name,
                None => strategy.kind != "none",
            };
            if !meant {
                continue;
            }
            let settings = &scenario.strategies[number].settings;
            let allowed =
                StrategyEntry::named(strategy.kind).map_or_else(Vec::new, |e| (e.may_show)(settings));
            let reproducible = WorldEntry::of(scenario).reproducible;
            let case = Case { strategy, expectation, allowed, reproducible };
            let (verdict, reason) = case.verdict();
            let mut expectation = expectation.clone();
            expectation.strategy = Some(strategy.name.clone());
            judged.push(Judged { expectation, verdict, reason: format!("{}: {reason}", strategy.name) });
        }
    }
    judged
}

struct Case<'a> {
    strategy: &'a StrategyResult,
    expectation: &'a Expectation,
    /// Anomalies that the strategy's row of the truth table allows.
    allowed: Vec<&'static str>,
    /// What another run of the same seeds would have in common with these.
    reproducible: Reproducible,
}

impl Case<'_> {
    fn verdict(&self) -> (Verdict, String) {
        if self.strategy.runs.is_empty() {
            return (Verdict::Unknown, "no run was finished".to_owned());
        }
        match &self.expectation.claim {
            Claim::Shows(anomaly) => self.shows(*anomaly),
            Claim::Never(anomaly) => self.never(*anomaly),
            Claim::NeverAny => self.never_any(),
            Claim::Converges(expected) => self.converges(*expected),
            Claim::Bound { measure, comparison, bound } => self.bound(*measure, *comparison, *bound),
        }
    }

    fn shows(&self, anomaly: Anomaly) -> (Verdict, String) {
        let (count, place) = self.count(anomaly);
        if count > 0 {
            return (Verdict::Pass, format!("showed {anomaly} {}{place}", times(count)));
        }
        match self.too_little_evidence() {
            Some(why) => (Verdict::Unknown, format!("{anomaly} was not seen, but {why}")),
            None if self.reproducible == Reproducible::Statistically => {
                let why = "another run of the same seed may show it";
                (Verdict::Unknown, format!("did not show {anomaly} in {}, and {why}", self.runs()))
            }
            None => (Verdict::Fail, format!("did not show {anomaly} in {}", self.runs())),
        }
    }

    fn never(&self, anomaly: Anomaly) -> (Verdict, String) {
        let (count, place) = self.count(anomaly);
        if count > 0 {
            return (Verdict::Fail, format!("showed {anomaly} {}{place}", times(count)));
        }
        match self.too_little_evidence() {
            Some(why) => (Verdict::Unknown, format!("{anomaly} was not seen, but {why}")),
            None => (Verdict::Pass, format!("did not show {anomaly} in {}", self.runs())),
        }
    }

    fn never_any(&self) -> (Verdict, String) {
        let mut excess = Vec::new();
        for entry in ANOMALIES {
            let (total, place) = self.count(entry.anomaly);
            let permanent: u64 = self.sinks().map(|sink| sink.tally(entry.anomaly).permanent).sum();
            if permanent > 0 {
                excess.push(format!("{} {} for good{place}", entry.name, times(permanent)));
            } else if total > 0 && !self.allowed.contains(&entry.name) {
                excess.push(format!(
                    "{} {}{place}, which this strategy must never show",
                    entry.name,
                    times(total)
                ));
            }
        }
        if !excess.is_empty() {
            return (Verdict::Fail, format!("showed {}", excess.join("; ")));
        }
        match self.too_little_evidence() {
            Some(why) => (Verdict::Unknown, format!("nothing was seen, but {why}")),
            None => (Verdict::Pass, format!("nothing permanent and nothing forbidden in {}", self.runs())),
        }
    }

    fn converges(&self, expected: bool) -> (Verdict, String) {
        let divergent: u64 = self.sinks().map(|sink| sink.divergent_at_end).sum();
        if let Some(why) = self.too_little_evidence() {
            return (Verdict::Unknown, why);
        }
        let reason = match divergent {
            0 => format!("every copy equalled the source at the end of {}", self.runs()),
            1 => "one key was divergent at the end".to_owned(),
            n => format!("{n} keys were divergent at the end"),
        };
        let verdict = match (divergent == 0, expected) {
            (is, expected) if is == expected => Verdict::Pass,
            // That nothing went wrong this time does not say that nothing can.
            (true, _) if self.reproducible == Reproducible::Statistically => Verdict::Unknown,
            _ => Verdict::Fail,
        };
        (verdict, reason)
    }

    fn bound(&self, measure: Measure, comparison: Comparison, bound: Span) -> (Verdict, String) {
        let measured = match measure {
            Measure::Reach => self.reach(comparison),
            _ => self.measure(measure),
        };
        let Some(measured) = measured else {
            return (Verdict::Unknown, "there was nothing to measure".to_owned());
        };
        let holds = match comparison {
            Comparison::AtMost => measured <= bound,
            Comparison::AtLeast => measured >= bound,
        };
        let name = match measure {
            Measure::FreshnessP50 => "freshness p50",
            Measure::FreshnessP99 => "freshness p99",
            Measure::FreshnessMax => "freshness max",
            Measure::StalenessMax => "staleness max",
            Measure::WriteP99 => "write p99",
            Measure::Reach => "the reach",
        };
        let sign = if comparison == Comparison::AtMost { "at most" } else { "at least" };
        let verdict = if holds { Verdict::Pass } else { Verdict::Fail };
        (verdict, format!("{name} was {measured}, expected {sign} {bound}"))
    }

    /// The worst sink's measure, over all runs. A change that was never shown is fresher than nothing: it counts as the longest of all.
    fn measure(&self, measure: Measure) -> Option<Span> {
        if measure == Measure::WriteP99 {
            let mut all = Distribution::default();
            self.strategy.runs.iter().for_each(|run| all.merge(&run.judgement.writer.latency));
            return all.quantile(0.99);
        }
        let sinks = self.strategy.runs.first()?.judgement.sinks.len();
        (0..sinks)
            .filter_map(|number| {
                let runs = self.strategy.runs.iter().map(|run| &run.judgement.sinks[number]);
                let mut runs = runs.filter(|sink| self.is_meant(sink)).peekable();
                runs.peek()?;
                if measure == Measure::StalenessMax {
                    return runs.map(|sink| Span::from_secs_f64(sink.staleness.max)).max();
                }
                let (mut shown, mut never) = (Distribution::default(), 0);
                for sink in runs {
                    shown.merge(&sink.freshness);
                    never += sink.never_shown;
                }
                let quantile = match measure {
                    Measure::FreshnessP50 => 0.5,
                    Measure::FreshnessP99 => 0.99,
                    _ => 1.0,
                };
                freshness_quantile(&shown, never, quantile)
            })
            .max()
    }

    /// How far back the copies reach that joined, over all runs: the least where at least so much is expected, the most where at most.
    fn reach(&self, comparison: Comparison) -> Option<Span> {
        let reaches = self.sinks().filter_map(|sink| Some(sink.joining.as_ref()?.past.as_ref()?.reach));
        match comparison {
            Comparison::AtLeast => reaches.min(),
            Comparison::AtMost => reaches.max(),
        }
    }

    fn count(&self, anomaly: Anomaly) -> (u64, String) {
        let at_source = |run: &Run| run.judgement.source[anomaly as usize].total;
        let mut count: u64 = match self.expectation.sink {
            None => self.strategy.runs.iter().map(at_source).sum(),
            Some(_) => 0,
        };
        let mut places: Vec<&str> = if count > 0 { vec!["the source"] } else { Vec::new() };
        for sink in self.sinks() {
            let total = sink.tally(anomaly).total;
            count += total;
            if total > 0 && !places.contains(&sink.name.as_str()) {
                places.push(&sink.name);
            }
        }
        (count, if places.is_empty() { String::new() } else { format!(" in {}", places.join(", ")) })
    }

    fn sinks(&self) -> impl Iterator<Item = &SinkJudgement> {
        let all = self.strategy.runs.iter().flat_map(|run| &run.judgement.sinks);
        all.filter(|sink| self.is_meant(sink))
    }

    fn is_meant(&self, sink: &SinkJudgement) -> bool {
        sink.served && self.expectation.sink.as_ref().is_none_or(|name| *name == sink.name)
    }

    fn too_little_evidence(&self) -> Option<String> {
        if self.sinks().next().is_none() {
            return Some("the strategy serves no such copy".to_owned());
        }
        let judgements = || self.strategy.runs.iter().map(|run| &run.judgement);
        if judgements().all(|judgement| judgement.evidence.commits == 0) {
            return Some("no transaction committed".to_owned());
        }
        let restless = judgements().filter(|judgement| !judgement.quiescent).count();
        (restless > 0).then(|| format!("{restless} of {} never came to quiescence", self.runs()))
    }

    fn runs(&self) -> String {
        match self.strategy.runs.len() {
            1 => "1 run".to_owned(),
            n => format!("{n} runs"),
        }
    }
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}
