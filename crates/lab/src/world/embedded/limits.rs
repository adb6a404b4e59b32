//! What real stores cannot give, and what they do not heed.

use crate::company::store_of;
use driftlab_embedded::BackendEntry;
use driftlab_model::Settings;
use driftlab_scenario::{Refusal, Scenario};

/// What real stores do in their own time. Declared, it is what simulated ones would take.
const TIMES: [&str; 3] = ["latency", "per_row", "network"];

/// What to do about what the embedded world cannot.
const VIRTUAL: &str = "leave it out, or use the virtual world";

/// Copies that there is no real store for, and what the real stores cannot be made to do.
pub(super) fn refuses(scenario: &Scenario) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (number, sink) in scenario.sinks.iter().enumerate() {
        let mut refuse = |key, message, expected| {
            refusals.push(Refusal { section: "sink", number, key, message, expected });
        };
        let Some(entry) = BackendEntry::named(sink.kind) else {
            let message = format!("there is no real store of the kind `{}` in the embedded world", sink.kind);
            refuse("kind", message, "use it in the virtual world".to_owned());
            continue;
        };
        for inapt in entry.inapt {
            let idle = Settings::defaults(store_of(sink).settings);
            if sink.settings.get(inapt.setting) != idle.get(inapt.setting) {
                let message = format!("the {} of the embedded world {}", sink.kind, inapt.reason);
                refuse(inapt.setting, message, VIRTUAL.to_owned());
            }
        }
    }
    if scenario.source.count("neighbours") > 0 {
        refusals.push(Refusal {
            section: "source",
            number: 0,
            key: "neighbours",
            message: "the source of the embedded world has its log to itself".to_owned(),
            expected: VIRTUAL.to_owned(),
        });
    }
    if scenario.source.get("toast").is_some() {
        refusals.push(Refusal {
            section: "source",
            number: 0,
            key: "toast",
            message: "the log of the embedded source has whole rows".to_owned(),
            expected: VIRTUAL.to_owned(),
        });
    }
    for (number, strategy) in scenario.strategies.iter().enumerate() {
        for (key, naive) in [("truncates", "ignore"), ("key_changes", "update"), ("partial_rows", "null")] {
            if strategy.settings.get(key).is_some() && strategy.settings.word(key) == naive {
                refusals.push(Refusal {
                    section: "strategy",
                    number,
                    key,
                    message: "the log of the embedded source tells every row that changed, whole and under its own key".to_owned(),
                    expected: VIRTUAL.to_owned(),
                });
            }
        }
    }
    // Its log removes whole segments, and is not told what a scenario wants kept.
    for key in ["retain", "retain_records"] {
        if scenario.log.get(key).is_some() {
            refusals.push(Refusal {
                section: "log",
                number: 0,
                key,
                message: "the log of the embedded world keeps everything".to_owned(),
                expected: VIRTUAL.to_owned(),
            });
        }
    }
    for (number, fault) in scenario.faults.iter().enumerate().filter(|(_, fault)| fault.kind == "retention") {
        let message =
            format!("the log of the embedded world cannot be shortened by the fault `{}`", fault.name);
        refusals.push(Refusal {
            section: "fault",
            number,
            key: "kind",
            message,
            expected: VIRTUAL.to_owned(),
        });
    }
    for (number, fault) in scenario.faults.iter().enumerate().filter(|(_, fault)| fault.kind == "lose_state")
    {
        let message = format!(
            "the log of the embedded source would tell every copy of the rows that the fault `{}` takes, and of those that are restored",
            fault.name
        );
        refusals.push(Refusal {
            section: "fault",
            number,
            key: "kind",
            message,
            expected: VIRTUAL.to_owned(),
        });
    }
    refusals
}

/// What is to be known of real stores; and declared times, because they take the time that they take.
pub(super) fn notes(scenario: &Scenario) -> Vec<String> {
    let named = [("source", "the source"), ("log", "the log"), ("checkpoint", "the checkpoint store")];
    let fixed = named.iter().map(|(section, name)| (*section, 0, (*name).to_owned()));
    let sinks = scenario.sinks.iter().enumerate().map(|(number, sink)| ("sink", number, sink.name.clone()));
    let timed = fixed
        .chain(sinks)
        .filter(|(section, number, _)| TIMES.iter().any(|key| scenario.gives(section, *number, key)));
    let timed: Vec<String> = timed.map(|(_, _, name)| name).collect();
    let alone: Vec<&str> = scenario
        .gives("checkpoint", 0, "servers")
        .then_some("the checkpoint store")
        .into_iter()
        .chain(
            (0..)
                .zip(&scenario.sinks)
                .filter(|(number, _)| scenario.gives("sink", *number, "servers"))
                .map(|(_, sink)| sink.name.as_str()),
        )
        .collect();
    let mut notes = vec![
        "Real stores in real time: another run of the same seed has the same clients and the same faults, and not the same events.".to_owned(),
        "SQLite lets one transaction write at a time, so numbers and stamps follow the order of commits: what a late commit does to those who read by them cannot be seen here.".to_owned(),
    ];
    if !timed.is_empty() {
        notes.push(format!(
            "The times that the scenario declares for {} are not simulated: real stores take the time that they take.",
            timed.join(", ")
        ));
    }
    if !alone.is_empty() {
        notes.push(format!(
            "The `servers` that the scenario declares for {} are not heeded: a real one serves one request after the other, so that what it shows is told in the order in which it came to be shown.",
            alone.join(", ")
        ));
    }
    notes
}
