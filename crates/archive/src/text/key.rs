//! Keys as text: `7`, `SKU-1`, `[3,1]`.
//!
//! A key of one part is written plainly: an integer by its digits, a text by itself. What begins with `[` or `"` is JSON: a list of the parts of a
//! composite key, or a text that would be read as something else. So every key has one text, and two keys never share one.

use super::scalar::{Scalar, whole, write_text, write_value};
use driftlab_model::{Key, TableId, Value};
use std::fmt::Write;

/// Appends a key, without its table.
pub(crate) fn write_key(out: &mut String, key: &Key) {
    if let Some(n) = key.as_integer() {
        write!(out, "{n}").expect("a string takes all text");
        return;
    }
    let parts = key.values();
    match parts.as_slice() {
        [Value::Text(text)] if is_plain(text) => out.push_str(text),
        [Value::Text(text)] => write_text(out, text),
        parts => {
            out.push('[');
            for (place, part) in parts.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_value(out, part);
            }
            out.push(']');
        }
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(['[', '"']) && whole(text).is_none()
}

/// The key of a text.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn read_key(table: TableId, text: &str) -> Result<Key, String> {
    if let Some(n) = whole(text) {
        return Ok(Key::integer(table, n));
    }
    if text.starts_with('[') {
        let parts: Vec<Scalar> = serde_json::from_str(text).map_err(|why| why.to_string())?;
        let parts: Vec<Value> = parts.into_iter().map(|Scalar(value)| value).collect();
        return Ok(Key::new(table, &parts));
    }
    if text.starts_with('"') {
        let text: String = serde_json::from_str(text).map_err(|why| why.to_string())?;
        return Ok(Key::new(table, &[Value::text(&text)]));
    }
    Ok(Key::new(table, &[Value::text(text)]))
}
