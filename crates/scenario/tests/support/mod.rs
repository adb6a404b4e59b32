//! Registries of the tests' own, so that messages do not change with what driftlab can simulate.
#![allow(dead_code, reason = "each test file uses what it needs")]

use driftlab_fault::{FaultEntry, Strike};
use driftlab_model::port::{Reply, Request, Strategy};
use driftlab_model::{Contradiction, Key, Kind, Outcome, Row, Schema, Setting, SinkKind, Time, Value};
use driftlab_scenario::{Overrides, Problems, Registries, Scenario};
use driftlab_sim::store::{StoreEntry, StoreModel, Visible};
use driftlab_strategies::StrategyEntry;
use driftlab_workload::{Operation, Shape, ShapeEntry};
use std::rc::Rc;
use std::sync::Arc;

/// A file that says something about everything and is right.
pub(crate) const VALID: &str = r#"title = "Two writers, two orders"
story = "Two clients update one product."
links = ["https://example.org/incident"]

[world]
kind = "virtual"
seed = 7
seeds = 3
duration = "30s"
settle = "auto"

[workload]
shape = "orders"
clients = 4
rate = "200/s"
keys = { count = 1_000, theta = 0.99 }

[workload.mix]
insert = 2
update = 7

[source]
latency = "lognormal(2ms, p99 = 20ms)"
isolation = "snapshot"
retain = 0x1000

[[sink]]
name = "main search"
kind = "search"
refresh = "500ms"
latency = "exp(5ms)"

[[sink]]
kind = "cache"

[[strategy]]
name = "dual writes"
kind = "dual_writes"
order = "sink_first"

[[strategy]]
name = "CDC"
kind = "log_cdc"
partitions = 4

[[fault]]
kind = "crash"
target = "app"
every = "exp(10s)"

[[fault]]
kind = "crash"
target = "consumer"

[[expect]]
strategy = "dual writes"
sink = "main search"
shows = ["stale_overwrite", "lost_update"]

[[expect]]
strategy = "CDC"
never = ["*"]
converges = true
freshness_p99 = "<= 250ms"
"#;

pub(crate) const REGISTRIES: Registries = Registries {
    strategies: &[
        StrategyEntry {
            name: "dual_writes",
            summary: "the application writes both",
            settings: &[
                setting(
                    "order",
                    Kind::Choice(&[
                        ("database_first", "the database, then the sinks"),
                        ("sink_first", "the sinks, then the database"),
                    ]),
                    Some("database_first"),
                ),
                setting("versioned", Kind::Switch, Some("false")),
                setting("tombstones", Kind::Switch, Some("false")),
            ],
            build: |settings| {
                if settings.switch("tombstones") && !settings.switch("versioned") {
                    return Err(Contradiction::at(
                        "versioned",
                        "tombstones are compared by version: add `versioned = true`",
                    ));
                }
                if settings.switch("versioned") && settings.word("order") == "sink_first" {
                    return Err(Contradiction::at(
                        "order",
                        "only the database gives versions: write it first",
                    ));
                }
                Ok(Rc::new(Nothing))
            },
            may_show: |_| Vec::new(),
        },
        StrategyEntry {
            name: "log_cdc",
            summary: "reads the log",
            settings: &[setting("partitions", Kind::Count(1, 64), Some("1"))],
            build: |_| Ok(Rc::new(Nothing)),
            may_show: |_| Vec::new(),
        },
    ],
    shapes: &[
        ShapeEntry {
            name: "orders",
            summary: "orders with their lines",
            settings: &[setting("lines", Kind::Range, Some("1..=5"))],
            needs_dataset: false,
            build: |settings, _, _| {
                if settings.count("clients") == 13 {
                    return Err(Contradiction::at("clients", "thirteen clients do not agree"));
                }
                Ok(Rc::new(Nothing))
            },
        },
        ShapeEntry {
            name: "database",
            summary: "a real file",
            settings: &[],
            needs_dataset: true,
            build: |_, _, _| Ok(Rc::new(Nothing)),
        },
    ],
    workload: &[
        setting("clients", Kind::Count(1, 65_535), Some("8")),
        setting("rate", Kind::Rate, None),
        setting("arrivals", Kind::Choice(&[("poisson", "independent")]), Some("poisson")),
        setting("think", Kind::Latency, Some("0")),
        setting("keys.count", Kind::Count(1, 10_000_000), Some("100")),
        setting("keys.theta", Kind::Number(0.0, 10.0), Some("0.99")),
        setting("mix.insert", Kind::Number(0.0, 1e9), Some("1")),
        setting("mix.update", Kind::Number(0.0, 1e9), Some("1")),
        setting("mix.delete", Kind::Number(0.0, 1e9), Some("1")),
        setting("mix.read", Kind::Number(0.0, 1e9), Some("1")),
        setting("transaction.rows", Kind::Range, Some("1")),
    ],
    stores: &[
        StoreEntry {
            name: "search",
            summary: "a search index",
            kind: SinkKind::Search,
            settings: &[setting("refresh", Kind::Span, Some("1s"))],
            build: |_, _| Ok(Box::new(Nothing)),
        },
        StoreEntry {
            name: "cache",
            summary: "a cache",
            kind: SinkKind::Cache,
            settings: &[
                setting("ttl", Kind::Span, None),
                // Its own default, over that of all sinks.
                setting("latency", Kind::Latency, Some("200us")),
            ],
            build: |_, _| Ok(Box::new(Nothing)),
        },
    ],
    faults: &[FaultEntry {
        name: "crash",
        summary: "a process dies",
        settings: &[setting("target", Kind::Text, Some("app")), setting("every", Kind::Latency, None)],
        build: |_| Ok(Rc::new(Nothing)),
    }],
};

const fn setting(name: &'static str, kind: Kind, default: Option<&'static str>) -> Setting {
    Setting { name, summary: "for tests", kind, default }
}

struct Nothing;

impl Strategy for Nothing {}
impl Strike for Nothing {}
impl Shape for Nothing {
    fn reseeded(&self, _: u64) -> Rc<dyn Shape> {
        Rc::new(Nothing)
    }
    fn schema(&self) -> Schema {
        Schema::default()
    }
    fn load(&self) -> Vec<(Key, Arc<[Value]>)> {
        Vec::new()
    }
    fn operation(&self, _: u64) -> Operation {
        unreachable!("parsing runs nothing")
    }
}
impl StoreModel for Nothing {
    fn preload(&mut self, _: &[(Key, Row)]) {}
    fn serve(&mut self, _: Time, _: &Request, _: u64, _: &mut Visible) -> Outcome<Reply> {
        unreachable!("parsing runs nothing")
    }
    fn reset(&mut self) {}
}

pub(crate) fn parse(text: &str) -> Result<Scenario, Problems> {
    parse_with(text, &Overrides::default())
}

pub(crate) fn parse_with(text: &str, overrides: &Overrides) -> Result<Scenario, Problems> {
    Scenario::parse(text, "scenarios/family/story.toml", overrides, &REGISTRIES)
}

/// The valid file with one text in it replaced by another.
pub(crate) fn with(old: &str, new: &str) -> String {
    assert!(VALID.contains(old), "the valid file does not contain {old}");
    VALID.replacen(old, new, 1)
}

/// The message for the valid file with one text in it replaced by another.
pub(crate) fn message(old: &str, new: &str) -> String {
    let problems = parse(&with(old, new)).expect_err("this file is wrong");
    problems.to_string()
}
