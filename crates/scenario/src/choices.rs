//! `[[sink]]`, `[[strategy]]` and `[[fault]]`: a kind out of a registry, a name, settings.

use crate::nearest::{nearest, one_of, quoted};
use crate::problem::{Place, Problem};
use crate::registered::Registered;
use crate::scenario::Choice;
use crate::settings::Declared;
use crate::table::Table;
use crate::value::text;
use std::collections::BTreeSet;

/// A table, read as far as it could be.
pub(crate) struct Named {
    /// Its name, so that references to it can be checked even where the rest is wrong; `None` where it has neither name nor kind.
    pub(crate) name: Option<String>,
    /// What it chooses, if that could be read.
    pub(crate) choice: Option<Choice>,
}

/// What becomes of a second thing of a kind when neither has a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unnamed {
    /// It is refused: results could not tell the two apart, and expectations name them.
    Refused,
    /// It is numbered: `crash`, `crash 2`.
    Numbered,
}

/// Reads all tables of a registry.
pub(crate) fn choices<E: Registered>(
    tables: Vec<Table<'_>>,
    entries: &'static [E],
    unnamed: Unnamed,
    problems: &mut Vec<Problem>,
) -> Vec<Named> {
    let mut all = Vec::new();
    for mut table in tables {
        let header = table.header.clone();
        let name = table.take("name");
        let place = name.as_ref().map_or(header, |entry| entry.value.span().into());
        let given = name.and_then(|entry| text("name", entry.value, problems)).map(str::to_owned);
        let kind = kind(&mut table, entries, problems);
        let source = if given.is_some() { NameFrom::File } else { NameFrom::Kind };
        let name = given.or_else(|| kind.as_ref().map(|kind| kind.word.clone()));
        let choice = kind.and_then(|kind| choice(kind.entry?, name.as_deref()?, table, problems));
        all.push((place, source, Named { name, choice }));
    }
    tell_apart::<E>(&mut all, unnamed, problems);
    all.into_iter().map(|(_, _, thing)| thing).collect()
}

/// Where a thing has its name from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NameFrom {
    File,
    Kind,
}

/// Numbers or refuses names that are taken. Given names come first: one made up must not take theirs.
fn tell_apart<E: Registered>(
    all: &mut [(Place, NameFrom, Named)],
    unnamed: Unnamed,
    problems: &mut Vec<Problem>,
) {
    let mut taken = BTreeSet::new();
    for turn in [NameFrom::File, NameFrom::Kind] {
        for (place, source, thing) in all.iter_mut().filter(|(_, source, _)| *source == turn) {
            let Some(name) = thing.name.clone() else { continue };
            let numbered = (2..).map(|n| format!("{name} {n}"));
            let tries =
                if *source == NameFrom::Kind && unnamed == Unnamed::Numbered { usize::MAX } else { 1 };
            let free =
                std::iter::once(name.clone()).chain(numbered).take(tries).find(|name| !taken.contains(name));
            if let Some(free) = free {
                if let Some(choice) = &mut thing.choice {
                    choice.name.clone_from(&free);
                }
                taken.insert(free);
            } else {
                problems.push(Problem::new(
                    place.clone(),
                    format!("another {} is called {} already", E::SECTION, quoted(&name)),
                    match source {
                        NameFrom::File => "expected a name of its own",
                        NameFrom::Kind => "add a `name` of its own",
                    },
                ));
            }
        }
    }
}

struct Chosen<E: 'static> {
    word: String,
    entry: Option<&'static E>,
}

fn kind<E: Registered>(
    table: &mut Table<'_>,
    entries: &'static [E],
    problems: &mut Vec<Problem>,
) -> Option<Chosen<E>> {
    let kinds = || entries.iter().map(Registered::name);
    let Some(entry) = table.take("kind") else {
        problems.push(Problem::new(
            table.header.clone(),
            format!("this {} has no `kind`", E::SECTION),
            one_of(kinds()),
        ));
        return None;
    };
    let word = text("kind", entry.value, problems)?;
    let chosen = entries.iter().find(|entry| entry.name() == word);
    if chosen.is_none() {
        problems.push(
            Problem::new(
                entry.value.span(),
                format!("unknown kind of {} {}", E::SECTION, quoted(word)),
                one_of(kinds()),
            )
            .did_you_mean(nearest(word, kinds())),
        );
    }
    Some(Chosen { word: word.to_owned(), entry: chosen })
}

fn choice<E: Registered>(
    entry: &'static E,
    name: &str,
    table: Table<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Choice> {
    let declared = Declared { own: entry.settings(), common: E::COMMON };
    let owner = format!("the {} {}", E::SECTION, quoted(entry.name()));
    let reading = declared.read(table, &owner, problems);
    if !reading.sound {
        return None;
    }
    if let Err(why) = entry.check(&reading.settings) {
        problems.push(reading.contradiction(&why));
        return None;
    }
    Some(Choice { name: name.to_owned(), kind: entry.name(), settings: reading.settings })
}
