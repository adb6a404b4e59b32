//! Passings: where each request is, for whoever draws a run. Checks do not need them, so a history does not hold them.

use crate::history::ProcessId;
use crate::time::Time;

/// A request came to a point of its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passing {
    /// When.
    pub at: Time,
    /// The request; its own in the whole run.
    pub request: u64,
    /// Who sent it.
    pub from: ProcessId,
    /// Where it goes.
    pub to: ProcessId,
    /// What it asks, in a few words: `put key 1 = 2`.
    pub what: String,
    /// Where it is.
    pub point: Point,
}

/// The points of a request's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// It is sent.
    Sent,
    /// It takes effect, or is refused; with what came of it, in a few words: `done`, `refused: outdated`.
    Served(String),
    /// The reply is back.
    Returned,
    /// It is lost, or its reply is: the sender will hear nothing.
    Lost,
    /// The sender waits no longer.
    GivenUp,
}

/// Somebody who follows requests on their way.
pub trait Follower {
    /// A request came to a point of its way. Called in the order of time.
    fn follow(&mut self, passing: Passing);
}

impl Follower for Vec<Passing> {
    fn follow(&mut self, passing: Passing) {
        self.push(passing);
    }
}
