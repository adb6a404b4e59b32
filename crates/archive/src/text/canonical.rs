//! JSON written in one way only: no blanks, the fields of objects sorted by name.
//!
//! A document database and a relational one rarely keep the fields of a document in one order; the document is the same.

use super::scalar::write_text;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// JSON of any shape, as canonical text.
pub(crate) struct Canonical(String);

impl Canonical {
    /// The rest of a list.
    pub(crate) fn of_list<'de, A: SeqAccess<'de>>(mut parts: A) -> Result<String, A::Error> {
        let mut text = String::from("[");
        while let Some(Self(part)) = parts.next_element()? {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&part);
        }
        text.push(']');
        Ok(text)
    }

    /// The rest of an object, as its fields; of equal names the last counts.
    pub(crate) fn fields<'de, A: MapAccess<'de>>(mut map: A) -> Result<BTreeMap<String, String>, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((name, Self(value))) = map.next_entry::<String, Self>()? {
            fields.insert(name, value);
        }
        Ok(fields)
    }

    /// An object of these fields.
    pub(crate) fn of_fields(fields: &BTreeMap<String, String>) -> String {
        let mut text = String::from("{");
        for (name, value) in fields {
            if text.len() > 1 {
                text.push(',');
            }
            write_text(&mut text, name);
            text.push(':');
            text.push_str(value);
        }
        text.push('}');
        text
    }
}

impl<'de> Deserialize<'de> for Canonical {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CanonicalVisitor).map(Self)
    }
}

struct CanonicalVisitor;

impl<'de> Visitor<'de> for CanonicalVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E: Error>(self) -> Result<String, E> {
        Ok("null".to_owned())
    }
    fn visit_bool<E: Error>(self, truth: bool) -> Result<String, E> {
        Ok(truth.to_string())
    }
    fn visit_i64<E: Error>(self, n: i64) -> Result<String, E> {
        Ok(n.to_string())
    }
    fn visit_u64<E: Error>(self, n: u64) -> Result<String, E> {
        Ok(n.to_string())
    }
    fn visit_f64<E: Error>(self, x: f64) -> Result<String, E> {
        Ok(format!("{x:?}"))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        let mut out = String::with_capacity(text.len() + 2);
        write_text(&mut out, text);
        Ok(out)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, parts: A) -> Result<String, A::Error> {
        Canonical::of_list(parts)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<String, A::Error> {
        Canonical::fields(map).map(|fields| Canonical::of_fields(&fields))
    }
}
