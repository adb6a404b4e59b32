use super::file::{FindingError, FindingFile};
use crate::case::{Case, Recording};
use crate::dataset::read_dataset;
use crate::error::RunError;
use crate::shrink::Target;
use crate::stage::Stage;
use driftlab_check::{ANOMALIES, Finding};
use driftlab_model::Span;
use driftlab_scenario::{Choice, Overrides, Registries, Scenario};
use std::path::PathBuf;
use std::sync::Arc;

/// A finding, run again.
pub struct Replay {
    /// The scenario, with the copies that the case needs.
    pub scenario: Scenario,
    /// The strategy.
    pub strategy: Choice,
    /// The case.
    pub case: Case,
    /// What it shows.
    pub target: Target,
    /// Its run.
    pub recording: Recording,
    /// The finding in it.
    pub finding: Finding,
}

/// Why a finding was not replayed.
#[derive(Debug)]
pub enum ReplayError {
    /// The finding itself.
    Finding(FindingError),
    /// The run could not be made.
    Run(RunError),
}

/// Runs a finding's case again, and makes sure that it is the same run.
///
/// # Errors
/// [`FindingError::Foreign`] where it does not fit the scenario that it carries, [`FindingError::Differs`] where its run is another one, and what keeps the
/// scenario from being run.
pub fn replay(file: &FindingFile) -> Result<Replay, ReplayError> {
    let (scenario, strategy) = scenario_of(file).map_err(ReplayError::Finding)?;
    let case = file.case.case().map_err(ReplayError::Finding)?;
    let dataset = match &scenario.workload.database {
        Some(path) => Some(Arc::new(read_dataset(path).map_err(|error| ReplayError::Run(error.into()))?)),
        None => None,
    };
    let stage = Stage::new(&scenario, &strategy, dataset.as_ref()).map_err(ReplayError::Run)?;
    let clients = case.script.as_ref().map_or(0, |script| script.clients.len());
    if clients > stage.clients() {
        return Err(ReplayError::Finding(FindingError::Foreign(format!(
            "its case has {clients} clients, and the scenario has {}",
            stage.clients()
        ))));
    }
    let target = target_of(file).map_err(ReplayError::Finding)?;
    let recording = case.record(&stage);
    let differs =
        |what: String| ReplayError::Finding(FindingError::Differs { driftlab: file.driftlab.clone(), what });
    let trace = format!("{:032x}", recording.summary.trace);
    if trace != file.trace {
        return Err(differs(format!("its trace is {trace}, and that of the finding is {}", file.trace)));
    }
    let finding = target.of(&recording.history.cast, &recording.judgement.findings).cloned();
    let finding = finding.ok_or_else(|| differs(format!("the run does not show {}", file.anomaly)))?;
    Ok(Replay { scenario, strategy, case, target, recording, finding })
}

fn target_of(file: &FindingFile) -> Result<Target, FindingError> {
    let entry = ANOMALIES.iter().find(|entry| entry.name == file.anomaly).ok_or_else(|| {
        FindingError::Malformed(format!("`anomaly`: no anomaly is named \"{}\"", file.anomaly))
    })?;
    Ok(Target { anomaly: entry.anomaly, sink: file.sink.clone(), is_permanent: file.permanent })
}

/// The scenario of a finding, with the copies that it needs, and its strategy.
fn scenario_of(file: &FindingFile) -> Result<(Scenario, Choice), FindingError> {
    let record = &file.scenario;
    let overrides = Overrides {
        database: record.database.as_ref().map(PathBuf::from),
        profile: record.profile.as_ref().map(PathBuf::from),
        duration: record.duration_nanos.map(Span::from_nanos),
        ..Overrides::default()
    };
    let mut scenario = Scenario::parse(&record.text, &record.file, &overrides, &Registries::standard())
        .map_err(|problems| FindingError::Foreign(format!("this version cannot read it\n{problems}")))?;
    scenario.name.clone_from(&record.name);
    let strategy = scenario.strategies.iter().find(|choice| choice.name == file.strategy).cloned();
    let strategy = strategy.ok_or_else(|| {
        let known: Vec<&str> = scenario.strategies.iter().map(|choice| choice.name.as_str()).collect();
        FindingError::Foreign(format!("it has no strategy \"{}\", only {}", file.strategy, known.join(", ")))
    })?;
    if let Some(missing) =
        record.sinks.iter().find(|name| scenario.sinks.iter().all(|sink| sink.name != **name))
    {
        return Err(FindingError::Foreign(format!("it has no copy \"{missing}\"")));
    }
    scenario.sinks.retain(|sink| record.sinks.contains(&sink.name));
    Ok((scenario, strategy))
}

impl std::fmt::Display for ReplayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Finding(error) => error.fmt(f),
            Self::Run(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReplayError {}
