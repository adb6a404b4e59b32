//! `[[expect]]`: what the author of a scenario claims.

use crate::lines::Lines;
use crate::nearest::{nearest, one_of, quoted};
use crate::parse::Variant;
use crate::problem::Problem;
use crate::scenario::{Claim, Comparison, Expectation, Measure};
use crate::table::{Entry, Table};
use crate::value::{text, texts, wrong};
use crate::when::is_meant;
use driftlab_check::{ANOMALIES, Anomaly};
use driftlab_model::{Span, notation};
use std::ops::Range;
use toml::de::DeValue;

/// The names that expectations can use.
pub(crate) struct Known<'a> {
    pub(crate) strategies: Vec<&'a str>,
    pub(crate) sinks: Vec<&'a str>,
    /// The combination of the matrix that is read.
    pub(crate) variant: &'a Variant<'a>,
}

/// Reads one table; each key that claims something becomes an expectation, each listed anomaly one of its own.
pub(crate) fn expectations(
    mut table: Table<'_>,
    known: &Known<'_>,
    lines: &Lines,
    problems: &mut Vec<Problem>,
) -> Vec<Expectation> {
    let before = problems.len();
    let header = table.header.clone();
    let strategy = reference(table.take("strategy"), &known.strategies, problems);
    let sink_place = table.take("sink");
    let sink_key = sink_place.as_ref().map(|entry| entry.key.clone());
    let sink = reference(sink_place, &known.sinks, problems);

    let is_meant = is_meant(table.take("when"), known.variant, problems);

    let mut claims: Vec<(Range<usize>, Claim)> = Vec::new();
    for entry in table.rest() {
        let key = entry.key.clone();
        match entry.name {
            "shows" => {
                let names = anomalies(&entry, Wildcard::Refused, problems);
                claims
                    .extend(names.into_iter().flatten().map(|anomaly| (key.clone(), Claim::Shows(anomaly))));
            }
            "never" => claims.extend(
                anomalies(&entry, Wildcard::Allowed, problems)
                    .into_iter()
                    .map(|anomaly| (key.clone(), anomaly.map_or(Claim::NeverAny, Claim::Never))),
            ),
            "converges" => match entry.value.get_ref() {
                DeValue::Boolean(converges) => claims.push((key, Claim::Converges(*converges))),
                other => problems.push(wrong("converges", entry.value.span(), "true or false", other)),
            },
            name => match Measure::named(name) {
                Some(measure) => {
                    if measure == Measure::WriteP99
                        && let Some(sink) = &sink_key
                    {
                        problems.push(Problem::new(
                            sink.clone(),
                            "`write_p99` is measured at the clients, not at a sink",
                            "leave `sink` out, or put `write_p99` into an `[[expect]]` of its own",
                        ));
                    }
                    claims.extend(bound(measure, &entry, problems).map(|claim| (key, claim)));
                }
                None => problems.push(unknown(&entry)),
            },
        }
    }
    contradictions(&claims, problems);
    if claims.is_empty() && problems.len() == before {
        problems.push(Problem::new(
            header,
            "this expectation expects nothing",
            format!(
                "add {}",
                words()
                    .filter(|word| !matches!(*word, "strategy" | "sink" | "when"))
                    .map(quoted)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        ));
    }
    claims
        .into_iter()
        .filter(|_| is_meant)
        .map(|(key, claim)| Expectation {
            line: lines.line(key.start),
            strategy: strategy.clone(),
            sink: sink.clone(),
            claim,
        })
        .collect()
}

/// All keys of an `[[expect]]`.
fn words() -> impl Iterator<Item = &'static str> {
    ["strategy", "sink", "when", "shows", "never", "converges"]
        .into_iter()
        .chain(Measure::ALL.iter().map(|measure| measure.name()))
}

fn unknown(entry: &Entry<'_>) -> Problem {
    let problem = Problem::new(
        entry.key.clone(),
        format!("unknown expectation {}", quoted(entry.name)),
        one_of(words()),
    );
    match ANOMALIES.iter().find(|known| known.name == entry.name) {
        Some(known) => {
            problem.help(Some(format!("write `shows = [\"{0}\"]` or `never = [\"{0}\"]`", known.name)))
        }
        None => problem.did_you_mean(nearest(entry.name, words())),
    }
}

