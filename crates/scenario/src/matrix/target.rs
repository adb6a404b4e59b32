//! The place in the file's tables that a path names.

use super::axes::{Given, GivenValue};
use crate::nearest::{nearest, one_of, quoted};
use crate::problem::Problem;
use std::borrow::Cow;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Sections that stand once in a file.
const SINGLE: [&str; 5] = ["world", "workload", "source", "log", "checkpoint"];
/// Sections of named things.
const NAMED: [&str; 3] = ["sink", "strategy", "fault"];

/// The place that a path names: a table, and the path that is left within it.
pub(super) struct Target<'a, 't> {
    table: &'a mut DeTable<'t>,
    rest: String,
    key: Range<usize>,
}

impl<'a, 't> Target<'a, 't> {
    /// Finds the table of a path.
    ///
    /// # Errors
    /// Where the path names no section, or nothing in it.
    pub(super) fn find(root: &'a mut DeTable<'t>, given: &Given<'_>) -> Result<Self, Problem> {
        let (section, rest) = given.option.split_once('.').unwrap_or((&given.option, ""));
        let key = given.key.clone();
        if given.option == "world.seed" || given.option == "world.seeds" {
            return Err(Problem::new(
                key,
                "seeds are no option to sweep",
                "every combination is run for all seeds: give `seeds` under `[world]`",
            ));
        }
        if SINGLE.contains(&section) {
            let table = below(root, section, &key);
            return Ok(Self { table, rest: rest.to_owned(), key });
        }
        if NAMED.contains(&section) {
            return named(root, section, rest, key);
        }
        let sections = || SINGLE.into_iter().chain(NAMED);
        Err(Problem::new(
            key,
            format!("{} leads to no option", quoted(&given.option)),
            format!("{} as the beginning of its path", one_of(sections())),
        )
        .did_you_mean(nearest(section, sections())))
    }

    /// Puts a value there. A table goes into the one that is there, option by option; anything else takes the place of what was there.
    pub(super) fn set(self, given: &GivenValue<'t>) {
        put(self.table, &self.rest, &self.key, given.value.clone());
    }
}

/// The thing of a section whose name begins the path: names may have dots in them, so the longest that fits is meant.
fn named<'a, 't>(
    root: &'a mut DeTable<'t>,
    section: &str,
    path: &str,
    key: Range<usize>,
) -> Result<Target<'a, 't>, Problem> {
    let things = root.get_mut(section).map(Spanned::get_mut);
    let tables: Vec<&mut DeTable<'t>> = match things {
        Some(DeValue::Array(items)) => items.iter_mut().filter_map(|item| table_of(item.get_mut())).collect(),
        _ => Vec::new(),
    };
    let names: Vec<String> = tables.iter().filter_map(|table| name_of(table)).collect();
    let fits =
        |name: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let meant = names.iter().filter(|name| fits(name)).max_by_key(|name| name.len());
    let Some(meant) = meant else {
        let word = path.split('.').next().unwrap_or(path);
        let known = || names.iter().map(String::as_str);
        return Err(Problem::new(
            key,
            format!("no {section} of this scenario is called {}", quoted(word)),
            one_of(known()),
        )
        .did_you_mean(nearest(word, known())));
    };
    let rest = path[meant.len()..].trim_start_matches('.').to_owned();
    let table = tables.into_iter().find(|table| name_of(table).as_ref() == Some(meant));
    Ok(Target { table: table.expect("its name was found a moment ago"), rest, key })
}

/// What a thing is called: its name, or else its kind.
fn name_of(table: &DeTable<'_>) -> Option<String> {
    let given = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str());
    given("name").or_else(|| given("kind")).map(str::to_owned)
}

fn table_of<'a, 't>(value: &'a mut DeValue<'t>) -> Option<&'a mut DeTable<'t>> {
    match value {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// The table of this name, made where there is none.
fn below<'a, 't>(table: &'a mut DeTable<'t>, name: &str, key: &Range<usize>) -> &'a mut DeTable<'t> {
    if !table.get(name).is_some_and(|value| value.get_ref().is_table()) {
        insert(table, name, key, Spanned::new(key.clone(), DeValue::Table(DeTable::new())));
    }
    let value = table.get_mut(name).map(Spanned::get_mut).and_then(table_of);
    value.expect("a table was put there where none was")
}

fn put<'t>(table: &mut DeTable<'t>, path: &str, key: &Range<usize>, value: Spanned<DeValue<'t>>) {
    if let DeValue::Table(_) = value.get_ref() {
        let DeValue::Table(options) = value.into_inner() else { return };
        let into = path.split('.').filter(|name| !name.is_empty());
        let table = into.fold(table, |table, name| below(table, name, key));
        for (name, value) in options {
            put(table, name.get_ref(), &name.span(), value);
        }
        return;
    }
    match path.split_once('.') {
        Some((name, rest)) => put(below(table, name, key), rest, key, value),
        None => insert(table, path, key, value),
    }
}

/// The key is that of the matrix, so that what is wrong with it is told there.
fn insert<'t>(table: &mut DeTable<'t>, name: &str, key: &Range<usize>, value: Spanned<DeValue<'t>>) {
    table.remove(name);
    table.insert(Spanned::new(key.clone(), Cow::Owned(name.to_owned())), value);
}
