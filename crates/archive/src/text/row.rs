//! The values of a row as JSON: an object of its columns.

use super::fields::Fields;
use super::scalar::{Scalar, plain, write_text, write_value};
use driftlab_model::Value;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Appends the values of a row: an object of its columns, or a list where its table does not name each value once.
pub(crate) fn write_row(out: &mut String, fields: Option<&Fields>, values: &[Value]) {
    match fields.filter(|fields| fields.names_all(values.len())) {
        Some(fields) => {
            out.push('{');
            for (place, (name, value)) in fields.names().iter().zip(values).enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_text(out, name);
                out.push(':');
                write_value(out, value);
            }
            out.push('}');
        }
        None => {
            out.push('[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_value(out, value);
            }
            out.push(']');
        }
    }
}

/// The values of a row; `None` where the text says that there is no row.
///
/// Text that begins like an object, a list or a quoted text is JSON. Any other is a plain value: a number, or itself.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn read_row(text: &str, fields: &mut Fields) -> Result<Option<Vec<Value>>, String> {
    match text.trim_start().bytes().next() {
        Some(b'{') => {}
        Some(b'[') if !fields.is_discovered() => {}
        Some(b'[' | b'"') => {
            let Scalar(value) = parse(text)?;
            return plain_row(value, fields).map(Some);
        }
        _ if text == "null" => return Ok(None),
        _ => return plain_row(plain(text), fields).map(Some),
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let values = RowSeed(fields).deserialize(&mut deserializer).map_err(|why| why.to_string())?;
    deserializer.end().map_err(|why| why.to_string())?;
    Ok(Some(values))
}

fn parse<'de, T: serde::Deserialize<'de>>(text: &'de str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|why| why.to_string())
}

/// A row of one value.
pub(crate) fn plain_row(value: Value, fields: &mut Fields) -> Result<Vec<Value>, String> {
    let place = fields.whole()?;
    let mut values = vec![Value::Null; place + 1];
    values[place] = value;
    Ok(values)
}

struct RowSeed<'f>(&'f mut Fields);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Vec<Value>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Value>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of the row's columns")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Vec<Value>, A::Error> {
        let mut values = Vec::with_capacity(self.0.names().len());
        while let Some(Scalar(value)) = parts.next_element()? {
            values.push(value);
        }
        Ok(values)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Value>, A::Error> {
        let mut values = Vec::with_capacity(self.0.names().len());
        if self.0.is_discovered() {
            values.push(Value::Null);
        } else {
            values.resize(self.0.names().len(), Value::Null);
        }
        let mut next = 0;
        while let Some(place) = map.next_key_seed(PlaceSeed(self.0, next))? {
            let Scalar(value) = map.next_value()?;
            if values.len() <= place {
                values.resize(place + 1, Value::Null);
            }
            values[place] = value;
            next = place + 1;
        }
        Ok(values)
    }
}

struct PlaceSeed<'f>(&'f mut Fields, usize);

impl<'de> DeserializeSeed<'de> for PlaceSeed<'_> {
    type Value = usize;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for PlaceSeed<'_> {
    type Value = usize;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column")
    }
    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        self.0.place(name, self.1).map_err(E::custom)
    }
}
