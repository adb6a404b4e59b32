//! A finding, told: its drawing, its story, and what would have prevented it.

use driftlab_lab::finding::Replay;
use driftlab_lab::{Recording, Shrunk};
use driftlab_report::drawing::{Scene, Subject, story, text};
use driftlab_report::exploration::ToldFinding;
use driftlab_report::terminal::Style;
use driftlab_scenario::{Choice, Scenario};
use std::fmt::Write;

/// A finding as it is told at the prompt.
pub(crate) struct Tale {
    headline: String,
    sentence: String,
    scene: Scene,
}

impl Tale {
    /// The tale of what a shrinker came to.
    pub(crate) fn of(scenario: &Scenario, strategy: &Choice, shrunk: &Shrunk) -> Self {
        Self::told(scenario, strategy, &shrunk.recording, &shrunk.finding)
    }

    /// The tale of a finding that was run again.
    pub(crate) fn again(replayed: &Replay) -> Self {
        Self::told(&replayed.scenario, &replayed.strategy, &replayed.recording, &replayed.finding)
    }

    fn told(
        scenario: &Scenario,
        strategy: &Choice,
        recording: &Recording,
        finding: &driftlab_check::Finding,
    ) -> Self {
        let faults: Vec<&str> = scenario.faults.iter().map(|fault| fault.kind).collect();
        let scene = Scene::of(&Subject {
            history: &recording.history,
            passings: &recording.passings,
            finding,
            strategy,
            faults: &faults,
        });
        Self {
            headline: format!("{}: {}", strategy.name, finding.anomaly.name()),
            sentence: finding.sentence.clone(),
            scene,
        }
    }

    /// The same for a page.
    pub(crate) fn for_page(self, file: &str) -> ToldFinding {
        ToldFinding {
            headline: self.headline,
            sentence: self.sentence,
            file: file.to_owned(),
            scene: self.scene,
        }
    }

    /// The drawing, and under it what would have prevented it.
    pub(crate) fn text(&self, style: Style) -> String {
        let drawn = text(&self.scene, style.width);
        format!(
            "{}\n  {}\n\n{}\n\nWhat would have prevented it: {}\n",
            self.headline,
            self.sentence,
            drawn.trim_end(),
            self.scene.prevention()
        )
    }

    /// Every step that matters, a numbered sentence each.
    pub(crate) fn steps(&self) -> String {
        let mut out = String::new();
        for (number, sentence) in (1..).zip(story(&self.scene)) {
            let _ = writeln!(out, "{number:>3}. {sentence}");
        }
        out
    }
}
