//! `[world]`, and what the command line changes in it.

use crate::nearest::{nearest, one_of, quoted};
use crate::overrides::Overrides;
use crate::problem::{Place, Problem};
use crate::sections::WORLD;
use crate::settings::{Declared, read_value};
use crate::table::Table;
use driftlab_model::{Datum, Kind, Setting, Settings};
use toml::de::DeValue;

/// The kinds of world that this version can run.
const RUNS: [&str; 2] = ["virtual", "embedded"];

pub(crate) fn world(mut table: Table<'_>, overrides: &Overrides, problems: &mut Vec<Problem>) -> Settings {
    let settle = settle(&mut table, problems);
    let mut reading = Declared { own: WORLD, common: &[] }.read(table, "`[world]`", problems);
    let settings = &mut reading.settings;
    if let Some(limit) = settle {
        settings.set("settle", limit);
    }
    let changed = overridden(overrides, settings, problems);
    let place = |name: &str, changed: bool| if changed { Place::CommandLine } else { reading.place(name) };

    let settings = &reading.settings;
    if !RUNS.contains(&settings.word("kind")) {
        problems.push(Problem::new(
            place("kind", changed.kind),
            format!("a world of the kind `{}` cannot run yet", settings.word("kind")),
            one_of(RUNS),
        ));
    }
    if settings.span("duration").is_zero() {
        problems.push(Problem::new(
            place("duration", changed.duration),
            "a duration of nothing",
            "expected a duration above zero",
        ));
    }
    if settings.count("seed").checked_add(settings.count("seeds") - 1).is_none() {
        problems.push(Problem::new(
            place("seed", changed.seed),
            "the seeds run out of numbers",
            "expected a `seed` so low that `seeds` more of them exist",
        ));
    }
    reading.settings
}

/// `settle = "auto"` is what it is when unset.
fn settle(table: &mut Table<'_>, problems: &mut Vec<Problem>) -> Option<Datum> {
    let entry = table.take("settle")?;
    if matches!(entry.value.get_ref(), DeValue::String(word) if word == "auto") {
        return None;
    }
    let limit = read_value(declaration("settle"), &entry, problems);
    if limit.is_none()
        && let Some(problem) = problems.last_mut()
    {
        problem.help = Some("or write \"auto\"".to_owned());
    }
    limit
}

fn declaration(name: &str) -> &'static Setting {
    WORLD.iter().find(|setting| setting.name == name).expect("a setting that this file declares")
}

/// Which settings the command line changed.
struct Changed {
    kind: bool,
    seed: bool,
    duration: bool,
}

fn overridden(overrides: &Overrides, settings: &mut Settings, problems: &mut Vec<Problem>) -> Changed {
    let kind = declaration("kind");
    if let Some(word) = &overrides.world {
        if let Ok(datum) = kind.kind.read(word) {
            settings.set(kind.name, datum);
        } else if let Kind::Choice(words) = kind.kind {
            let words = || words.iter().map(|(word, _)| *word);
            problems.push(
                Problem::new(
                    Place::CommandLine,
                    format!("unknown kind of world {}", quoted(word)),
                    one_of(words()),
                )
                .did_you_mean(nearest(word, words())),
            );
        }
    }
    for (name, number) in [("seed", overrides.seed), ("seeds", overrides.seeds)] {
        let Some(number) = number else { continue };
        let setting = declaration(name);
        match setting.kind.read(&number.to_string()) {
            Ok(datum) => settings.set(setting.name, datum),
            Err(expected) => problems.push(Problem::new(
                Place::CommandLine,
                format!("impossible value for `{name}`"),
                format!("expected {}, found {number}", expected.0),
            )),
        }
    }
    if let Some(duration) = overrides.duration {
        settings.set("duration", Datum::Span(duration));
    }
    Changed {
        kind: overrides.world.is_some(),
        seed: overrides.seed.or(overrides.seeds).is_some(),
        duration: overrides.duration.is_some(),
    }
}
