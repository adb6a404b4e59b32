//! Measures and anomalies over a history, one file a check.

mod anomaly;
mod checker;
mod distribution;
mod finding;
mod judgement;
mod level;

pub use anomaly::{ANOMALIES, Anomaly, AnomalyEntry};
pub use checker::Checker;
pub use distribution::Distribution;
pub use finding::{Finding, Until};
pub use judgement::{
    Audit, Evidence, Judgement, OverTime, Recovery, SeriesPoint, Silent, SinkJudgement, Tally, WriterMeasures,
};
pub use level::{LEVELS, Ladder, Level, Standing};
