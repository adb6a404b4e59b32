//! Scenes: what is to be drawn, before anybody decides where.

use driftlab_check::{Anomaly, Until};
use driftlab_model::{Stage, Time};

/// A finding as a drawing: who takes part, what happened in which order, and the moment it went wrong.
///
/// Made by [`Scene::of`]; the renderers beside it turn the same scene into a picture, a text, a Mermaid diagram and a story.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What went wrong.
    pub(super) anomaly: Anomaly,
    /// What would have prevented it.
    pub(super) prevention: &'static str,
    /// Until when it lasted.
    pub(super) until: Until,
    /// The finding in the checker's words.
    pub(super) sentence: String,
    /// Who takes part, from left to right.
    pub(super) lanes: Vec<Lane>,
    /// The keys that the stores' bars follow: the key of the finding and, where two make the witness, the other one.
    pub(super) keys: Vec<String>,
    /// The versions of those keys.
    pub(super) versions: Vec<Version>,
    /// The requests.
    pub(super) arrows: Vec<Arrow>,
    /// What happened, in order.
    pub(super) steps: Vec<Step>,
    /// What is wrong from the step [`Happening::Wrong`] on.
    pub(super) wrong: Wrong,
    /// What there was beside this and says nothing.
    pub(super) undrawn: Undrawn,
}

/// A lane, by its place in [`Scene::lanes`].
pub(super) type LaneNo = usize;
/// A version, by its place in [`Scene::versions`].
pub(super) type VersionNo = usize;
/// A request, by its place in [`Scene::arrows`].
pub(super) type ArrowNo = usize;

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) kind: LaneKind,
    /// What it holds of each key at the beginning; empty for who holds nothing.
    pub(super) opening: Vec<Holding>,
}

/// What a lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LaneKind {
    Client,
    Source,
    /// A process of the strategy.
    Process,
    Log,
    /// Durable memory of processes. It has no lane of its own in a finished scene: what a process remembers is told on its own.
    Checkpoint,
    Sink,
}

/// A version of one of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// Which of [`Scene::keys`].
    pub(super) key: usize,
    /// What it says: `key 1 = 2`, `key 1 deleted`.
    pub(super) text: String,
    /// The same without the key: `2`, `deleted`.
    pub(super) value: String,
    /// Who wrote it; `None` for the initial load.
    pub(super) author: Option<String>,
    /// Its place in the order of commits, 0 for the initial load; `None` where it was never committed.
    pub(super) position: Option<u64>,
    /// The colour of its transaction; `None` for the initial load.
    pub(super) colour: Option<usize>,
}

/// What a store holds of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holding {
    /// A version, and whether it was committed by then.
    Version(VersionNo, Committed),
    /// No row, though nobody deleted it.
    Missing,
    /// It claims nothing.
    NotHeld,
}

/// Whether a version was committed when it was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Committed {
    Yes,
    NotYet,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    pub(super) from: LaneNo,
    pub(super) to: LaneNo,
    /// What it asks, in a few words: `put key 1 = 2`.
    pub(super) what: String,
    /// The colour of the transaction whose change it carries.
    pub(super) colour: Option<usize>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) at: Time,
    pub(super) what: Happening,
}

