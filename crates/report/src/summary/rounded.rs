//! Numbers in four significant digits, so that no report shows digits that mean nothing.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A number rounded to four significant digits, the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rounded(f64);

impl Rounded {
    /// Rounds a number; what is not finite becomes 0, because JSON has no name for it.
    #[must_use]
    pub fn of(number: f64) -> Self {
        if !number.is_finite() {
            return Self(0.0);
        }
        // Decimal formatting is exact in Rust, where a division by a power of ten is not.
        Self(format!("{number:.3e}").parse().unwrap_or(0.0))
    }

    /// One number divided by another; `None` where there is nothing to divide by.
    #[must_use]
    pub fn ratio(of: f64, to: f64) -> Option<Self> {
        (to > 0.0).then(|| Self::of(of / to))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Rounded {
    /// Three significant digits at most, and none behind the point from 100 on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        let text = if size >= 99.95 || size == 0.0 {
            format!("{:.0}", self.0)
        } else if size >= 9.995 {
            format!("{:.1}", self.0)
        } else if size >= 0.0095 {
            format!("{:.2}", self.0)
        } else {
            format!("{:.1e}", self.0)
        };
        f.pad(&text)
    }
}

impl JsonSchema for Rounded {
    fn schema_name() -> Cow<'static, str> {
        "Rounded".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "description": "A number rounded to four significant digits." })
    }
}

impl Serialize for Rounded {
    /// A whole number is written without a point, so that `1` stays `1`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < 1e15 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Rounded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_kept_and_no_more() {
        assert_eq!(Rounded::of(1.0 / 3.0).get(), 0.3333);
        assert_eq!(Rounded::of(123_456.0).get(), 123_500.0);
        assert_eq!(Rounded::of(f64::NAN).get(), 0.0);
        assert_eq!(Rounded::ratio(1.0, 0.0), None);
    }

    #[test]
    fn json_shows_the_shortest_form() {
        let json = |number| serde_json::to_string(&Rounded::of(number)).unwrap();
        assert_eq!(json(2.0), "2");
        assert_eq!(json(0.1 + 0.2), "0.3");
        assert_eq!(json(1.000_04), "1");
    }

    #[test]
    fn people_see_three_digits() {
        let said = |number| Rounded::of(number).to_string();
        assert_eq!(said(1.0), "1.00");
        assert_eq!(said(12.345), "12.3");
        assert_eq!(said(1_234.5), "1234");
        assert_eq!(said(0.0), "0");
        assert_eq!(said(0.000_12), "1.2e-4");
    }
}
