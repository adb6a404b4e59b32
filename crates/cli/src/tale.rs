//! A finding, told: its drawing, its story, and what would have prevented it.

use driftlab_check::Finding;
use driftlab_lab::finding::Replay;
use driftlab_lab::{Recording, Shrunk};
use driftlab_report::terminal::Style;
use driftlab_scenario::{Choice, Scenario};

/// A finding as it is told at the prompt.
pub(crate) struct Tale {
    /// The finding's file, below the folder of results.
    pub(crate) file: String,
    /// Its text.
    pub(crate) json: String,
    headline: String,
    sentence: String,
}

impl Tale {
    /// The tale of what a shrinker came to.
    pub(crate) fn of(
        scenario: &Scenario,
        strategy: &Choice,
        shrunk: &Shrunk,
        file: String,
        json: String,
    ) -> Self {
        Self::told(scenario, strategy, &shrunk.recording, &shrunk.finding, file, json)
    }

    /// The tale of a finding that was run again.
    pub(crate) fn again(replayed: &Replay) -> Self {
        let Replay { scenario, strategy, recording, finding, .. } = replayed;
        Self::told(scenario, strategy, recording, finding, String::new(), String::new())
    }

    /// Every step of its run, a line each.
    pub(crate) fn steps(&self) -> String {
        String::new()
    }

    fn told(
        _scenario: &Scenario,
        strategy: &Choice,
        _recording: &Recording,
        finding: &Finding,
        file: String,
        json: String,
    ) -> Self {
        Self {
            file,
            json,
            headline: format!("{}: {}", strategy.name, finding.anomaly.name()),
            sentence: finding.sentence.clone(),
        }
    }

    /// Its text for a terminal.
    pub(crate) fn text(&self, _style: Style) -> String {
        format!("{}\n  {}\n", self.headline, self.sentence)
    }
}
