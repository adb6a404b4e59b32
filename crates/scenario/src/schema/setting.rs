//! Declarations of settings as JSON Schema.

use crate::settings::Declared;
use driftlab_model::{Kind, Setting};
use serde_json::{Map, Value, json};

/// A span, as a pattern.
pub(super) const SPAN: &str = "([0-9]+([.][0-9]*)?|[.][0-9]+)\\s*(ns|us|µs|ms|s|min|h)";

/// An object with these settings, and some more properties; nested tables are nested objects.
pub(super) fn object_of(declared: Declared, more: Map<String, Value>) -> Value {
    let mut properties = more;
    for setting in declared.iter() {
        insert(&mut properties, setting.name, setting);
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn insert(properties: &mut Map<String, Value>, path: &str, setting: &Setting) {
    let Some((table, rest)) = path.split_once('.') else {
        properties.insert(path.to_owned(), property(setting));
        return;
    };
    let nested = properties
        .entry(table)
        .or_insert_with(|| json!({ "type": "object", "additionalProperties": false, "properties": {} }));
    if let Some(properties) = nested["properties"].as_object_mut() {
        insert(properties, rest, setting);
    }
}

/// What a setting takes, with its explanation and its default.
fn property(setting: &Setting) -> Value {
    let mut schema = value_of(&setting.kind);
    schema["description"] = json!(setting.summary);
    if let Some(default) = setting.default {
        schema["default"] = default_of(&setting.kind, default);
    }
    schema
}

fn value_of(kind: &Kind) -> Value {
    let named = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    match *kind {
        Kind::Choice(words) => {
            let word = |(word, meaning): &(&str, &str)| json!({ "const": word, "description": meaning });
            json!({ "oneOf": words.iter().map(word).collect::<Vec<_>>() })
        }
        Kind::Span => named("span"),
        Kind::Latency => named("latency"),
        Kind::Rate => named("rate"),
        Kind::Range => named("range"),
        Kind::Count(low, high) => {
            let mut schema = json!({ "type": "integer", "minimum": low });
            if high < u64::MAX {
                schema["maximum"] = json!(high);
            }
            schema
        }
        Kind::Number(low, high) => {
            let mut schema = json!({ "type": "number", "minimum": low });
            if high < f64::MAX {
                schema["maximum"] = json!(high);
            }
            schema
        }
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Text => json!({ "type": "string" }),
    }
}

/// The notations that many settings take, by name.
pub(super) fn notations() -> Map<String, Value> {
    let pattern = |pattern: &str| json!({ "type": "string", "pattern": format!("^\\s*({pattern})\\s*$") });
    // A span of nothing needs no unit.
    let or_zero = |text: Value| json!({ "anyOf": [text, { "const": 0 }] });
    let span = format!("\\s*(0|{SPAN})\\s*");
    let latency = format!(
        "0|{SPAN}|(exp|poisson)\\s*\\({span}\\)|uniform\\s*\\({span},{span}\\)|lognormal\\s*\\({span},\\s*p99\\s*={span}\\)"
    );
    let range = pattern("[0-9]+(\\s*[.][.]=?\\s*[0-9]+)?");
    [
        ("span", or_zero(pattern(&format!("0|{SPAN}")))),
        ("latency", or_zero(pattern(&latency))),
        ("rate", pattern("([0-9]+([.][0-9]*)?|[.][0-9]+)\\s*/\\s*(s|min|h)")),
        ("range", json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, range] })),
    ]
    .into_iter()
    .map(|(name, schema)| (name.to_owned(), schema))
    .collect()
}

/// A default as the file would have it: bare where it is a number or a switch.
fn default_of(kind: &Kind, text: &str) -> Value {
    match kind {
        Kind::Count(..) | Kind::Number(..) | Kind::Switch => {
            serde_json::from_str(&text.replace('_', "")).unwrap_or_else(|_| json!(text))
        }
        _ => json!(text),
    }
}
