use crate::case::Case;
use crate::shrink::Shrunk;
use driftlab_model::draws::Entity;
use driftlab_model::{Span, Time};
use driftlab_scenario::{Choice, Scenario};
use driftlab_sim::schedule::{LegId, Pace, Stall, StallKind};
use driftlab_workload::{Script, Task};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The version of the format; it grows when a reader of the one before would be misled.
pub const FINDING_FORMAT: u32 = 1;

/// A finding: an anomaly, and the case that shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingFile {
    /// The version of the format.
    pub format: u32,
    /// The version of driftlab that wrote it.
    pub driftlab: String,
    /// The anomaly's name.
    pub anomaly: String,
    /// The copy that shows it; none for the source.
    pub sink: Option<String>,
    /// Whether it stays.
    pub permanent: bool,
    /// What happened, in a sentence.
    pub sentence: String,
    /// The strategy's name in the scenario.
    pub strategy: String,
    /// How often it was seen.
    pub sighting: Sighting,
    /// The scenario.
    pub scenario: ScenarioRecord,
    /// The case.
    pub case: CaseRecord,
    /// Whether nothing more can be left out of it.
    pub minimal: bool,
    /// The hash of everything that happens in its run, in hexadecimal digits.
    pub trace: String,
}

/// How often something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// In how many schedules.
    pub schedules: u64,
    /// Of how many.
    pub of: u64,
    /// The first seed that showed it.
    pub first_seed: u64,
}

/// The scenario that a finding is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioRecord {
    /// Its name.
    pub name: String,
    /// The file that it was read from.
    pub file: String,
    /// Its digest.
    pub digest: String,
    /// Its text.
    pub text: String,
    /// The database that the command line named.
    pub database: Option<String>,
    /// The profile that the command line named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The duration that the command line named, in nanoseconds.
    pub duration_nanos: Option<u64>,
    /// The copies that the case needs; the others are left out.
    pub sinks: Vec<String>,
}

/// A case; times are nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRecord {
    /// The seed.
    pub seed: u64,
    /// What each client does; none for what the workload says.
    pub clients: Option<Vec<Vec<TaskRecord>>>,
    /// How long legs take that have no length of their own.
    pub pace: PaceRecord,
    /// The lengths of legs, by their names in hexadecimal digits.
    pub lengths: BTreeMap<String, u64>,
    /// What happens to one process.
    pub stall: Option<StallRecord>,
    /// When each fault is active, from and until; none for what the seed says.
    pub windows: Option<Vec<Vec<(u64, u64)>>>,
}

/// An operation of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRecord {
    /// Which.
    pub operation: u64,
    /// When it begins at the earliest.
    pub at: u64,
    /// Which statements are kept; none for all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<Vec<usize>>,
}

/// How long legs take that have no length of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaceRecord {
    /// As the scenario says.
    AsDeclared,
    /// See [`Pace::Even`].
    Even,
    /// See [`Pace::Wild`].
    Wild,
}

/// What happens to one process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StallRecord {
    /// Its name.
    pub process: String,
    /// After how many of its steps.
    pub step: u64,
    /// For how long.
    pub nanos: u64,
    /// Whether it dies; otherwise it stands still.
    pub dies: bool,
}

/// Why a text is no finding that this version can replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingError {
    /// It is no finding at all, or only a part of one.
    Malformed(String),
    /// It was written by a version whose format this one does not know.
    Newer {
        /// Its format.
        format: u32,
        /// The version that wrote it.
        driftlab: String,
    },
    /// It contradicts the scenario that it carries.
    Foreign(String),
    /// Its run is not what it says.
    Differs {
        /// The version that wrote it.
        driftlab: String,
        /// What is different.
        what: String,
    },
}

impl Sighting {
    /// Seen once, by somebody who looked once.
    pub const ONCE: Self = Self { schedules: 1, of: 1, first_seed: 0 };
}

impl FindingFile {
    /// The finding that a shrinker came to.
    #[must_use]
    pub fn of(scenario: &Scenario, strategy: &Choice, shrunk: &Shrunk, sighting: Sighting) -> Self {
        let cast = &shrunk.recording.history.cast;
        let sink = shrunk.finding.sink.map(|sink| cast.sinks[usize::from(sink.0)].name.clone());
        Self {
            format: FINDING_FORMAT,
            driftlab: env!("CARGO_PKG_VERSION").to_owned(),
            anomaly: shrunk.finding.anomaly.name().to_owned(),
            sink,
            permanent: shrunk.finding.duration().is_none(),
            sentence: shrunk.finding.sentence.clone(),
            strategy: strategy.name.clone(),
            sighting,
            scenario: ScenarioRecord {
                name: scenario.name.clone(),
                file: scenario.file.clone(),
                digest: scenario.digest.clone(),
                text: scenario.text.clone(),
                database: scenario.overrides.database.as_ref().map(|path| path.display().to_string()),
                profile: scenario.overrides.profile.as_ref().map(|path| path.display().to_string()),
                duration_nanos: scenario.overrides.duration.map(Span::nanos),
                sinks: shrunk.sinks.clone(),
            },
            case: CaseRecord::of(&shrunk.case, &cast.processes),
            minimal: shrunk.is_minimal,
            trace: format!("{:032x}", shrunk.recording.summary.trace),
        }
    }

    /// A name for its file: `dual-writes-stale_overwrite.json`.
    #[must_use]
    pub fn file_name(&self) -> String {
        let plain: String = format!("{}-{}", self.strategy, self.anomaly)
            .chars()
            .map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' })
            .collect();
        format!("{}.json", plain.to_lowercase())
    }

