//! The section itself: options by path, each with the list of its values.

use super::{Axis, COMBINATIONS_MAX};
use crate::nearest::quoted;
use crate::problem::Problem;
use crate::value::{literal, text, wrong};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The key that names a table of options in reports.
const LABEL: &str = "label";
/// How much of a value's source a report shows, where it has no label.
const SHOWN_MAX: usize = 40;

/// An axis as the file gives it.
pub(super) struct Given<'t> {
    /// The path.
    pub(super) option: String,
    /// Where its last part stands.
    pub(super) key: Range<usize>,
    /// The values.
    pub(super) values: Vec<GivenValue<'t>>,
}

/// A value as the file gives it.
pub(super) struct GivenValue<'t> {
    /// What reports call it.
    pub(super) shown: String,
    /// What takes its place in the file's tables.
    pub(super) value: Spanned<DeValue<'t>>,
}

impl Given<'_> {
    pub(super) fn axis(&self) -> Axis {
        let values = self.values.iter().map(|value| value.shown.clone()).collect();
        Axis { option: self.option.clone(), values }
    }

    /// Where its values stand.
    pub(super) fn spans(&self) -> impl Iterator<Item = Range<usize>> {
        self.values.iter().map(|value| value.value.span())
    }
}

/// Takes the section out of the file's tables.
pub(super) fn given<'t>(root: &mut DeTable<'t>, source: &str, problems: &mut Vec<Problem>) -> Vec<Given<'t>> {
    let Some((key, section)) = root.remove_entry("matrix") else { return Vec::new() };
    let span = section.span();
    let DeValue::Table(table) = section.into_inner() else {
        problems.push(Problem::new(
            key.span(),
            "`matrix` is a section",
            "write `[matrix]`, and below it options with lists of values",
        ));
        return Vec::new();
    };
    let mut axes = Vec::new();
    read_below("", table, source, &mut axes, problems);
    axes.sort_by_key(|axis| axis.key.start);
    if axes.is_empty() && problems.is_empty() {
        problems.push(Problem::new(
            span.clone(),
            "this matrix sweeps nothing",
            "add an option with its values, such as `workload.rate = [\"100/s\", \"200/s\"]`",
        ));
    }
    let combinations = axes.iter().fold(1u128, |all, axis| all.saturating_mul(axis.values.len() as u128));
    if combinations > u128::from(COMBINATIONS_MAX) {
        problems.push(Problem::new(
            span,
            format!("this matrix has {combinations} combinations"),
            format!("expected at most {COMBINATIONS_MAX}: give fewer values, or write several scenarios"),
        ));
    }
    axes
}

/// Options may be written as dotted keys, as quoted ones, or as nested tables.
fn read_below<'t>(
    path: &str,
    table: DeTable<'t>,
    source: &str,
    axes: &mut Vec<Given<'t>>,
    problems: &mut Vec<Problem>,
) {
    for (name, value) in table {
        let option = if path.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{path}.{name}", name = name.get_ref())
        };
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(items) => {
                let values = items.into_iter().filter_map(|item| value_of(item, source, problems)).collect();
                let given = Given { option, key: name.span(), values };
                check(&given, span, axes, problems);
                axes.push(given);
            }
            DeValue::Table(nested) => read_below(&option, nested, source, axes, problems),
            other => {
                let expected = format!("a list of values, such as [{}]", &source[span.clone()]);
                problems.push(wrong(&option, span, &expected, &other));
            }
        }
    }
}

fn check(given: &Given<'_>, span: Range<usize>, known: &[Given<'_>], problems: &mut Vec<Problem>) {
    if given.values.is_empty() && problems.is_empty() {
        problems.push(Problem::new(
            span,
            format!("{} has no values", quoted(&given.option)),
            "expected at least one",
        ));
    }
    if known.iter().any(|other| other.option == given.option) {
        problems.push(Problem::new(
            given.key.clone(),
            format!("{} is given twice", quoted(&given.option)),
            "expected it once",
        ));
    }
    for (number, value) in given.values.iter().enumerate() {
        if given.values[..number].iter().any(|before| before.shown == value.shown) {
            problems.push(Problem::new(
                value.value.span(),
                format!("{} is listed twice", quoted(&value.shown)),
                "expected it once: reports could not tell the two apart",
            ));
        }
    }
}

fn value_of<'t>(
    mut value: Spanned<DeValue<'t>>,
    source: &str,
    problems: &mut Vec<Problem>,
) -> Option<GivenValue<'t>> {
    let span = value.span();
    let label = match value.get_mut() {
        DeValue::Table(table) => table.remove(LABEL),
        _ => None,
    };
    let shown = match label {
        Some(label) => text(LABEL, &label, problems)?.to_owned(),
        None => match literal(value.get_ref()) {
            Some(literal) => literal.into_owned(),
            None => source[span]
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .chars()
                .take(SHOWN_MAX)
                .collect(),
        },
    };
    Some(GivenValue { shown, value })
}
