//! Settings: what a kind of thing (a strategy, a sink, a fault, a shape) lets a scenario choose.
//!
//! A registry entry declares its settings once, as data. Parsing, error messages, defaults, `driftlab list`, the JSON Schema and
//! the catalog all follow from that declaration.

use crate::latency::Latency;
use crate::notation::{self, Expected};
use crate::time::Span;
use std::collections::BTreeMap;
use std::fmt;

/// One setting that a scenario may give.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its key in the scenario file.
    pub name: &'static str,
    /// One sentence for help and catalog.
    pub summary: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its value where the scenario is silent, written as a scenario would; `None`: it is then unset.
    pub default: Option<&'static str>,
}

/// What a setting takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One of some words, each with what it means.
    Choice(&'static [(&'static str, &'static str)]),
    /// A duration: `"250ms"`.
    Span,
    /// A latency distribution: `"exp(5ms)"`.
    Latency,
    /// A rate: `"200/s"`.
    Rate,
    /// A whole number between two bounds.
    Count(u64, u64),
    /// A number between two bounds.
    Number(f64, f64),
    /// `true` or `false`.
    Switch,
    /// A range of counts: `"1..=5"`.
    Range,
    /// A text: a name, a path.
    Text,
}

/// A value given for a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// A chosen word.
    Word(&'static str),
    /// A duration.
    Span(Span),
    /// A latency.
    Latency(Latency),
    /// Events a second.
    Rate(f64),
    /// A whole number.
    Count(u64),
    /// A number.
    Number(f64),
    /// On or off.
    Switch(bool),
    /// A range, both ends included.
    Range(u64, u64),
    /// A text.
    Text(String),
}

impl Kind {
    /// Reads a value written as text; numbers and switches may be written bare in a scenario file and come here
    /// as the text of the literal.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn read(&self, text: &str) -> Result<Datum, Expected> {
        let refuse = || Err(Expected(self.to_string()));
        match *self {
            Self::Choice(words) => words
                .iter()
                .find(|(word, _)| *word == text)
                .map_or_else(refuse, |(word, _)| Ok(Datum::Word(word))),
            Self::Span => notation::span(text).map(Datum::Span),
            Self::Latency => notation::latency(text).map(Datum::Latency),
            Self::Rate => notation::rate(text).map(Datum::Rate),
            Self::Count(low, high) => match text.replace('_', "").parse() {
                Ok(n) if (low..=high).contains(&n) => Ok(Datum::Count(n)),
                _ => refuse(),
            },
            Self::Number(low, high) => match text.replace('_', "").parse() {
                Ok(x) if (low..=high).contains(&x) => Ok(Datum::Number(x)),
                _ => refuse(),
            },
            Self::Switch => text.parse().map_or_else(|_| refuse(), |on| Ok(Datum::Switch(on))),
            Self::Range => notation::range(text).map(|(low, high)| Datum::Range(low, high)),
            Self::Text => Ok(Datum::Text(text.to_owned())),
        }
    }
}

impl fmt::Display for Kind {
    /// What is expected, as an error message says it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choice(words) => {
                f.write_str("one of ")?;
                for (i, (word, _)) in words.iter().enumerate() {
                    write!(f, "{}\"{word}\"", if i == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::Span => f.write_str("a duration such as \"250ms\""),
            Self::Latency => f.write_str("a latency such as \"5ms\" or \"exp(5ms)\""),
            Self::Rate => f.write_str("a rate such as \"200/s\""),
            Self::Count(low, u64::MAX) => write!(f, "a whole number, {low} or more"),
            Self::Count(low, high) => write!(f, "a whole number from {low} to {high}"),
            Self::Number(low, high) if *high == f64::MAX => write!(f, "a number, {low} or more"),
            Self::Number(low, high) => write!(f, "a number from {low} to {high}"),
            Self::Switch => f.write_str("true or false"),
            Self::Range => f.write_str("a count or a range such as \"1..=5\""),
            Self::Text => f.write_str("a text"),
        }
    }
}

/// The settings of one thing: what the scenario gave, and the defaults of what it left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(BTreeMap<&'static str, Datum>);

impl Settings {
    /// The defaults of a declaration.
    ///
    /// # Panics
    /// When a declared default does not fit its own kind: a fault of the declaration.
    #[must_use]
    pub fn defaults(declared: &'static [Setting]) -> Self {
        Self(
            declared
                .iter()
                .filter_map(|setting| {
                    let text = setting.default?;
                    let datum = setting.kind.read(text);
                    Some((
                        setting.name,
                        datum.unwrap_or_else(|why| panic!("default of {}: {}", setting.name, why.0)),
                    ))
                })
                .collect(),
        )
    }