    /// Its text.
    ///
    /// # Panics
    /// Never: it has text keys and whole numbers, which JSON can always say.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("text keys and whole numbers") + "\n"
    }

    /// Reads a finding.
    ///
    /// # Errors
    /// Where it is malformed, or of a format that this version does not know.
    pub fn parse(text: &str) -> Result<Self, FindingError> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
            FindingError::Malformed(match error.classify() {
                serde_json::error::Category::Eof => {
                    format!("it ends in the middle, at line {}: it was not written whole", error.line())
                }
                _ => format!("it is not JSON: {error}"),
            })
        })?;
        let format = value.get("format").and_then(serde_json::Value::as_u64).ok_or_else(|| {
            FindingError::Malformed("it has no `format`: it is not a finding of driftlab's".to_owned())
        })?;
        if format > u64::from(FINDING_FORMAT) {
            let driftlab = value.get("driftlab").and_then(serde_json::Value::as_str).unwrap_or("unknown");
            let format = u32::try_from(format).unwrap_or(u32::MAX);
            return Err(FindingError::Newer { format, driftlab: driftlab.to_owned() });
        }
        serde_json::from_str(text).map_err(|error| FindingError::Malformed(error.to_string()))
    }
}

impl CaseRecord {
    fn of(case: &Case, processes: &[String]) -> Self {
        let name = |entity: Entity| processes.iter().find(|name| Entity::named(name) == entity);
        let task = |task: &Task| TaskRecord {
            operation: task.operation,
            at: task.at.nanos(),
            rows: task.rows.clone(),
        };
        let window = |(from, until): &(Time, Time)| (from.nanos(), until.nanos());
        Self {
            seed: case.seed,
            clients: case
                .script
                .as_ref()
                .map(|script| script.clients.iter().map(|tasks| tasks.iter().map(task).collect()).collect()),
            pace: match case.pace {
                Pace::AsDeclared => PaceRecord::AsDeclared,
                Pace::Even => PaceRecord::Even,
                Pace::Wild => PaceRecord::Wild,
            },
            lengths: case
                .lengths
                .iter()
                .map(|(leg, span)| (format!("{:016x}", leg.0), span.nanos()))
                .collect(),
            stall: case.stall.map(|stall| StallRecord {
                process: name(stall.process).cloned().unwrap_or_default(),
                step: stall.step,
                nanos: stall.span.nanos(),
                dies: stall.kind == StallKind::Crash,
            }),
            windows: case
                .windows
                .as_ref()
                .map(|all| all.iter().map(|one| one.iter().map(window).collect()).collect()),
        }
    }

    /// The case.
    ///
    /// # Errors
    /// Where a leg's name is none.
    pub(super) fn case(&self) -> Result<Case, FindingError> {
        let task = |task: &TaskRecord| Task {
            operation: task.operation,
            at: Time::from_nanos(task.at),
            rows: task.rows.clone(),
        };
        let leg = |(name, nanos): (&String, &u64)| {
            let id = u64::from_str_radix(name, 16);
            id.map(|id| (LegId(id), Span::from_nanos(*nanos))).map_err(|_| {
                FindingError::Malformed(format!(
                    "`lengths`: \"{name}\" is no leg's name of 16 hexadecimal digits"
                ))
            })
        };
        let window = |(from, until): &(u64, u64)| (Time::from_nanos(*from), Time::from_nanos(*until));
        Ok(Case {
            seed: self.seed,
            script: self.clients.as_ref().map(|clients| Script {
                clients: clients.iter().map(|tasks| tasks.iter().map(task).collect()).collect(),
            }),
            pace: match self.pace {
                PaceRecord::AsDeclared => Pace::AsDeclared,
                PaceRecord::Even => Pace::Even,
                PaceRecord::Wild => Pace::Wild,
            },
            lengths: Arc::new(self.lengths.iter().map(leg).collect::<Result<_, _>>()?),
            stall: self.stall.as_ref().map(|stall| Stall {
                process: Entity::named(&stall.process),
                step: stall.step,
                span: Span::from_nanos(stall.nanos),
                kind: if stall.dies { StallKind::Crash } else { StallKind::Pause },
            }),
            windows: self
                .windows
                .as_ref()
                .map(|all| all.iter().map(|one| one.iter().map(window).collect()).collect()),
        })
    }
}

impl fmt::Display for FindingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = env!("CARGO_PKG_VERSION");
        match self {
            Self::Malformed(why) => write!(f, "this is no finding that can be replayed: {why}"),
            Self::Newer { format, driftlab } => write!(
                f,
                "this finding was written by driftlab {driftlab} in format {format}; this is driftlab {own}, which knows formats up to {FINDING_FORMAT}: \
                 replay it with that version, or explore the scenario again with this one"
            ),
            Self::Foreign(why) => write!(f, "this finding does not fit its scenario: {why}"),
            Self::Differs { driftlab, what } if driftlab == own => write!(
                f,
                "the replay differs from what was found: {what}; the finding was changed by hand, or driftlab was built from other sources"
            ),
            Self::Differs { driftlab, what } => write!(
                f,
                "the replay differs from what was found: {what}; it was found by driftlab {driftlab}, and this is driftlab {own}, in which the same seed is another run: \
                 replay it with that version, or explore the scenario again with this one"
            ),
        }
    }
}

impl std::error::Error for FindingError {}
