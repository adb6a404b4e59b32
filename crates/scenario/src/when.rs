//! `when`: which combinations of a matrix an expectation is meant for.

use crate::nearest::{nearest, one_of, quoted};
use crate::parse::Variant;
use crate::problem::Problem;
use crate::table::{Entry, Table};
use crate::value::{literal, wrong};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// Whether `when = { workload.rate = ["100/s", "200/s"] }` holds in the combination that is read; without a `when`, always.
pub(crate) fn is_meant(entry: Option<Entry<'_>>, variant: &Variant<'_>, problems: &mut Vec<Problem>) -> bool {
    let Some(entry) = entry else { return true };
    if !entry.value.get_ref().is_table() {
        let expected = "options of the matrix with their values, such as { workload.rate = \"100/s\" }";
        problems.push(wrong(entry.name, entry.value.span(), expected, entry.value.get_ref()));
        return false;
    }
    let mut conditions = Vec::new();
    flatten(String::new(), entry.key, entry.value, &mut conditions);
    let mut is_meant = true;
    for condition in &conditions {
        is_meant &= holds(condition, variant, problems);
    }
    is_meant
}

struct Condition<'t> {
    option: String,
    key: Range<usize>,
    value: &'t Spanned<DeValue<'t>>,
}

/// Options may be written as dotted keys, as quoted ones, or as nested tables, as under `[matrix]`.
fn flatten<'t>(
    option: String,
    key: Range<usize>,
    value: &'t Spanned<DeValue<'t>>,
    into: &mut Vec<Condition<'t>>,
) {
    let Some(table) = value.get_ref().as_table() else {
        into.push(Condition { option, key, value });
        return;
    };
    for entry in Table::new(table, key).rest() {
        let dot = if option.is_empty() { "" } else { "." };
        flatten(format!("{option}{dot}{}", entry.name), entry.key, entry.value, into);
    }
}

fn holds(condition: &Condition<'_>, variant: &Variant<'_>, problems: &mut Vec<Problem>) -> bool {
    let option = condition.option.as_str();
    let options = || variant.axes.iter().map(|axis| axis.option.as_str());
    let Some(number) = options().position(|known| known == option) else {
        problems.push(
            Problem::new(
                condition.key.clone(),
                format!("{} is no option of the matrix", quoted(option)),
                one_of(options()),
            )
            .did_you_mean(nearest(option, options())),
        );
        return false;
    };
    let values = &variant.axes[number].values;
    let items = condition.value.get_ref().as_array();
    let items = items.map_or(std::slice::from_ref(condition.value), |items| items);
    let mut holds = false;
    for item in items {
        let text = literal(item.get_ref()).unwrap_or_default();
        holds |= values[variant.place[number]] == text;
        if !values.iter().any(|value| *value == text) {
            let known = || values.iter().map(String::as_str);
            problems.push(
                Problem::new(
                    item.span(),
                    format!("the matrix does not have this value of {}", quoted(option)),
                    one_of(known()),
                )
                .did_you_mean(nearest(&text, known())),
            );
        }
    }
    holds
}