fn reference(entry: Option<Entry<'_>>, known: &[&str], problems: &mut Vec<Problem>) -> Option<String> {
    let entry = entry?;
    let name = text(entry.name, entry.value, problems)?;
    // Where there is none at all, that is told already.
    if !known.contains(&name) && !known.is_empty() {
        problems.push(
            Problem::new(
                entry.value.span(),
                format!("no {} of this scenario is called {}", entry.name, quoted(name)),
                one_of(known.iter().copied()),
            )
            .did_you_mean(nearest(name, known.iter().copied())),
        );
    }
    Some(name.to_owned())
}

/// Whether `*` may stand for all anomalies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wildcard {
    Allowed,
    Refused,
}

/// The anomalies of a list; `None` is `*`.
fn anomalies(entry: &Entry<'_>, wildcard: Wildcard, problems: &mut Vec<Problem>) -> Vec<Option<Anomaly>> {
    let before = problems.len();
    let names = texts(entry.name, entry.value, "\"lost_update\"", problems);
    if names.is_empty() && problems.len() == before {
        problems.push(Problem::new(
            entry.value.span(),
            format!("`{}` lists nothing", entry.name),
            "expected the name of an anomaly at least",
        ));
    }
    let mut found: Vec<Option<Anomaly>> = Vec::new();
    for (name, span) in names {
        let anomaly = match ANOMALIES.iter().find(|known| known.name == name) {
            Some(known) => Some(known.anomaly),
            None if name == "*" && wildcard == Wildcard::Allowed => None,
            None if name == "*" => {
                problems.push(Problem::new(
                    span,
                    "`*` stands for all anomalies, which no run shows",
                    "name those that are to be seen",
                ));
                continue;
            }
            None => {
                let all = || ANOMALIES.iter().map(|known| known.name);
                problems.push(
                    Problem::new(span, format!("unknown anomaly {}", quoted(name)), one_of(all()))
                        .did_you_mean(nearest(name, all())),
                );
                continue;
            }
        };
        if found.contains(&anomaly) {
            problems.push(Problem::new(
                span,
                format!("{} is listed twice", quoted(name)),
                "expected it once",
            ));
        } else {
            found.push(anomaly);
        }
    }
    found
}

/// A run cannot both show an anomaly and never show it.
fn contradictions(claims: &[(Range<usize>, Claim)], problems: &mut Vec<Problem>) {
    for (key, claim) in claims {
        if let Claim::Never(anomaly) = claim
            && claims.iter().any(|(_, other)| *other == Claim::Shows(*anomaly))
        {
            problems.push(Problem::new(
                key.clone(),
                format!("`{anomaly}` is expected and ruled out at once"),
                "name it under `shows` or under `never`, or split the `[[expect]]` by strategy or sink",
            ));
        }
    }
}

fn bound(measure: Measure, entry: &Entry<'_>, problems: &mut Vec<Problem>) -> Option<Claim> {
    let value = entry.value.get_ref();
    let read = match value {
        DeValue::String(text) => read_bound(text),
        _ => None,
    };
    let Some((comparison, bound)) = read else {
        let problem =
            wrong(entry.name, entry.value.span(), "a comparison such as \"<= 250ms\" or \">= 1s\"", value);
        let meant = value.as_str().filter(|text| notation::span(text).is_ok());
        problems.push(problem.help(meant.map(|text| format!("write `{} = \"<= {text}\"`", entry.name))));
        return None;
    };
    Some(Claim::Bound { measure, comparison, bound })
}

fn read_bound(text: &str) -> Option<(Comparison, Span)> {
    let text = text.trim();
    Comparison::ALL.iter().find_map(|comparison| {
        let span = notation::span(text.strip_prefix(comparison.symbol())?).ok()?;
        Some((*comparison, span))
    })
}
