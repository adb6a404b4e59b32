//! A row at a moment of a small recorded run: what was true, what led there, and who could still say so.

use driftlab_lab::retell;
use driftlab_model::{History, Key, Observer, Span, Testimony, Time};
use driftlab_report::asof::{AsOf, Asked, Beyond, Keys, Recorded, StrategyAsOf, UnknownKey};
use driftlab_report::terminal::Style;
use driftlab_scenario::{Colour, Overrides, Registries, Scenario};
use std::cell::RefCell;
use std::rc::Rc;

const TEXT: &str = r#"
title = "who had the seat"

[world]
seed = 1
duration = "4s"

[source]
latency = "exp(2ms)"

[workload]
shape = "seats"
clients = 4
think = "exp(80ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 5, update = 2, delete = 4, read = 1 }

[log]
compact = "1s"

[[sink]]
kind = "search"
refresh = "700ms"

[[sink]]
kind = "warehouse"

[[strategy]]
name = "events"
kind = "event_sourcing"

[[strategy]]
name = "log"
kind = "log_cdc"

[[strategy]]
name = "dual"
kind = "dual_writes"
"#;

struct Run {
    strategy: String,
    history: History,
    kept: Testimony,
}

impl Run {
    fn recorded(&self) -> Recorded<'_> {
        Recorded { strategy: &self.strategy, history: &self.history, kept: &self.kept }
    }
}

fn runs() -> Vec<Run> {
    let scenario = Scenario::parse(TEXT, "asof.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let of = |choice: &driftlab_scenario::Choice| {
        let history: Rc<RefCell<History>> = Rc::default();
        let (_, kept) = retell(&scenario, choice, None, 1, |cast| {
            history.borrow_mut().cast = cast.clone();
            let listener: Rc<RefCell<dyn Observer>> = history.clone();
            listener
        })
        .unwrap_or_else(|error| panic!("{error}"));
        Run { strategy: choice.name.clone(), history: history.take(), kept }
    };
    scenario.strategies.iter().map(of).collect()
}

fn key(runs: &[Run], name: &str) -> Key {
    let mut keys = Keys::default();
    runs.iter().for_each(|run| keys.take(&run.history));
    keys.find(name).unwrap().clone()
}

fn asked(runs: &[Run], name: &str, millis: u64) -> AsOf {
    let key = key(runs, name);
    let at = Asked::Time(Time::ZERO + Span::from_millis(millis));
    let of = |run: &Run| StrategyAsOf::of(&run.recorded(), &key, at).unwrap();
    let named = key.describe(&runs[0].history.cast.schema);
    AsOf { driftlab: "0".to_owned(), key: named, strategies: runs.iter().map(of).collect() }
}

#[test]
fn a_row_that_changed_hands() {
    let style = Style { width: 100, colour: Colour::Off };
    insta::assert_snapshot!(asked(&runs(), "reservation:3", 2_500).text(style));
}

#[test]
fn a_row_that_changed_hands_as_json() {
    let json = serde_json::to_string_pretty(&asked(&runs()[..1], "reservation:3", 2_500)).unwrap();
    insta::assert_snapshot!(json);
}

/// What was acknowledged is never missing from what led there, and nothing else is in it.
#[test]
fn every_change_that_was_committed_by_then_led_there() {
    let runs = runs();
    for name in ["seat:1", "seat:2", "reservation:3", "reservation:4"] {
        for run in &runs {
            let key = key(&runs, name);
            let at = Time::ZERO + Span::from_secs(3);
            let commits = run.history.events.iter().filter_map(|(_, event)| match event {
                driftlab_model::Event::Committed { commit, .. } if commit.at <= at => Some(commit),
                _ => None,
            });
            let changes = commits.flat_map(|commit| &commit.changes).filter(|change| change.key == key);
            let asof = StrategyAsOf::of(&run.recorded(), &key, Asked::Time(at)).unwrap();
            assert_eq!(asof.changes.len(), changes.count(), "{} {name}", run.strategy);
            assert!(asof.stores.iter().all(|store| store.right != Some(false)), "{} {name}", run.strategy);
            let by_position = Asked::Position(asof.position);
            let same = StrategyAsOf::of(&run.recorded(), &key, by_position).unwrap();
            assert_eq!((same.truth, same.changes), (asof.truth, asof.changes), "{} {name}", run.strategy);
        }
    }
}

#[test]
fn a_moment_beyond_the_run_is_refused_with_its_end() {
    let runs = runs();
    let key = key(&runs, "seat:1");
    let of = |asked| StrategyAsOf::of(&runs[0].recorded(), &key, asked).unwrap_err();
    let (ended, _) = runs[0].history.events.last().unwrap();
    assert_eq!(of(Asked::Time(Time::ZERO + Span::from_secs(10_000))), Beyond::Time(*ended));
    assert!(matches!(of(Asked::Position(u64::MAX)), Beyond::Position(last) if last > 0));
}

#[test]
fn keys_are_found_by_name_and_a_wrong_one_brings_the_nearest() {
    let runs = runs();
    let mut keys = Keys::default();
    keys.take(&runs[0].history);
    let find = |name: &str| keys.find(name).map(ToString::to_string);
    assert_eq!(find("seat:3"), Ok("3".to_owned()));
    assert_eq!(find("event:3,1"), Ok("(3, 1)".to_owned()));
    assert_eq!(find("Event:[3, 1]"), Ok("(3, 1)".to_owned()));
    assert_eq!(find("seat 3"), Ok("3".to_owned()), "as findings write it");
    assert_eq!(find("event (3, 1)"), Ok("(3, 1)".to_owned()));
    assert!(
        matches!(find("3"), Err(UnknownKey::Several(names)) if names.contains(&"reservation:3".to_owned()))
    );
    let Err(UnknownKey::None(nearest)) = find("seat:9") else { panic!("there are six seats") };
    assert_eq!(nearest, ["seat:6", "seat:5", "seat:4", "seat:3", "seat:2"]);
}
