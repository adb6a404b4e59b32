//! Measures and anomalies over a history, one file a check.
//!
//! A [`Checker`] follows a history as it happens and yields a [`Judgement`]. What stands in the middle is a timeline: for each key its versions in
//! the order of commits, and for each sink which of them it shows. Events become small steps of that timeline, and checks and
//! measures look at the steps. It all works online, in a constant time a row change on average, so a run of an hour need not be kept to be judged.

mod anomaly;
mod blank;
mod casebook;
mod check;
mod checker;
mod checks;
mod conclusion;
mod distribution;
mod finding;
mod fingerprint;
mod judgement;
mod level;
mod measures;
mod phrase;
pub mod recall;
mod recorder;
mod standings;
mod story;
mod timeline;

pub use anomaly::{ANOMALIES, Anomaly, AnomalyEntry};
pub use checker::Checker;
pub use distribution::Distribution;
pub use finding::{Finding, Until};
pub use judgement::{
    Audit, Evidence, Held, Joining, Judgement, Meanwhile, OverTime, Past, Recovery, SeriesPoint, Silent,
    SinkJudgement, Tally, WriterMeasures,
};
pub use level::{LEVELS, Ladder, Level, Standing};
