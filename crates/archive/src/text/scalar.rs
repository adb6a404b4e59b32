//! One value as JSON.
//!
//! JSON has no bytes and no numbers that are not finite, so these stand in objects of one field, in the manner of MongoDB's extended
//! JSON: `{"$blob":"00ff"}` and, by its bits, `{"$real":"7ff8000000000000"}`.

use super::canonical::Canonical;
use driftlab_model::Value;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt::{self, Write};

const BLOB: &str = "$blob";
const REAL: &str = "$real";

/// Appends a value as JSON.
pub(crate) fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Integer(n) => write!(out, "{n}").expect("a string takes all text"),
        // The shortest digits that name this real and no other, with a point or an exponent, so that it is no integer.
        Value::Real(x) if x.is_finite() => write!(out, "{x:?}").expect("a string takes all text"),
        Value::Real(x) => {
            write!(out, "{{\"{REAL}\":\"{:016x}\"}}", x.to_bits()).expect("a string takes all text");
        }
        Value::Text(text) => write_text(out, text),
        Value::Blob(bytes) => {
            write!(out, "{{\"{BLOB}\":\"").expect("a string takes all text");
            for byte in bytes.iter() {
                write!(out, "{byte:02x}").expect("a string takes all text");
            }
            out.push_str("\"}");
        }
    }
}

/// Appends text as JSON.
pub(crate) fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            other => write!(out, "\\u{other:04x}").expect("a string takes all text"),
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// What text without quotes means: an integer, a real, a truth, or itself.
pub(crate) fn plain(text: &str) -> Value {
    if let Some(n) = whole(text) {
        return Value::Integer(n);
    }
    match text {
        "true" => Value::Integer(1),
        "false" => Value::Integer(0),
        _ if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
            serde_json::from_str::<f64>(text).map_or_else(|_| Value::text(text), Value::Real)
        }
        _ => Value::text(text),
    }
}

/// The integer that this text is the one way to write.
pub(crate) fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_canonical = match digits.as_bytes() {
        [b'0'] => text == "0",
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if is_canonical { text.parse().ok() } else { None }
}

/// A value in JSON. Whatever has parts of its own becomes text, written in one way only.
pub(crate) struct Scalar(pub(crate) Value);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor).map(Self)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Integer(i64::from(truth)))
    }
    fn visit_i64<E: Error>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Integer(n))
    }
    fn visit_u64<E: Error>(self, n: u64) -> Result<Value, E> {
        Ok(i64::try_from(n).map_or_else(|_| Value::text(&n.to_string()), Value::Integer))
    }
    fn visit_f64<E: Error>(self, x: f64) -> Result<Value, E> {
        Ok(Value::Real(x))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, parts: A) -> Result<Value, A::Error> {
        Canonical::of_list(parts).map(|text| Value::text(&text))
    }
    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Value, A::Error> {
        let fields = Canonical::fields(fields)?;
        if fields.len() == 1
            && let Some((name, text)) = fields.first_key_value()
            && let Some(value) = special(name, text)
        {
            return Ok(value);
        }
        Ok(Value::text(&Canonical::of_fields(&fields)))
    }
}

fn special(name: &str, text: &str) -> Option<Value> {
    let hex = text.strip_prefix('"')?.strip_suffix('"')?;
    if !hex.len().is_multiple_of(2) || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    {
        return None;
    }
    match name {
        BLOB => {
            let bytes: Option<Vec<u8>> =
                (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect();
            bytes.map(|bytes| Value::Blob(bytes.into()))
        }
        REAL if hex.len() == 16 => {
            u64::from_str_radix(hex, 16).ok().map(|bits| Value::Real(f64::from_bits(bits)))
        }
        _ => None,
    }
}
