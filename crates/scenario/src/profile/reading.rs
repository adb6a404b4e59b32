//! A file as a profile.

use super::{FIXED, Profile, VERSION};
use crate::lines::Lines;
use crate::nearest::{listed, quoted};
use driftlab_model::{Latency, Quantiles, RequestKind, RequestTimes, Span, Times, notation};
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const MISSING: &str = "it has no table `[latency]`";

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
        let file = File { lines: &lines, sinks };
        let root = Part { file: &file, at: 0, table: root.get_ref() };
        let is_measured = match root.find("version") {
            None => false,
            Some(version) if whole(version.get_ref()) == Some(VERSION) => true,
            Some(version) => {
                let found = version.get_ref();
                let found = whole(found).map_or_else(|| "of another kind".to_owned(), |n| n.to_string());
                return Err(file.wrong(version, &format!("version {found}: this driftlab reads {VERSION}")));
            }
        };
        let latencies = root.part("latency").ok_or(MISSING)?.latencies()?;
        let times = is_measured.then(|| root.times()).transpose()?;
        Ok(Self { latencies, times: times.map(Arc::new) })
    }
}

struct File<'a> {
    lines: &'a Lines,
    sinks: &'a [&'a str],
}

/// A table of the file, which begins at an offset.
struct Part<'a> {
    file: &'a File<'a>,
    at: usize,
    table: &'a DeTable<'a>,
}

impl File<'_> {
    fn wrong<T>(&self, place: &Spanned<T>, why: &str) -> String {
        format!("line {}: {why}", self.lines.line(place.span().start))
    }

    /// The node of a name, which stands somewhere.
    fn node<T>(&self, place: &Spanned<T>, name: &str) -> Result<String, String> {
        if FIXED.contains(&name) || self.sinks.contains(&name) {
            return Ok(name.to_owned());
        }
        let known = listed(FIXED.into_iter().chain(self.sinks.iter().copied()));
        Err(self.wrong(place, &format!("{} is none of {known}", quoted(name))))
    }
}

