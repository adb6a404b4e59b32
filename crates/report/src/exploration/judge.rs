use super::{Exploration, StrategyExploration};
use crate::summary::Verdict;
use driftlab_check::ANOMALIES;
use driftlab_lab::strategies;
use driftlab_scenario::{Claim, Scenario};

/// What an exploration says of the expectations of a scenario that are about anomalies, a sentence for each that is not met; measures need runs.
#[must_use]
pub fn judge(scenario: &Scenario, exploration: &Exploration) -> (Verdict, Vec<String>) {
    let mut verdict = Verdict::Pass;
    let mut said = Vec::new();
    for strategy in &exploration.strategies {
        if strategy.unsettled > 0 {
            verdict = verdict.max(Verdict::Unknown);
            said.push(format!(
                "{}: {} of {} schedules never came to rest, so what they showed last may not be for good",
                strategy.name,
                strategy.unsettled,
                strategy.total()
            ));
        }
        for expectation in &scenario.expectations {
            let is_meant = match &expectation.strategy {
                Some(name) => *name == strategy.name,
                None => strategy.kind != "none",
            };
            if !is_meant {
                continue;
            }
            if let Some((mut worse, why)) = judged(scenario, strategy, &expectation.claim) {
                // What a shard does not show may be in another.
                if matches!(expectation.claim, Claim::Shows(_)) && !exploration.missing().is_empty() {
                    worse = Verdict::Unknown;
                }
                verdict = verdict.max(worse);
                said.push(format!("line {}: {}: {why}", expectation.line, strategy.name));
            }
        }
    }
    if exploration.interrupted {
        verdict = verdict.max(Verdict::Unknown);
    }
    (verdict, said)
}

fn judged(scenario: &Scenario, strategy: &StrategyExploration, claim: &Claim) -> Option<(Verdict, String)> {
    let seen = |name: &str| strategy.anomalies.get(name).map(|seen| (seen.total(), seen.first_seed));
    let total = strategy.total();
    match claim {
        Claim::Shows(anomaly) if seen(anomaly.name()).is_none() => {
            Some((Verdict::Fail, format!("none of {total} schedules shows {}", anomaly.name())))
        }
        Claim::Never(anomaly) => seen(anomaly.name()).map(|(count, first)| {
            (
                Verdict::Fail,
                format!("{count} of {total} schedules show {}, first seed {first}", anomaly.name()),
            )
        }),
        Claim::NeverAny => {
            let choice = scenario.strategies.iter().find(|choice| choice.name == strategy.name)?;
            let entry = strategies().iter().find(|entry| entry.name == choice.kind)?;
            let allowed = (entry.may_show)(&choice.settings);
            let excess: Vec<String> = ANOMALIES
                .iter()
                .filter(|entry| !allowed.contains(&entry.name))
                .filter_map(|entry| {
                    let (count, first) = seen(entry.name)?;
                    Some(format!("{} in {count} of {total}, first seed {first}", entry.name))
                })
                .collect();
            (!excess.is_empty()).then(|| {
                (
                    Verdict::Fail,
                    format!("schedules show what this strategy must never show: {}", excess.join("; ")),
                )
            })
        }
        _ => None,
    }
}
