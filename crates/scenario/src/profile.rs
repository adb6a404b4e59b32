//! Profiles: how long the stores of some machine take, as `driftlab calibrate` writes it and `[world] profile` names it.

use crate::lines::Lines;
use crate::nearest::{listed, quoted};
use crate::problem::Problem;
use crate::refusal::Refusal;
use crate::scenario::Scenario;
use driftlab_model::{Datum, Latency, notation};
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// The nodes beside the sinks.
const FIXED: [&str; 3] = ["source", "log", "checkpoint"];

/// How long the stores of some machine take to serve a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// By node: `source`, `log`, `checkpoint`, or a kind of sink.
    pub latencies: BTreeMap<String, Latency>,
}

impl Profile {
    /// Reads a profile; `sinks` are the kinds of sinks that it may name.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub fn parse(text: &str, sinks: &[&str]) -> Result<Self, String> {
        let (root, mistakes) = DeTable::parse_recoverable(text);
        let lines = Lines::of(text);
        if let Some(mistake) = mistakes.first() {
            let at = mistake.span().map_or(0, |span| span.start.min(text.len()));
            return Err(format!("line {}: {}", lines.line(at), mistake.message()));
        }
        let DeValue::Table(table) =
            root.get_ref().get("latency").map(toml::Spanned::get_ref).ok_or(MISSING)?
        else {
            return Err(MISSING.to_owned());
        };
        let mut latencies = BTreeMap::new();
        for (name, value) in table {
            let wrong = |why: String| format!("line {}: {why}", lines.line(name.span().start));
            let node = name.get_ref().as_ref();
            if !FIXED.contains(&node) && !sinks.contains(&node) {
                let known = listed(FIXED.into_iter().chain(sinks.iter().copied()));
                return Err(wrong(format!("{} is none of {known}", quoted(node))));
            }
            let latency = match value.get_ref() {
                DeValue::String(text) => notation::latency(text).map_err(|expected| expected.0),
                _ => Err("a latency such as \"exp(5ms)\"".to_owned()),
            };
            let latency = latency.map_err(|expected| wrong(format!("`{node}`: expected {expected}")))?;
            latencies.insert(node.to_owned(), latency);
        }
        Ok(Self { latencies })
    }

    /// The profile as a file, with lines that say where it comes from.
    #[must_use]
    pub fn render(&self, origin: &[String]) -> String {
        let mut text = String::new();
        for line in origin {
            text.push_str(&format!("# {line}\n"));
        }
        text.push_str("\n[latency]\n");
        for (node, latency) in &self.latencies {
            text.push_str(&format!("{node} = \"{latency}\"\n"));
        }
        text
    }
}

const MISSING: &str = "it has no table `[latency]`";

impl Scenario {
    /// Puts the times of the profile that `[world]` names in the place of those that are declared, and takes its text into the digest.
    pub(crate) fn take_profile(&mut self, sinks: &[&str]) -> Result<(), Problem> {
        self.try_take_profile(sinks).map_err(|message| {
            let expected = "expected a profile as `driftlab calibrate` writes it".to_owned();
            self.problem(Refusal { section: "world", number: 0, key: "profile", message, expected })
        })
    }

    fn try_take_profile(&mut self, sinks: &[&str]) -> Result<(), String> {
        let Some(name) = self.world.text_if_set("profile") else { return Ok(()) };
        let path = Path::new(&self.file).parent().unwrap_or(Path::new("")).join(name);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let profile = Profile::parse(&text, sinks).map_err(|why| format!("{}: {why}", path.display()))?;
        let latency = |node: &str| profile.latencies.get(node).map(|latency| Datum::Latency(*latency));
        let fixed = [&mut self.source, &mut self.log, &mut self.checkpoint];
        for (node, settings) in FIXED.into_iter().zip(fixed) {
            if let Some(datum) = latency(node) {
                settings.set("latency", datum);
            }
        }
        for sink in &mut self.sinks {
            if let Some(datum) = latency(sink.kind) {
                sink.settings.set("latency", datum);
            }
        }
        self.digest = self.overrides.digest(&format!("{}\0profile\0{text}", self.digest));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::Span;

    #[test]
    fn what_is_written_is_read_back() {
        let lognormal = Latency::Lognormal { median: Span::from_micros(80), p99: Span::from_millis(3) };
        let latencies = [("source", lognormal), ("cache", Latency::Constant(Span::from_micros(9)))];
        let profile =
            Profile { latencies: latencies.map(|(node, latency)| (node.to_owned(), latency)).into() };
        let text = profile.render(&["measured somewhere".to_owned()]);
        assert_eq!(Profile::parse(&text, &["cache"]), Ok(profile));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let wrong = |text| Profile::parse(text, &["cache"]).expect_err("the profile is wrong");
        assert!(wrong("[latency]\nsource = \"fast\"\n").starts_with("line 2: `source`: expected a latency"));
        assert!(wrong("[latency]\n\nsaucer = \"1ms\"\n").starts_with("line 3: `saucer` is none of"));
        assert!(wrong("[late]\n").contains("[latency]"));
        assert!(wrong("[latency\n").starts_with("line 1: "));
    }
}