    /// Gives a setting its value.
    pub fn set(&mut self, name: &'static str, datum: Datum) {
        self.0.insert(name, datum);
    }

    /// The same settings with one of them given as text; for tests and for code that builds scenarios.
    ///
    /// # Panics
    /// When `declared` has no such setting, or it does not take this text.
    #[must_use]
    pub fn with(mut self, declared: &'static [Setting], name: &str, text: &str) -> Self {
        let setting = declared
            .iter()
            .find(|setting| setting.name == name)
            .unwrap_or_else(|| panic!("no setting {name}"));
        let datum = setting.kind.read(text).unwrap_or_else(|why| panic!("{name} = {text}: {}", why.0));
        self.0.insert(setting.name, datum);
        self
    }

    /// A value by name, where it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Datum> {
        self.0.get(name)
    }

    /// All that is set, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Datum)> {
        self.0.iter().map(|(name, datum)| (*name, datum))
    }

    /// The chosen word.
    ///
    /// # Panics
    /// Like every getter here, when the setting is unset or of another kind: a fault of the declaration.
    #[must_use]
    pub fn word(&self, name: &str) -> &'static str {
        match self.get(name) {
            Some(Datum::Word(word)) => word,
            other => panic!("setting {name} is no choice: {other:?}"),
        }
    }
    /// A duration; `None` where it is unset.
    ///
    /// # Panics
    /// When it is of another kind.
    #[must_use]
    pub fn span_if_set(&self, name: &str) -> Option<Span> {
        match self.get(name) {
            None => None,
            Some(Datum::Span(span)) => Some(*span),
            other => panic!("setting {name} is no duration: {other:?}"),
        }
    }
    /// A duration.
    ///
    /// # Panics
    /// When it is unset or of another kind.
    #[must_use]
    pub fn span(&self, name: &str) -> Span {
        self.span_if_set(name).unwrap_or_else(|| panic!("setting {name} is not set"))
    }
    /// A latency.
    ///
    /// # Panics
    /// When it is unset or of another kind.
    #[must_use]
    pub fn latency(&self, name: &str) -> Latency {
        match self.get(name) {
            Some(Datum::Latency(latency)) => *latency,
            other => panic!("setting {name} is no latency: {other:?}"),
        }
    }
    /// A rate, in events a second; `None` where it is unset.
    ///
    /// # Panics
    /// When it is of another kind.
    #[must_use]
    pub fn rate_if_set(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            None => None,
            Some(Datum::Rate(rate)) => Some(*rate),
            other => panic!("setting {name} is no rate: {other:?}"),
        }
    }
    /// A whole number; `None` where it is unset.
    ///
    /// # Panics
    /// When it is of another kind.
    #[must_use]
    pub fn count_if_set(&self, name: &str) -> Option<u64> {
        match self.get(name) {
            None => None,
            Some(Datum::Count(n)) => Some(*n),
            other => panic!("setting {name} is no count: {other:?}"),
        }
    }
    /// A whole number.
    ///
    /// # Panics
    /// When it is unset or of another kind.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        self.count_if_set(name).unwrap_or_else(|| panic!("setting {name} is not set"))
    }
    /// A number.
    ///
    /// # Panics
    /// When it is unset or of another kind.
    #[must_use]
    pub fn number(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(Datum::Number(x)) => *x,
            other => panic!("setting {name} is no number: {other:?}"),
        }
    }
    /// On or off.
    ///
    /// # Panics
    /// When it is unset or of another kind.
    #[must_use]
    pub fn switch(&self, name: &str) -> bool {
        match self.get(name) {
            Some(Datum::Switch(on)) => *on,
            other => panic!("setting {name} is no switch: {other:?}"),
        }
    }
    /// A range, both ends included.
    ///
    /// # Panics
    /// When it is unset or of another kind.
    #[must_use]
    pub fn range(&self, name: &str) -> (u64, u64) {
        match self.get(name) {
            Some(Datum::Range(low, high)) => (*low, *high),
            other => panic!("setting {name} is no range: {other:?}"),
        }
    }
    /// A text; `None` where it is unset.
    ///
    /// # Panics
    /// When it is of another kind.
    #[must_use]
    pub fn text_if_set(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            None => None,
            Some(Datum::Text(text)) => Some(text),
            other => panic!("setting {name} is no text: {other:?}"),
        }
    }
}

/// Two settings that contradict each other, or a setting that its thing cannot honour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The setting to point at.
    pub setting: &'static str,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Contradiction {
    /// A contradiction at a setting.
    #[must_use]
    pub fn at(setting: &'static str, message: impl Into<String>) -> Self {
        Self { setting, message: message.into() }
    }
}
