//! `none`: nobody keeps the copies in step.
//!
//! The control of every experiment. The application writes to the database, and the copies stay what they were when the run began. Whatever
//! a check reports here is what the other strategies are there to prevent; a check that reports nothing here is blind. Its write
//! latency is also the price of a plain write, which the others are compared with.

use crate::parts::anomalies::{LOST_UPDATE, MISSED_CHANGE, MISSED_DELETE, UNBOUNDED_LAG};
use crate::registry::StrategyEntry;
use driftlab_model::port::Strategy;
use std::rc::Rc;

/// Its line in the registry.
pub const ENTRY: StrategyEntry = StrategyEntry {
    name: "none",
    summary: "Does nothing: the control, which every copy drifts under.",
    settings: &[],
    build: |_| Ok(Rc::new(Nothing)),
    may_show: |_| vec![LOST_UPDATE, MISSED_DELETE, MISSED_CHANGE, UNBOUNDED_LAG],
};

struct Nothing;

impl Strategy for Nothing {}
