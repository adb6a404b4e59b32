//! What the command line changes in a scenario.

use driftlab_model::Span;
use driftlab_model::hash::digest_bytes;
use std::fmt::Write;
use std::path::PathBuf;

/// What the command line changes in a scenario; the default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The first seed.
    pub seed: Option<u64>,
    /// How many seeds; at least 1.
    pub seeds: Option<u64>,
    /// Only these strategies, by name; empty for all. Expectations of the others are left out too.
    pub strategies: Vec<String>,
    /// The kind of world.
    pub world: Option<String>,
    /// The SQLite file of a shape that needs one, relative to the current directory.
    pub database: Option<PathBuf>,
    /// The profile whose times virtual stores take, relative to the current directory.
    pub profile: Option<PathBuf>,
    /// How long clients write; above zero.
    pub duration: Option<Span>,
}

impl Overrides {
    /// A digest of a scenario's text as these overrides change it: 32 hexadecimal digits, the same on every machine.
    pub(crate) fn digest(&self, text: &str) -> String {
        let mut all = text.to_owned();
        let mut add = |name: &str, value: Option<&dyn std::fmt::Display>| {
            if let Some(value) = value {
                // Writing to a string does not fail; a NUL cannot stand in a TOML file, so nothing in a text looks like an override.
                let _ = write!(all, "\0{name}={value}");
            }
        };
        add("seed", self.seed.as_ref().map(|n| n as _));
        add("seeds", self.seeds.as_ref().map(|n| n as _));
        let mut strategies: Vec<&String> = self.strategies.iter().collect();
        strategies.sort();
        strategies.dedup();
        for strategy in strategies {
            add("strategy", Some(strategy));
        }
        add("world", self.world.as_ref().map(|world| world as _));
        add("database", self.database.as_ref().map(|path| path.display()).as_ref().map(|path| path as _));
        add("duration", self.duration.map(Span::nanos).as_ref().map(|nanos| nanos as _));
        let low = digest_bytes(all.as_bytes());
        all.insert_str(0, "scenario\0");
        format!("{:016x}{low:016x}", digest_bytes(all.as_bytes()))
    }
}
