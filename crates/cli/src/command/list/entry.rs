//! What a registry says of one thing, as text and as JSON.

use driftlab_check::ANOMALIES;
use driftlab_embedded::BackendEntry;
use driftlab_fault::FAULTS;
use driftlab_lab::{Reproducible, WORLDS};
use driftlab_model::Setting;
use driftlab_scenario::{SettingLine, describe, sections};
use driftlab_sim::store::STORES;
use driftlab_strategies::STRATEGIES;
use driftlab_workload::{COMMON, SHAPES};
use serde_json::{Value, json};
use std::fmt::Write;

/// One thing that can be listed.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) summary: String,
    /// What else there is to say, by its label.
    pub(crate) more: Vec<(&'static str, String)>,
    pub(super) settings: Vec<SettingLine>,
}

impl Entry {
    fn new(name: &str, summary: &str, declared: &[&'static [Setting]]) -> Self {
        Self {
            name: name.to_owned(),
            summary: summary.to_owned(),
            more: Vec::new(),
            settings: declared.iter().flat_map(|settings| describe(settings)).collect(),
        }
    }

    fn also(mut self, label: &'static str, text: &str) -> Self {
        if !text.is_empty() {
            self.more.push((label, text.to_owned()));
        }
        self
    }

    pub(super) fn json(&self) -> Value {
        let setting = |line: &SettingLine| {
            json!({
                "name": line.name,
                "summary": line.summary,
                "takes": line.takes,
                "default": line.default,
                "words": line.words.iter().map(|(word, meaning)| json!({ "word": word, "meaning": meaning })).collect::<Value>(),
            })
        };
        let mut entry = json!({ "name": self.name, "summary": self.summary });
        for (label, text) in &self.more {
            entry[label] = json!(text);
        }
        if !self.settings.is_empty() {
            entry["settings"] = self.settings.iter().map(setting).collect();
        }
        entry
    }

    pub(super) fn in_full(&self) -> String {
        let mut text = format!("{}\n  {}\n", self.name, self.summary);
        for (label, more) in &self.more {
            let _ = writeln!(text, "  {label}: {more}");
        }
        if !self.settings.is_empty() {
            text.push_str("\nSettings:\n");
        }
        for line in &self.settings {
            let default =
                line.default.map_or_else(|| "unset".to_owned(), |default| format!("default {default}"));
            let _ = writeln!(text, "  {} ({default})\n      {}", line.name, line.summary);
            if line.words.is_empty() {
                let _ = writeln!(text, "      takes {}", line.takes);
            }
            for (word, meaning) in line.words {
                let _ = writeln!(text, "      {word}: {meaning}");
            }
        }
        text
    }
}

pub(super) fn strategies() -> Vec<Entry> {
    STRATEGIES.iter().map(|entry| Entry::new(entry.name, entry.summary, &[entry.settings])).collect()
}

pub(super) fn sinks() -> Vec<Entry> {
    STORES
        .iter()
        .map(|entry| {
            let real = BackendEntry::named(entry.name).map_or("", |real| real.summary);
            let virtual_one = Entry::new(entry.name, entry.summary, &[entry.settings, sections::SINK]);
            virtual_one.also("in the embedded world", real)
        })
        .collect()
}

pub(super) fn worlds() -> Vec<Entry> {
    WORLDS
        .iter()
        .map(|entry| {
            let reproducible = match entry.reproducible {
                Reproducible::BitForBit => "bit for bit",
                Reproducible::Statistically => "statistically",
            };
            Entry::new(entry.name, entry.summary, &[sections::WORLD]).also("reproducible", reproducible)
        })
        .collect()
}

pub(super) fn faults() -> Vec<Entry> {
    FAULTS.iter().map(|entry| Entry::new(entry.name, entry.summary, &[entry.settings])).collect()
}

pub(super) fn anomalies() -> Vec<Entry> {
    ANOMALIES
        .iter()
        .map(|entry| Entry::new(entry.name, entry.definition, &[]).also("literature", entry.literature))
        .collect()
}

pub(super) fn shapes() -> Vec<Entry> {
    SHAPES.iter().map(|entry| Entry::new(entry.name, entry.summary, &[entry.settings, COMMON])).collect()
}
