//! The album of an experiment: its dossier, ready to be shown.

use crate::drawing::{Scene, Subject};
use driftlab_check::Anomaly;
use driftlab_lab::finding::{FindingFile, Sighting};
use driftlab_lab::{Apart, Dossier, Experiment, Shrunk, Specimen};

/// What a report shows beside what was measured: what each fault does alone, and the first case of each anomaly, drawn.
#[derive(Default)]
pub struct Album {
    /// What each strategy showed under each fault alone.
    pub apart: Option<Apart>,
    /// The first case of each anomaly of each strategy, in the order of strategies and anomalies.
    pub plates: Vec<Plate>,
}

/// The first case of an anomaly of a strategy.
pub struct Plate {
    /// The strategy, by its place in the scenario.
    pub strategy: usize,
    /// The anomaly.
    pub anomaly: Anomaly,
    /// How often it was seen.
    pub sighting: Sighting,
    /// What a shrinker made of it; `None` where the run was too long to be made again within a run.
    pub shrunk: Option<Drawn>,
}

/// A shrunk case.
pub struct Drawn {
    /// The finding, as a file that `driftlab replay` takes.
    pub file: FindingFile,
    /// How many operations are left.
    pub operations: usize,
    /// Its drawing.
    pub scene: Scene,
}

impl Album {
    /// The album of an experiment.
    #[must_use]
    pub fn of(experiment: &Experiment, dossier: Dossier) -> Self {
        let plate = |specimen: Specimen| Plate {
            shrunk: specimen.shrunk.as_ref().map(|shrunk| Drawn::of(experiment, &specimen, shrunk)),
            strategy: specimen.strategy,
            anomaly: specimen.anomaly,
            sighting: specimen.sighting,
        };
        Self { apart: dossier.apart, plates: dossier.specimens.into_iter().map(plate).collect() }
    }

    /// The plates of a strategy.
    pub(crate) fn of_strategy(&self, strategy: usize) -> impl Iterator<Item = &Plate> {
        self.plates.iter().filter(move |plate| plate.strategy == strategy)
    }
}

impl Drawn {
    fn of(experiment: &Experiment, specimen: &Specimen, shrunk: &Shrunk) -> Self {
        let scenario = &experiment.scenario;
        let choice = &scenario.strategies[specimen.strategy];
        let faults: Vec<&str> = scenario.faults.iter().map(|fault| fault.kind).collect();
        Self {
            file: FindingFile::of(scenario, choice, shrunk, specimen.sighting),
            operations: shrunk.case.script.as_ref().map_or(0, driftlab_lab::Script::len),
            scene: Scene::of(&Subject {
                history: &shrunk.recording.history,
                passings: &shrunk.recording.passings,
                finding: &shrunk.finding,
                strategy: choice,
                faults: &faults,
            }),
        }
    }

    /// The name of its file in the results folder.
    #[must_use]
    pub fn path(&self) -> String {
        format!("findings/{}", self.file.file_name())
    }
}
