//! Subjects: what a drawing is made from.

use driftlab_check::Finding;
use driftlab_model::{History, Passing};
use driftlab_scenario::Choice;

/// A run that was recorded, and what was found in it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// What happened, with its cast.
    pub history: &'a History,
    /// Where each request was. Where nobody followed the requests it is empty, and they are drawn as arrows that take no time.
    pub passings: &'a [Passing],
    /// What was found.
    pub finding: &'a Finding,
    /// The strategy, as the scenario has it.
    pub strategy: &'a Choice,
    /// The kinds of the scenario's faults, in its order: `outage`. A fault beyond the last is called so.
    pub faults: &'a [&'a str],
}
