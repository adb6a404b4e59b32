//! Hunts: many seeds of a small scenario, until what must be found is found, or to the end where nothing may be.

use crate::hazards::Hazard;
use driftlab_check::{ANOMALIES, Anomaly, Checker, Judgement};
use driftlab_lab::Stage;
use driftlab_model::{Observer, Span};
use driftlab_scenario::{Overrides, Registries, Scenario};
use driftlab_strategies::StrategyEntry;
use std::cell::RefCell;
use std::rc::Rc;

/// Within how many seeds a "must" is to be found.
const MUST_WITHIN: u64 = 1_000;
/// Over how many seeds a "never" is asserted: 300, or what `DRIFTLAB_NEVER_SEEDS` says for a longer hunt.
fn never_over() -> u64 {
    let Ok(given) = std::env::var("DRIFTLAB_NEVER_SEEDS") else { return 300 };
    let seeds = given.parse().ok().filter(|seeds| *seeds > 0);
    seeds.unwrap_or_else(|| panic!("DRIFTLAB_NEVER_SEEDS is a number of seeds, 1 or more, not \"{given}\""))
}

/// The scenario of a case, with its text.
pub(crate) fn scenario(strategy: &str, hazard: Hazard, sinks: &str) -> (String, Scenario) {
    let text = hazard.scenario(strategy, sinks);
    let scenario = Scenario::parse(&text, "case.toml", &Overrides::default(), &Registries::standard());
    (text, scenario.unwrap_or_else(|problems| panic!("{problems}")))
}

/// Runs seeds until `look` has seen enough.
fn hunt(scenario: &Scenario, seeds: u64, look: &mut dyn FnMut(u64, &Judgement) -> bool) {
    let stage = Stage::new(scenario, &scenario.strategies[0], None).unwrap_or_else(|e| panic!("{e}"));
    let checker: Rc<RefCell<Checker>> = Rc::new(RefCell::new(stage.checker().anomalies_only()));
    for seed in 1..=seeds {
        stage.prepare(seed);
        checker.borrow_mut().restart();
        let observer: Rc<RefCell<dyn Observer>> = checker.clone();
        stage.world().run(seed, observer, Span::from_secs(7_200), &mut |_| true);
        let judgement = checker.borrow_mut().finish();
        if !look(seed, &judgement) {
            return;
        }
    }
}

/// How often an anomaly was seen, in a copy or in the source.
fn total(judgement: &Judgement, anomaly: Anomaly) -> u64 {
    judgement.tally(anomaly).total
}

/// The strategy must show each of these anomalies within a thousand seeds.
#[track_caller]
pub(crate) fn must(strategy: &str, hazard: Hazard, sinks: &str, names: &[&str]) {
    must_within(MUST_WITHIN, strategy, hazard, sinks, names);
}

/// The strategy must show each of these anomalies within so many seeds, in a copy or in the source.
#[track_caller]
pub(crate) fn must_within(seeds: u64, strategy: &str, hazard: Hazard, sinks: &str, names: &[&str]) {
    assert!(!names.is_empty(), "whoever must show nothing passes whatever it does");
    let (text, scenario) = scenario(strategy, hazard, sinks);
    let mut missing: Vec<&str> = names.to_vec();
    hunt(&scenario, seeds, &mut |_, judgement| {
        missing.retain(|name| {
            let entry = ANOMALIES.iter().find(|entry| entry.name == *name).expect("a known anomaly");
            total(judgement, entry.anomaly) == 0
        });
        !missing.is_empty()
    });
    assert!(
        missing.is_empty(),
        "not found within {seeds} seeds under \"{}\": {missing:?}\n{text}",
        hazard.name
    );
}

/// The strategy must never show any of these, and nothing that its row of the table does not allow.
#[track_caller]
pub(crate) fn never(strategy: &str, hazard: Hazard, sinks: &str, names: &[&str]) {
    never_nor(strategy, hazard, sinks, names, &|_, _, _| {});
}

/// The same, and whatever else is looked for in the judgement of a seed, with the scenario's text.
#[track_caller]
fn never_nor(
    strategy: &str,
    hazard: Hazard,
    sinks: &str,
    names: &[&str],
    look: &dyn Fn(u64, &Judgement, &str),
) {
    let (text, scenario) = scenario(strategy, hazard, sinks);
    let choice = &scenario.strategies[0];
    let allowed = (StrategyEntry::named(choice.kind).expect("a known strategy").may_show)(&choice.settings);
    hunt(&scenario, never_over(), &mut |seed, judgement| {
        assert!(
            judgement.quiescent,
            "seed {seed} never came to quiescence under \"{}\"\n{text}",
            hazard.name
        );
        for entry in ANOMALIES {
            let seen = total(judgement, entry.anomaly);
            let forbidden = names.contains(&entry.name) || !allowed.contains(&entry.name);
            assert!(
                seen == 0 || !forbidden,
                "seed {seed} shows {} under \"{}\": {:#?}\n{text}",
                entry.name,
                hazard.name,
                judgement
                    .findings
                    .iter()
                    .filter(|f| f.anomaly == entry.anomaly)
                    .map(|f| &f.sentence)
                    .collect::<Vec<_>>()
            );
        }
        look(seed, judgement, &text);
        true
    });
}

/// The strategy must never show any of these, whatever else it shows.
#[track_caller]
pub(crate) fn never_these(strategy: &str, hazard: Hazard, sinks: &str, names: &[&str]) {
    let (text, scenario) = scenario(strategy, hazard, sinks);
    hunt(&scenario, never_over(), &mut |seed, judgement| {
        for entry in ANOMALIES.iter().filter(|entry| names.contains(&entry.name)) {
            let seen = total(judgement, entry.anomaly);
            assert!(seen == 0, "seed {seed} shows {} under \"{}\"\n{text}", entry.name, hazard.name);
        }
        judgement.quiescent
            || panic!("seed {seed} never came to quiescence under \"{}\"\n{text}", hazard.name)
    });
}

/// Nothing that lasts, and nothing that the strategy's row does not allow.
#[track_caller]
pub(crate) fn never_permanent(strategy: &str, hazard: Hazard, sinks: &str) {
    never_nor(strategy, hazard, sinks, &[], &|seed, judgement, text| {
        for sink in &judgement.sinks {
            let lasting: Vec<_> = sink.seen().filter(|(_, tally)| tally.permanent > 0).collect();
            assert!(
                sink.divergent_at_end == 0 && lasting.is_empty(),
                "seed {seed} under \"{}\": {} keys of {} stay wrong, {lasting:?}\n{:#?}\n{text}",
                hazard.name,
                sink.divergent_at_end,
                sink.name,
                judgement.findings.iter().map(|f| &f.sentence).collect::<Vec<_>>()
            );
        }
    });
}
