//! Findings: an anomaly that was seen, with everything a person needs to understand it.

use crate::anomaly::Anomaly;
use driftlab_model::{Key, ProcessId, SinkId, Span, Time, TransactionId};

/// One anomaly, seen once.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is.
    pub anomaly: Anomaly,
    /// The sink that shows it; `None` for the source.
    pub sink: Option<SinkId>,
    /// The key, where one key shows it.
    pub key: Option<Key>,
    /// The transactions involved, the cause first.
    pub transactions: Vec<TransactionId>,
    /// The processes involved, the cause first.
    pub processes: Vec<ProcessId>,
    /// When it began.
    pub begin: Time,
    /// Until when it lasted.
    pub until: Until,
    /// What happened, in a sentence that names clients, values and times.
    pub sentence: String,
}

/// Until when an anomaly lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// It healed then.
    Healed(Time),
    /// It was still there at quiescence.
    Permanent,
    /// The run ended first, before quiescence: nobody knows.
    Unknown,
}

impl Finding {
    /// How long it lasted, where it healed.
    #[must_use]
    pub fn duration(&self) -> Option<Span> {
        match self.until {
            Until::Healed(end) => Some(end - self.begin),
            Until::Permanent | Until::Unknown => None,
        }
    }
}