impl<'a> Part<'a> {
    fn find(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    fn part(&self, key: &str) -> Option<Self> {
        let value = self.find(key)?;
        let DeValue::Table(table) = value.get_ref() else { return None };
        Some(Self { file: self.file, at: value.span().start, table })
    }

    fn missing(&self, key: &str, expected: &str) -> String {
        format!("line {}: `{key}`: expected {expected}", self.file.lines.line(self.at))
    }

    fn latencies(&self) -> Result<BTreeMap<String, Latency>, String> {
        let each = self.table.iter().map(|(name, value)| {
            let node = self.file.node(name, name.get_ref())?;
            let latency = match value.get_ref() {
                DeValue::String(text) => notation::latency(text).map_err(|expected| expected.0),
                _ => Err("a latency such as \"exp(5ms)\"".to_owned()),
            };
            match latency {
                Ok(latency) => Ok((node, latency)),
                Err(expected) => Err(self.file.wrong(name, &format!("`{node}`: expected {expected}"))),
            }
        });
        each.collect()
    }

    fn times(&self) -> Result<Times, String> {
        let quantiles = self.part("quantiles").ok_or("it has no table `[quantiles]`")?;
        quantiles.has_our_shares()?;
        let one = |key| quantiles.find(key).map(|_| quantiles.quantiles(key)).transpose();
        let mut times = Times {
            sleep: one("sleep")?,
            notice: one("notice")?,
            capture: one("capture")?,
            ..Times::default()
        };
        if let Some(servers) = self.part("servers") {
            for (name, value) in servers.table {
                let node = self.file.node(name, name.get_ref())?;
                let count = whole(value.get_ref()).and_then(|count| u32::try_from(count).ok());
                let count = count.filter(|count| *count > 0);
                let expected = format!("`{node}`: expected how many requests it serves at once");
                times.servers.insert(node, count.ok_or_else(|| self.file.wrong(name, &expected))?);
            }
        }
        if let Some(requests) = self.find("request") {
            let DeValue::Array(all) = requests.get_ref() else {
                return Err(self.file.wrong(requests, "`request`: expected tables `[[request]]`"));
            };
            for request in all {
                let DeValue::Table(table) = request.get_ref() else {
                    return Err(self.file.wrong(request, "`request`: expected a table"));
                };
                Self { file: self.file, at: request.span().start, table }.request(&mut times)?;
            }
        }
        for sizes in times.nodes.values_mut().flat_map(BTreeMap::values_mut) {
            sizes.sort_by_key(|size| (size.size(), size.idle));
        }
        Ok(times)
    }

    fn request(&self, times: &mut Times) -> Result<(), String> {
        let (node, place) = self.text("node", "a node")?;
        let node = self.file.node(place, node)?;
        let (kind, place) = self.text("kind", "a kind of request")?;
        let Some(kind) = RequestKind::named(kind) else {
            let known = listed(RequestKind::ALL.iter().map(|(_, name)| *name));
            return Err(self.file.wrong(place, &format!("{} is none of {known}", quoted(kind))));
        };
        let times = times.nodes.entry(node).or_default().entry(kind).or_default();
        times.push(RequestTimes {
            rows: self.count("rows")?,
            idle: self.nanos("idle")?,
            requests: self.count("requests")?,
            out: self.quantiles("out")?,
            service: self.quantiles("service")?,
            back: self.quantiles("back")?,
        });
        Ok(())
    }

    fn text(&self, key: &str, expected: &str) -> Result<(&'a str, &'a Spanned<DeValue<'a>>), String> {
        let value = self.find(key).ok_or_else(|| self.missing(key, expected))?;
        match value.get_ref() {
            DeValue::String(text) => Ok((text, value)),
            _ => Err(self.file.wrong(value, &format!("`{key}`: expected {expected}"))),
        }
    }

    fn count(&self, key: &str) -> Result<u64, String> {
        let count = self.find(key).and_then(|value| whole(value.get_ref()));
        let count = count.and_then(|count| u64::try_from(count).ok()).filter(|count| *count > 0);
        count.ok_or_else(|| self.missing(key, "a count, at least 1"))
    }

    fn nanos(&self, key: &str) -> Result<Span, String> {
        let nanos = self.find(key).and_then(|value| whole(value.get_ref()));
        let nanos = nanos.and_then(|nanos| u64::try_from(nanos).ok());
        nanos.map(Span::from_nanos).ok_or_else(|| self.missing(key, "a number of nanoseconds"))
    }

    /// Quantiles of other shares would be taken for those of ours.
    fn has_our_shares(&self) -> Result<(), String> {
        let Some(DeValue::Array(shares)) = self.find("at").map(Spanned::get_ref) else {
            return Err(self.missing("at", "the shares of the quantiles"));
        };
        let ours = shares.len() == Quantiles::AT.len()
            && shares.iter().zip(Quantiles::AT).all(|(share, our)| match share.get_ref() {
                DeValue::Float(share) => share.as_str().parse() == Ok(our),
                _ => false,
            });
        if ours { Ok(()) } else { Err(self.missing("at", &format!("the shares {:?}", Quantiles::AT))) }
    }

    fn quantiles(&self, key: &str) -> Result<Quantiles, String> {
        let spans = match self.find(key).map(Spanned::get_ref) {
            Some(DeValue::Array(all)) => all.iter().map(|nanos| whole(nanos.get_ref())).collect(),
            _ => None,
        };
        let spans: Option<Vec<Span>> = spans.and_then(|all: Vec<i64>| {
            all.into_iter().map(|nanos| u64::try_from(nanos).ok().map(Span::from_nanos)).collect()
        });
        let expected = || format!("{} ascending numbers of nanoseconds", Quantiles::AT.len());
        spans.and_then(|spans| Quantiles::from_spans(&spans)).ok_or_else(|| self.missing(key, &expected()))
    }
}

/// A whole number.
fn whole(value: &DeValue<'_>) -> Option<i64> {
    match value {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    }
}
