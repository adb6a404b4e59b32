//! A text as a scenario: the sections in turn, then what binds them together.

use crate::choices::{Named, Unnamed, choices};
use crate::expectations::{Known, expectations};
use crate::lines::Lines;
use crate::load::name_of;
use crate::matrix::{Axis, Matrix, told};
use crate::nearest::{nearest, one_of, quoted};
use crate::overrides::Overrides;
use crate::problem::{Place, Problem};
use crate::registries::Registries;
use crate::render::Problems;
use crate::scenario::{Choice, Expectation, Scenario};
use crate::sections::{CHECKPOINT, LOG, SOURCE, WORLD};
use crate::settings::Declared;
use crate::table::{Entry, Table};
use crate::value::{text, texts};
use crate::workload::{Around, workload};
use crate::world::world;
use driftlab_model::Setting;
use std::path::Path;
use toml::Spanned;
use toml::de::DeTable;

/// What may stand at the top level.
const TOP: &[&str] = &[
    "title",
    "story",
    "links",
    "world",
    "workload",
    "source",
    "log",
    "checkpoint",
    "sink",
    "strategy",
    "fault",
    "expect",
    "matrix",
];
/// A drawing of more copies than this cannot be read, and a sink's id is a small number.
const SINKS_MAX: usize = 8;

impl Scenario {
    /// Reads a scenario out of a text. `file` is what messages call it, and relative paths in it start at its folder. A profile that it names is read too.
    ///
    /// # Errors
    /// Everything that is wrong with the text, or with what the overrides make of it, at once. Where the text is not TOML, that alone.
    /// A text with a `[matrix]` is refused: see [`Matrix::parse`].
    pub fn parse(
        text: &str,
        file: &str,
        overrides: &Overrides,
        registries: &Registries,
    ) -> Result<Self, Problems> {
        Matrix::parse(text, file, overrides, registries)?.single().map_err(|matrix| {
            let problem = Problem::new(
                matrix.header.clone(),
                format!("this file has a scenario for each of {} combinations", matrix.cells.len()),
                "`driftlab run` runs them all; where a single scenario is wanted, leave `[matrix]` out",
            );
            Problems::new(file, text, vec![problem])
        })
    }
}

/// The combination of a matrix that a scenario is read for; of a file without one, the empty combination.
pub(crate) struct Variant<'a> {
    pub(crate) axes: &'a [Axis],
    pub(crate) place: &'a [usize],
}

impl Variant<'_> {
    /// Tells the digests of combinations apart; nothing for the empty one.
    fn mark(&self) -> String {
        let told = told(self.axes, self.place);
        if told.is_empty() { told } else { format!("\0matrix {told}") }
    }
}

/// The tables of a text, or what keeps it from being TOML.
pub(crate) fn root(text: &str) -> Result<Spanned<DeTable<'_>>, Vec<Problem>> {
    let (root, mistakes) = DeTable::parse_recoverable(text);
    if mistakes.is_empty() { Ok(root) } else { Err(syntax(text, &mistakes)) }
}

/// Mistakes in the TOML itself, the first of each line: what follows on a line follows from it.
fn syntax(text: &str, mistakes: &[toml::de::Error]) -> Vec<Problem> {
    let lines = Lines::of(text);
    let mut told = Vec::new();
    let mut problems = Vec::new();
    for mistake in mistakes {
        let span = mistake.span().unwrap_or(text.len()..text.len());
        let line = lines.line(span.start.min(text.len()));
        if !told.contains(&line) {
            told.push(line);
            problems.push(Problem::new(span, "this is not TOML", mistake.message()));
        }
    }
    problems
}

