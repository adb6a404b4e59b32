//! A declaration of settings as lines for a person.

use driftlab_model::{Kind, Setting};

/// What there is to say of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingLine {
    /// Its key in the scenario file; a dotted name stands in a nested table.
    pub name: &'static str,
    /// What it takes: `a duration such as "250ms"`.
    pub takes: String,
    /// Its value where the scenario is silent, as a scenario would write it; `None`: it is then unset.
    pub default: Option<&'static str>,
    /// One sentence.
    pub summary: &'static str,
    /// The words that it can be, each with what it means; empty where it takes no words.
    pub words: &'static [(&'static str, &'static str)],
}

/// One line for each setting, in the order of the declaration.
#[must_use]
pub fn describe(declared: &'static [Setting]) -> Vec<SettingLine> {
    declared
        .iter()
        .map(|setting| SettingLine {
            name: setting.name,
            takes: setting.kind.to_string(),
            default: setting.default,
            summary: setting.summary,
            words: match setting.kind {
                Kind::Choice(words) => words,
                _ => &[],
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::SOURCE;

    #[test]
    fn a_line_says_what_a_setting_takes() {
        let lines = describe(SOURCE);
        assert_eq!(lines.len(), SOURCE.len());
        assert_eq!(lines[0].takes, "a latency such as \"5ms\" or \"exp(5ms)\"");
        assert_eq!(lines[0].default, Some("exp(1ms)"));
        assert_eq!(lines[3].words[1].0, "snapshot");
        assert_eq!(lines[6].default, None);
    }
}
