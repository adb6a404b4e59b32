//! What a scenario asks for and its world cannot give: found by whoever makes the world, told like any other mistake in the file.

use crate::problem::{Place, Problem};
use crate::render::Problems;
use crate::scenario::Scenario;
use toml::de::{DeTable, DeValue};

/// Something that a scenario asks for and its world cannot give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The section: `world`, `source`, `sink`, …
    pub section: &'static str,
    /// Which of the section's tables, from 0, where there may be several.
    pub number: usize,
    /// The key in it.
    pub key: &'static str,
    /// What cannot be given.
    pub message: String,
    /// What can be asked for instead.
    pub expected: String,
}

impl Scenario {
    /// Whether the file itself gives a key, which has its default otherwise. `number` tells the section's tables apart, from 0.
    #[must_use]
    pub fn gives(&self, section: &str, number: usize, key: &str) -> bool {
        let (root, _) = DeTable::parse_recoverable(&self.text);
        let table = root.get_ref().get(section).and_then(|section| nth(section.get_ref(), number));
        table.is_some_and(|table| table.contains_key(key))
    }

    /// Refusals as problems, each with the line that it is about.
    #[must_use]
    pub fn refused(&self, refusals: Vec<Refusal>) -> Problems {
        let problems = refusals.into_iter().map(|refusal| self.problem(refusal));
        Problems::new(&self.file, &self.text, problems.collect())
    }

    /// What is refused, with its place.
    pub(crate) fn problem(&self, refusal: Refusal) -> Problem {
        let (root, _) = DeTable::parse_recoverable(&self.text);
        let place = if refusal.section == "world" && refusal.key == "kind" && self.overrides.world.is_some() {
            Place::CommandLine
        } else {
            place(root.get_ref(), &refusal)
        };
        Problem::new(place, refusal.message, refusal.expected)
    }
}

/// Where a key stands, or its table, where it has its default.
fn place(root: &DeTable<'_>, refusal: &Refusal) -> Place {
    let Some(section) = root.get(refusal.section) else { return Place::File };
    if let Some(value) = nth(section.get_ref(), refusal.number).and_then(|table| table.get(refusal.key)) {
        return value.span().into();
    }
    match section.get_ref() {
        DeValue::Array(tables) => tables.get(refusal.number).map_or(Place::File, |table| table.span().into()),
        _ => section.span().into(),
    }
}

/// A section's table, or one of its tables.
fn nth<'t>(section: &'t DeValue<'t>, number: usize) -> Option<&'t DeTable<'t>> {
    match section {
        DeValue::Array(tables) => nth(tables.get(number)?.get_ref(), 0),
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Colour, Overrides, Registries};

    const TEXT: &str = r#"title = "t"
[workload]
shape = "kv"
[[sink]]
kind = "cache"
[[sink]]
kind = "search"
bulk_failures = 0.5
[[strategy]]
kind = "none"
"#;

    #[test]
    fn a_refusal_points_at_the_line_of_its_key() {
        let scenario = Scenario::parse(TEXT, "t.toml", &Overrides::default(), &Registries::standard());
        let scenario = scenario.unwrap_or_else(|problems| panic!("{}", problems.render(Colour::Off)));
        let refusal = |key, number| Refusal {
            section: "sink",
            number,
            key,
            message: "not here".to_owned(),
            expected: "leave it out".to_owned(),
        };
        let problems = scenario.refused(vec![refusal("bulk_failures", 1), refusal("ttl", 0)]);
        let lines: Vec<usize> =
            problems.all().iter().filter_map(|problem| problem.position).map(|at| at.line).collect();
        assert_eq!(lines, [4, 8]);
        assert!(problems.render(Colour::Off).contains("t.toml:8"));
        assert!(scenario.gives("sink", 1, "bulk_failures") && !scenario.gives("sink", 0, "ttl"));
    }
}
