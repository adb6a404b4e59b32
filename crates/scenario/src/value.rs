//! TOML values as the texts that notations read.

use crate::nearest::quoted;
use crate::problem::Problem;
use std::borrow::Cow;
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// The text of a string, a number or a switch; `None` for a date, a list or a table.
pub(crate) fn literal<'v>(value: &'v DeValue<'_>) -> Option<Cow<'v, str>> {
    match value {
        DeValue::String(text) => Some(Cow::Borrowed(text)),
        DeValue::Integer(n) => Some(match i128::from_str_radix(n.as_str(), n.radix()) {
            Ok(decimal) => Cow::Owned(decimal.to_string()),
            Err(_) => Cow::Borrowed(n.as_str()),
        }),
        DeValue::Float(x) => Some(Cow::Borrowed(x.as_str())),
        DeValue::Boolean(on) => Some(Cow::Borrowed(if *on { "true" } else { "false" })),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// What was found, in the words of a message: `1`, "soon", a list.
pub(crate) fn found(value: &DeValue<'_>) -> Cow<'static, str> {
    match value {
        DeValue::Datetime(_) => "a date".into(),
        DeValue::Array(_) => "a list".into(),
        DeValue::Table(_) => "a table".into(),
        literal => self::literal(literal).map_or("nothing".into(), |text| quoted(&text).into()),
    }
}

/// A text in quotes that is not blank.
pub(crate) fn text<'v>(
    key: &str,
    value: &'v Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
) -> Option<&'v str> {
    match value.get_ref() {
        DeValue::String(text) if !text.trim().is_empty() => Some(text),
        DeValue::String(_) => {
            problems.push(Problem::new(
                value.span(),
                format!("`{key}` is blank"),
                "expected a text that says something",
            ));
            None
        }
        other => {
            problems.push(wrong(key, value.span(), "a text in quotes", other));
            None
        }
    }
}

/// The texts of a list, each with its place.
pub(crate) fn texts<'v>(
    key: &str,
    value: &'v Spanned<DeValue<'_>>,
    example: &str,
    problems: &mut Vec<Problem>,
) -> Vec<(&'v str, Range<usize>)> {
    let Some(items) = value.get_ref().as_array() else {
        problems.push(wrong(key, value.span(), &format!("a list such as [{example}]"), value.get_ref()));
        return Vec::new();
    };
    items.iter().filter_map(|item| text(key, item, problems).map(|text| (text, item.span()))).collect()
}

/// A value that is not what it should be.
pub(crate) fn wrong(key: &str, span: Range<usize>, expected: &str, value: &DeValue<'_>) -> Problem {
    Problem::new(
        span,
        format!("impossible value for {}", quoted(key)),
        format!("expected {expected}, found {}", found(value)),
    )
}
