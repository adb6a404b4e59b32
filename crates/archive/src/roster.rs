//! Names and the numbers they stand for: processes, sinks, tables.

use crate::nearest::nearest;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Begins the text for a number that has no name of its own: `#7`.
const NUMBERED: char = '#';

/// Names, by number.
#[derive(Clone, Debug)]
pub(crate) struct Roster {
    names: Vec<String>,
    places: BTreeMap<String, usize>,
    /// Whether a name that is not known yet is given the next number.
    grows: bool,
    /// One past the highest number there can be.
    limit: usize,
}

/// Why a text stands for nobody.
#[derive(Debug)]
pub(crate) enum Stranger {
    /// No such name; the nearest there is.
    Unknown(Option<String>),
    /// There are more names than numbers.
    TooMany(usize),
}

impl Roster {
    /// These names and no others.
    pub(crate) fn closed(names: Vec<String>, limit: usize) -> Self {
        let mut places = BTreeMap::new();
        for (place, name) in names.iter().enumerate() {
            places.entry(name.clone()).or_insert(place);
        }
        Self { names, places, grows: false, limit }
    }

    /// No names yet: each is given a number when it is first met.
    pub(crate) fn open(limit: usize) -> Self {
        Self { grows: true, ..Self::closed(Vec::new(), limit) }
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn is_open(&self) -> bool {
        self.grows
    }

    /// The text for a number, which [`Roster::place`] takes back to it.
    pub(crate) fn text(&self, place: usize) -> Cow<'_, str> {
        match self.names.get(place) {
            Some(name) if self.places.get(name) == Some(&place) && !name.starts_with(NUMBERED) => name.into(),
            _ => format!("{NUMBERED}{place}").into(),
        }
    }

    /// The number of a text.
    pub(crate) fn place(&mut self, text: &str) -> Result<usize, Stranger> {
        // The number first: somebody may be called `#9`, and is then written by number too.
        if !self.grows
            && let Some(number) = text.strip_prefix(NUMBERED).and_then(|digits| digits.parse::<usize>().ok())
            && number < self.limit
        {
            return Ok(number);
        }
        if let Some(place) = self.places.get(text) {
            return Ok(*place);
        }
        if !self.grows {
            let near = nearest(text, self.names.iter().map(String::as_str));
            return Err(Stranger::Unknown(near.map(str::to_owned)));
        }
        let place = self.names.len();
        if place >= self.limit {
            return Err(Stranger::TooMany(self.limit));
        }
        self.names.push(text.to_owned());
        self.places.insert(text.to_owned(), place);
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two clients that share a name, and a process that the cast does not list, must come back as who they were.
    #[test]
    fn every_number_comes_back_as_it_was() {
        let names = ["a", "b", "a", "#9"].map(str::to_owned).to_vec();
        let mut roster = Roster::closed(names, 100);
        for place in [0, 1, 2, 3, 4, 9, 99] {
            let text = roster.text(place).into_owned();
            assert_eq!(roster.place(&text).unwrap(), place, "{text}");
        }
        assert!(roster.place("#100").is_err() && roster.place("c").is_err());
    }
}
