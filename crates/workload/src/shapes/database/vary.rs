//! Values that differ from one that is there and keep its shape.

use crate::draw::below;
use driftlab_model::Value;

/// A value like this one. Null stays null: whether a column may hold it is known from its rows alone.
///
/// A text that ends in a digit gets another digit there, so that dates, numbers and codes keep looking like what they are.
pub(super) fn vary(value: &Value, draw: u64) -> Value {
    let step = 1 + below(draw, 9) as u8;
    match value {
        Value::Null => Value::Null,
        Value::Integer(n) => Value::Integer(n.wrapping_add(i64::from(step))),
        Value::Real(x) if *x == 0.0 => Value::Real(f64::from(step)),
        Value::Real(x) => Value::Real(x * (1.0 + f64::from(step) / 10.0)),
        Value::Text(text) => match text.as_bytes().last() {
            Some(digit @ b'0'..=b'9') => {
                let other = b'0' + (digit - b'0' + step) % 10;
                Value::text(&format!("{}{}", &text[..text.len() - 1], char::from(other)))
            }
            _ => Value::text(&format!("{text} {step}")),
        },
        Value::Blob(bytes) => match bytes.split_last() {
            Some((last, rest)) => {
                Value::Blob(rest.iter().copied().chain([last.wrapping_add(step)]).collect())
            }
            None => Value::Blob([step].as_slice().into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::hash::mix;
    use std::mem::discriminant;

    #[test]
    fn a_variation_differs_and_keeps_its_type() {
        let values = [
            Value::from(3),
            Value::from(i64::MAX),
            Value::from(0.0),
            Value::from(-2.5),
            Value::from(""),
            Value::from("né"),
            Value::from("2009-01-01 00:00:00"),
            Value::Blob([].as_slice().into()),
            Value::Blob([255u8].as_slice().into()),
        ];
        for value in &values {
            for draw in (0..100).map(|i| mix(1, i)) {
                let other = vary(value, draw);
                assert_ne!(value, &other);
                assert_eq!(discriminant(value), discriminant(&other));
            }
        }
        assert_eq!(vary(&Value::Null, 5), Value::Null);
    }

    #[test]
    fn a_date_stays_a_date() {
        let Value::Text(date) = vary(&Value::from("2009-01-01 00:00:00"), 77) else {
            panic!("text stays text")
        };
        assert!(date.len() == 19 && date.starts_with("2009-01-01 00:00:0"), "{date}");
    }
}
