//! Keys by name, as somebody types them at a prompt.

use driftlab_model::{Event, History, Key, Schema};
use std::collections::{BTreeMap, BTreeSet};

/// How many keys are proposed instead of one that is unknown.
const PROPOSED: usize = 5;

/// All keys of a run's histories.
#[derive(Default)]
pub struct Keys {
    keys: BTreeMap<Key, String>,
}

/// A name that is no key's, or that of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownKey {
    /// No key is called so; the nearest are.
    None(Vec<String>),
    /// Rows of several tables are called so.
    Several(Vec<String>),
}

impl Keys {
    /// Takes in the keys of a history: those that were loaded and those that were written.
    pub fn take(&mut self, history: &History) {
        let schema = &history.cast.schema;
        let mut keys: BTreeSet<&Key> = history.cast.load.iter().map(|(key, _)| key).collect();
        for (_, event) in &history.events {
            if let Event::Committed { commit, .. } = event {
                keys.extend(commit.changes.iter().map(|change| &change.key));
            }
        }
        for key in keys {
            self.keys.entry(key.clone()).or_insert_with(|| name(schema, key));
        }
    }

    /// The key that is called so: `reservation:3`, `reservation 3` as findings write it, or `3` where one table has such a key.
    ///
    /// # Errors
    /// What is called nearly so, or by which names several that are called so are told apart.
    pub fn find(&self, text: &str) -> Result<&Key, UnknownKey> {
        let asked = plain(text);
        let as_told = plain(&text.trim().replacen(' ', ":", 1));
        let named = |with_table: bool| {
            let is_so = |name: &str| {
                let short = name.split_once(':').map_or(name, |(_, key)| key);
                if with_table { [&asked, &as_told].contains(&&plain(name)) } else { plain(short) == asked }
            };
            self.keys.iter().filter(|(_, name)| is_so(name)).collect::<Vec<_>>()
        };
        let mut found = named(true);
        if found.is_empty() {
            found = named(false);
        }
        match found.as_slice() {
            [(key, _)] => Ok(key),
            [] => Err(UnknownKey::None(self.nearest(&asked))),
            several => Err(UnknownKey::Several(several.iter().map(|(_, name)| (*name).clone()).collect())),
        }
    }

    /// The names that are nearest: by number where both are numbers, otherwise by their letters.
    fn nearest(&self, asked: &str) -> Vec<String> {
        let distance = |name: &str| {
            let (table, key) = name.split_once(':').unwrap_or(("", name));
            let (of, number) = asked.split_once(':').unwrap_or((table, asked));
            let other_table = u64::from(of != table);
            match (plain(key).parse::<i64>(), number.parse::<i64>()) {
                (Ok(one), Ok(other)) => (other_table, 0, one.abs_diff(other)),
                _ => (other_table, 1, unlike(&plain(name), asked)),
            }
        };
        let mut all: Vec<_> = self.keys.values().map(|name| (distance(name), name)).collect();
        all.sort();
        all.into_iter().take(PROPOSED).map(|(_, name)| name.clone()).collect()
    }
}

/// The name by which no other key is called.
fn name(schema: &Schema, key: &Key) -> String {
    let table = usize::from(key.table().0) < schema.len();
    let table = if table { schema.table(key.table()).name.as_str() } else { "row" };
    format!("{table}:{key}")
}

/// Without what a shell or a list may have put around it.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !" ()[]\"'".contains(*c)).collect::<String>().to_lowercase()
}

/// How many letters two words do not have in common, from both ends.
fn unlike(one: &str, other: &str) -> u64 {
    let ahead = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let behind = one.chars().rev().zip(other.chars().rev()).take_while(|(a, b)| a == b).count();
    let longest = one.chars().count().max(other.chars().count());
    longest.saturating_sub(ahead + behind) as u64
}
