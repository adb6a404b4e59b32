//! Reads a table's settings by their declaration.

use crate::nearest::{listed, nearest, quoted};
use crate::problem::{Place, Problem};
use crate::table::{Entry, Table};
use crate::value::{literal, wrong};
use driftlab_model::{Contradiction, Datum, Kind, Setting, Settings};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::DeValue;

/// What a table may say: what its kind declares, and what all of its family take. Where both declare a name, the kind's own holds.
#[derive(Clone, Copy)]
pub(crate) struct Declared {
    pub(crate) own: &'static [Setting],
    pub(crate) common: &'static [Setting],
}

/// A table, read.
pub(crate) struct Reading {
    /// What it says, with the defaults of what it does not.
    pub(crate) settings: Settings,
    /// Where it says so.
    given: BTreeMap<&'static str, Range<usize>>,
    header: Place,
    /// Whether all of it could be read: otherwise what is built of it would complain about the wrong thing.
    pub(crate) sound: bool,
}

impl Declared {
    pub(crate) fn iter(self) -> impl Iterator<Item = &'static Setting> {
        let common =
            self.common.iter().filter(move |setting| self.own.iter().all(|own| own.name != setting.name));
        self.own.iter().chain(common)
    }

    fn defaults(self) -> Settings {
        let mut settings = Settings::defaults(self.own);
        let common = Settings::defaults(self.common);
        for (name, datum) in common.iter().filter(|(name, _)| self.own.iter().all(|own| own.name != *name)) {
            settings.set(name, datum.clone());
        }
        settings
    }

    /// Reads what is left of a table; `owner` is who takes these settings, as a message says it.
    pub(crate) fn read(self, table: Table<'_>, owner: &str, problems: &mut Vec<Problem>) -> Reading {
        let before = problems.len();
        let header = table.header.clone();
        let mut settings = self.defaults();
        let mut given = BTreeMap::new();
        for (name, entry) in self.flatten("", table.rest()) {
            let Some(setting) = self.iter().find(|setting| setting.name == name) else {
                problems.push(self.unknown(&name, &entry, owner));
                continue;
            };
            if given.insert(setting.name, entry.value.span()).is_some() {
                problems.push(Problem::new(
                    entry.key,
                    format!("{} is given twice", quoted(&name)),
                    "expected it once",
                ));
            } else if let Some(datum) = read_value(setting, &entry, problems) {
                settings.set(setting.name, datum);
            }
        }
        Reading { settings, given, header, sound: problems.len() == before }
    }

    /// Nested tables as dotted names, as deep as dotted names are declared.
    fn flatten<'t>(self, prefix: &str, entries: Vec<Entry<'t>>) -> Vec<(String, Entry<'t>)> {
        let mut flat = Vec::new();
        for entry in entries {
            let name = format!("{prefix}{}", entry.name);
            match entry.value.get_ref() {
                DeValue::Table(table) if self.below(&name).next().is_some() => {
                    let nested = Table::new(table, entry.value.span()).rest();
                    flat.extend(self.flatten(&format!("{name}."), nested));
                }
                _ => flat.push((name, entry)),
            }
        }
        flat
    }

    /// The settings in the nested table of this name.
    fn below(self, name: &str) -> impl Iterator<Item = &'static str> {
        let prefix = format!("{name}.");
        self.iter().map(|setting| setting.name).filter(move |declared| declared.starts_with(&prefix))
    }

    /// The settings outside of nested tables, and the names of those tables.
    fn outer(self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for setting in self.iter() {
            let name = setting.name.split('.').next().unwrap_or(setting.name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn unknown(self, name: &str, entry: &Entry<'_>, owner: &str) -> Problem {
        let nested: Vec<&str> = self.below(name).collect();
        if let [first, ..] = nested.as_slice() {
            return Problem::new(
                entry.value.span(),
                format!("{} is a table of settings", quoted(name)),
                format!("expected a table with {}", listed(nested.iter().copied())),
            )
            .help(first.strip_prefix(name).map(|key| format!("write `{name} = {{ {} = … }}`", &key[1..])));
        }
        let all: Vec<&'static str> = self.iter().map(|setting| setting.name).collect();
        // Among its neighbours in a nested table first: `count` is nearer to `keys.count` than to anything outside of it.
        let group = name.rsplit_once('.').map_or("", |(group, _)| group);
        let neighbours = Some(self.below(group).collect()).filter(|below: &Vec<_>| !below.is_empty());
        let neighbours = neighbours.unwrap_or_else(|| self.outer());
        let inner = || all.iter().copied().find(|full| full.ends_with(&format!(".{name}")));
        let near = nearest(name, neighbours.iter().copied())
            .or_else(inner)
            .or_else(|| nearest(name, all.iter().copied()));
        Problem::new(
            entry.key.clone(),
            format!("unknown setting {}", quoted(name)),
            format!("{owner} takes {}", listed(neighbours.iter().copied())),
        )
        .did_you_mean(near)
    }
}

impl Reading {
    /// A contradiction as a problem at the setting that it names, or at the table's header where the setting is not given.
    pub(crate) fn contradiction(&self, why: &Contradiction) -> Problem {
        match self.given.get(why.setting) {
            Some(span) => Problem::new(span.clone(), why.message.as_str(), "given here"),
            None => Problem::new(
                self.header.clone(),
                why.message.as_str(),
                format!("{} is not given here", quoted(why.setting)),
            ),
        }
    }

    /// Where a setting is given, or else the table's header.
    pub(crate) fn place(&self, name: &str) -> Place {
        self.given.get(name).map_or_else(|| self.header.clone(), |span| span.clone().into())
    }
}

/// The value of one setting, or a problem.
pub(crate) fn read_value(setting: &Setting, entry: &Entry<'_>, problems: &mut Vec<Problem>) -> Option<Datum> {
    let value = entry.value.get_ref();
    let in_quotes = matches!(value, DeValue::String(_));
    let text = match literal(value) {
        Some(text) if in_quotes || !matches!(setting.kind, Kind::Text) => text,
        _ => {
            problems.push(wrong(setting.name, entry.value.span(), &setting.kind.to_string(), value));
            return None;
        }
    };
    match setting.kind.read(&text) {
        Ok(datum) => Some(datum),
        Err(expected) => {
            let words: &[(&'static str, &str)] = match setting.kind {
                Kind::Choice(words) => words,
                _ => &[],
            };
            problems.push(
                wrong(setting.name, entry.value.span(), &expected.0, value)
                    .did_you_mean(nearest(&text, words.iter().map(|(word, _)| *word))),
            );
            None
        }
    }
}