pub(crate) fn read(
    source_text: &str,
    file: &str,
    mut root: Table<'_>,
    overrides: &Overrides,
    registries: &Registries,
    variant: &Variant<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Scenario> {
    let lines = Lines::of(source_text);
    let title = root.take("title");
    if title.is_none() {
        problems.push(Problem::new(
            Place::File,
            "the scenario has no title",
            "add `title = \"…\"` as its first line",
        ));
    }
    let title = title.and_then(|entry| text("title", entry.value, problems)).unwrap_or_default().to_owned();
    let story = root.take("story").and_then(|entry| text("story", entry.value, problems)).unwrap_or_default();
    let story = story.to_owned();
    let links = links(root.take("links"), problems);

    let world = world(root.section("world", problems).unwrap_or_else(Table::absent), overrides, problems);
    let around = Around {
        folder: Path::new(file).parent().unwrap_or(Path::new("")),
        database: overrides.database.as_ref(),
    };
    let before = problems.len();
    let workload_table = root.section("workload", problems);
    // A section of the wrong form is told of as that, not also as missing.
    let readable = problems.len() == before;
    let workload = readable
        .then(|| workload(workload_table.unwrap_or_else(Table::absent), registries, &around, problems))
        .flatten();
    let mut section = |name: &str, place: &str, own: &'static [Setting]| {
        let table = root.section(name, problems).unwrap_or_else(Table::absent);
        Declared { own, common: &[] }.read(table, place, problems).settings
    };
    let source = section("source", "`[source]`", SOURCE);
    let log = section("log", "`[log]`", LOG);
    let checkpoint = section("checkpoint", "`[checkpoint]`", CHECKPOINT);

    let sinks = some(&mut root, "sink", registries.stores.first().map(|entry| entry.name), problems);
    not_too_many(&sinks, problems);
    let sinks = choices(sinks, registries.stores, Unnamed::Refused, problems);
    let example = registries.strategies.first().map(|entry| entry.name);
    let strategies = some(&mut root, "strategy", example, problems);
    let strategies = choices(strategies, registries.strategies, Unnamed::Refused, problems);
    let faults = choices(root.sections("fault", problems), registries.faults, Unnamed::Numbered, problems);

    let known = Known { strategies: names(&strategies), sinks: names(&sinks), variant };
    let expects = root.sections("expect", problems);
    let expectations: Vec<Expectation> =
        expects.into_iter().flat_map(|table| expectations(table, &known, &lines, problems)).collect();
    for entry in root.rest() {
        problems.push(unknown(&entry, registries));
    }
    only_known(overrides, &known.strategies, problems);

    let kept =
        |name: &str| overrides.strategies.is_empty() || overrides.strategies.iter().any(|kept| kept == name);
    Some(Scenario {
        file: file.to_owned(),
        name: name_of(Path::new(file)),
        digest: overrides.digest(&format!("{source_text}{}", variant.mark())),
        text: source_text.to_owned(),
        overrides: overrides.clone(),
        title,
        story,
        links,
        world,
        times: None,
        workload: workload?,
        source,
        log,
        checkpoint,
        sinks: chosen(sinks),
        strategies: chosen(strategies).into_iter().filter(|choice| kept(&choice.name)).collect(),
        faults: chosen(faults),
        expectations: expectations
            .into_iter()
            .filter(|expectation| expectation.strategy.as_deref().is_none_or(kept))
            .collect(),
    })
}

/// Each name once, in the order of the file.
fn names(all: &[Named]) -> Vec<&str> {
    let mut names = Vec::new();
    for name in all.iter().filter_map(|thing| thing.name.as_deref()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn chosen(all: Vec<Named>) -> Vec<Choice> {
    all.into_iter().filter_map(|thing| thing.choice).collect()
}

fn links(entry: Option<Entry<'_>>, problems: &mut Vec<Problem>) -> Vec<String> {
    let Some(entry) = entry else { return Vec::new() };
    let links = texts("links", entry.value, "\"https://…\"", problems);
    for (link, span) in &links {
        // Reports make these clickable: nothing but the web may stand here.
        if !link.starts_with("https://") && !link.starts_with("http://") {
            problems.push(Problem::new(
                span.clone(),
                format!("{} is no link", quoted(link)),
                "expected an address that begins with https:// or http://",
            ));
        }
    }
    links.into_iter().map(|(link, _)| link.to_owned()).collect()
}

/// The tables of a section of which there must be one at least.
fn some<'t>(
    root: &mut Table<'t>,
    section: &str,
    example: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Vec<Table<'t>> {
    let before = problems.len();
    let tables = root.sections(section, problems);
    if tables.is_empty() && problems.len() == before {
        let example =
            example.map_or_else(String::new, |kind| format!(" with `kind = \"{kind}\"`, for example"));
        problems.push(Problem::new(
            Place::File,
            format!("the scenario has no {section}"),
            format!("add a `[[{section}]]`{example}"),
        ));
    }
    tables
}

fn not_too_many(sinks: &[Table<'_>], problems: &mut Vec<Problem>) {
    if let Some(first) = sinks.get(SINKS_MAX) {
        problems.push(Problem::new(
            first.header.clone(),
            "too many sinks",
            format!("expected at most {SINKS_MAX} of them, found {}", sinks.len()),
        ));
    }
}

fn unknown(entry: &Entry<'_>, registries: &Registries) -> Problem {
    let homes: [(&str, &[Setting]); 5] = [
        ("world", WORLD),
        ("workload", registries.workload),
        ("source", SOURCE),
        ("log", LOG),
        ("checkpoint", CHECKPOINT),
    ];
    let home = homes.iter().find(|(_, settings)| settings.iter().any(|setting| setting.name == entry.name));
    let problem = Problem::new(
        entry.key.clone(),
        format!("unknown section or key {}", quoted(entry.name)),
        one_of(TOP.iter().copied()),
    );
    match home {
        Some((section, _)) => problem.help(Some(format!("`{}` belongs under `[{section}]`", entry.name))),
        None => problem.did_you_mean(nearest(entry.name, TOP.iter().copied())),
    }
}

/// Strategies that the command line asks for must be in the file.
fn only_known(overrides: &Overrides, known: &[&str], problems: &mut Vec<Problem>) {
    for name in overrides.strategies.iter().filter(|name| !known.contains(&name.as_str())) {
        problems.push(
            Problem::new(
                Place::CommandLine,
                format!("no strategy of this scenario is called {}", quoted(name)),
                one_of(known.iter().copied()),
            )
            .did_you_mean(nearest(name, known.iter().copied())),
        );
    }
}
