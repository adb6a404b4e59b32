//! The JSON Schema of scenario files, for editors: it follows from the registries, like everything else that is said of scenarios.
//!
//! It is a little stricter than the parser in form (a number is written as a number and not in quotes), and cannot know what binds a file together:
//! contradictions between settings, and names that expectations and the matrix refer to.

mod setting;

use crate::Registries;
use crate::registered::Registered;
use crate::scenario::Measure;
use crate::sections::SECTIONS;
use crate::settings::Declared;
use driftlab_check::ANOMALIES;
use serde_json::{Map, Value, json};
use setting::{SPAN, notations, object_of};

/// The schema of the files that these registries allow (JSON Schema, draft 2020-12).
#[must_use]
pub fn scenario_schema(registries: &Registries) -> Value {
    let [mut world, source, log, checkpoint] = SECTIONS.map(|section| {
        let mut schema = object_of(Declared { own: section.settings, common: &[] }, Map::new());
        schema["description"] = json!(section.summary);
        schema
    });
    let settle = world["properties"]["settle"].take();
    world["properties"]["settle"] = json!({ "anyOf": [settle, { "const": "auto" }] });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://github.com/driftlab/driftlab/blob/main/scenarios/scenario.schema.json",
        "title": "driftlab scenario",
        "description": "Who writes what, which copies there are, how they are kept in step, what goes wrong, and what is expected.",
        "type": "object",
        "required": ["title", "workload", "sink", "strategy"],
        "additionalProperties": false,
        "properties": {
            "title": text("What it is called."),
            "story": text("What it tells, in a sentence or two."),
            "links": {
                "description": "Where the real story can be read.",
                "type": "array",
                "items": { "type": "string", "pattern": "^https?://" },
            },
            "world": world,
            "workload": workload(registries),
            "source": source,
            "log": log,
            "checkpoint": checkpoint,
            "sink": tables(registries.stores, |entry| entry.summary, "The copies.", Some(1)),
            "strategy": tables(registries.strategies, |entry| entry.summary, "The ways of keeping them in step.", Some(1)),
            "fault": tables(registries.faults, |entry| entry.summary, "What goes wrong.", None),
            "expect": { "description": "What is expected.", "type": "array", "items": expectation() },
            "matrix": {
                "description": "Options by path (workload.rate, strategy.NAME.batch, fault.NAME), each with a list of values: the scenario is run for every combination.",
                "type": "object",
                "minProperties": 1,
                "patternProperties": {
                    "^(world|workload|source|log|checkpoint|sink|strategy|fault)([.]|$)": { "$ref": "#/$defs/axis" },
                },
                "additionalProperties": false,
            },
        },
        "$defs": definitions(),
    })
}

fn definitions() -> Map<String, Value> {
    let mut definitions = notations();
    let axis = json!({
        "anyOf": [
            { "type": "array", "minItems": 1 },
            { "type": "object", "additionalProperties": { "$ref": "#/$defs/axis" } },
        ],
    });
    definitions.insert("axis".to_owned(), axis);
    definitions
}

fn text(description: &str) -> Value {
    json!({ "description": description, "type": "string", "pattern": "\\S" })
}

/// One schema for each shape, told apart by its name.
fn workload(registries: &Registries) -> Value {
    let shape = |entry: &driftlab_workload::ShapeEntry| {
        let mut more = Map::new();
        more.insert("shape".to_owned(), json!({ "const": entry.name, "description": entry.summary }));
        if entry.needs_dataset {
            more.insert(
                "database".to_owned(),
                text("The SQLite file whose tables and rows the clients work on, a path from the scenario's folder."),
            );
        }
        let mut schema = object_of(Declared { own: entry.settings, common: registries.workload }, more);
        schema["required"] = json!(["shape"]);
        schema
    };
    json!({
        "description": "What clients do.",
        "oneOf": registries.shapes.iter().map(shape).collect::<Vec<_>>(),
    })
}

/// The tables of a registry: one schema for each kind, told apart by its name.
fn tables<E: Registered>(
    entries: &'static [E],
    summary: fn(&E) -> &'static str,
    description: &str,
    at_least: Option<usize>,
) -> Value {
    let kind = |entry: &E| {
        let mut more = Map::new();
        more.insert("kind".to_owned(), json!({ "const": entry.name(), "description": summary(entry) }));
        more.insert("name".to_owned(), text("Its name in reports and expectations; without one, its kind."));
        let mut schema = object_of(Declared { own: entry.settings(), common: E::COMMON }, more);
        schema["required"] = json!(["kind"]);
        schema
    };
    let items: Vec<Value> = entries.iter().map(kind).collect();
    let mut schema = json!({ "description": description, "type": "array", "items": { "oneOf": items } });
    if let Some(least) = at_least {
        schema["minItems"] = json!(least);
    }
    schema
}

fn expectation() -> Value {
    let names: Vec<Value> = ANOMALIES
        .iter()
        .map(|entry| json!({ "const": entry.name, "description": entry.definition }))
        .collect();
    let mut or_all = names.clone();
    or_all.push(json!({
        "const": "*",
        "description": "Nothing permanent, and no anomaly that the strategy's row of the truth table does not allow.",
    }));
    let list = |description: &str, items: &[Value]| {
        json!({
            "description": description,
            "type": "array",
            "minItems": 1,
            "uniqueItems": true,
            "items": { "oneOf": items },
        })
    };
    let mut schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "strategy": text("The strategy, by name; without one, each of them."),
            "sink": text("The sink, by name; without one, all of them together."),
            "when": {
                "description": "Options of the matrix with the values for which this is expected; without it, always.",
                "type": "object",
            },
            "shows": list("Anomalies that are seen at least once over all seeds.", &names),
            "never": list("Anomalies that are never seen.", &or_all),
            "converges": {
                "description": "Whether every sink equals the source at the end.",
                "type": "boolean",
            },
        },
    });
    for measure in Measure::ALL {
        schema["properties"][measure.name()] = json!({
            "description": "A bound, such as \"<= 250ms\" or \">= 1s\".",
            "type": "string",
            "pattern": format!("^\\s*[<>]=\\s*{SPAN}\\s*$"),
        });
    }
    schema
}