/// The kinds of what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// A request leaves.
    Sent(ArrowNo),
    /// It arrives, and there is nothing to be seen of it.
    Arrived(ArrowNo),
    /// It arrives and has no effect, because of this.
    Refused(ArrowNo, String),
    /// It never arrives.
    RequestLost(ArrowNo),
    /// The reply never arrives.
    ReplyLost(ArrowNo),
    /// The reply is back.
    Replied(ArrowNo),
    /// The reply is back, and it brings nothing that its sender does not know.
    NothingNew(ArrowNo),
    /// The sender waits no longer.
    GaveUp(ArrowNo),
    /// A transaction commits.
    Committed {
        arrow: Option<ArrowNo>,
        position: u64,
        versions: Vec<VersionNo>,
        others: Others,
        colour: Option<usize>,
    },
    /// A transaction ends without effect, because of this.
    RolledBack { arrow: Option<ArrowNo>, why: String },
    /// A sink shows something new.
    Shown {
        lane: LaneNo,
        arrow: Option<ArrowNo>,
        holds: Vec<(usize, Holding)>,
        others: Others,
        colour: Option<usize>,
    },
    /// A sink that adds up or keeps everything applied a change.
    Applied {
        lane: LaneNo,
        arrow: Option<ArrowNo>,
        text: String,
        position: Option<u64>,
        colour: Option<usize>,
        times: u32,
    },
    /// A process stores where it is.
    Remembered { lane: LaneNo, text: String },
    /// A process's life.
    Lived { lane: LaneNo, stage: Stage },
    /// A fault begins or ends.
    Fault { lane: LaneNo, name: String, begins: bool },
    /// Here it went wrong.
    Wrong,
    /// Here it became right again.
    Healed,
    /// The end of the run, for what never healed.
    Ended,
    /// So many steps are left out, and what every lane holds after them.
    LeftOut { steps: usize, holdings: Vec<Vec<Holding>> },
}

/// Keys that a step is about and that have no bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Others {
    None,
    /// One: what it says, the place of its commit, the colour of its transaction.
    One {
        text: String,
        position: Option<u64>,
        colour: Option<usize>,
    },
    /// So many.
    Many(usize),
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Where; `None` for the source.
    pub(super) lane: Option<LaneNo>,
    /// What it stands against: the source, or the other sink.
    pub(super) against: LaneNo,
    /// In a few words: `an older version took the newer one's place`.
    pub(super) headline: &'static str,
    /// The witness, lane by lane: what is shown, and what was true.
    pub(super) witness: Vec<(LaneNo, String)>,
}

/// What was left away because it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Undrawn {
    /// How many requests.
    pub(super) requests: usize,
    /// Sinks that have no part in it.
    pub(super) sinks: Vec<String>,
}

impl Scene {
    /// A heading for it: `stale_overwrite in search`.
    #[must_use]
    pub fn title(&self) -> String {
        let place = self.wrong.lane.map_or("the source", |lane| &self.lanes[lane].name);
        format!("{} in {place}", self.anomaly)
    }

    /// What would have prevented it, in one or two sentences.
    #[must_use]
    pub fn prevention(&self) -> &'static str {
        self.prevention
    }

    /// How many steps it tells: each request that sets out, and each mark. Replies that say no more than that it is done do not count.
    #[must_use]
    pub fn steps(&self) -> usize {
        let silent = |step: &&Step| {
            matches!(
                step.what,
                Happening::Arrived(_) | Happening::Replied(_) | Happening::LeftOut { .. } | Happening::Ended
            )
        };
        self.steps.iter().filter(|step| !silent(step)).count()
    }

    /// The lane of the source.
    pub(super) fn source(&self) -> Option<LaneNo> {
        self.lanes.iter().position(|lane| lane.kind == LaneKind::Source)
    }

    /// The lane on which a request's effect is seen, or a mark stands.
    pub(super) fn lane_of(&self, step: &Step) -> Option<LaneNo> {
        match &step.what {
            Happening::Sent(arrow)
            | Happening::Replied(arrow)
            | Happening::NothingNew(arrow)
            | Happening::ReplyLost(arrow)
            | Happening::GaveUp(arrow) => Some(self.arrows[*arrow].from),
            Happening::Arrived(arrow) | Happening::Refused(arrow, _) | Happening::RequestLost(arrow) => {
                Some(self.arrows[*arrow].to)
            }
            Happening::Committed { .. } | Happening::RolledBack { .. } => self.source(),
            Happening::Shown { lane, .. }
            | Happening::Applied { lane, .. }
            | Happening::Remembered { lane, .. }
            | Happening::Lived { lane, .. }
            | Happening::Fault { lane, .. } => Some(*lane),
            Happening::Wrong | Happening::Healed => self.wrong.lane.or_else(|| self.source()),
            Happening::Ended | Happening::LeftOut { .. } => None,
        }
    }
}
