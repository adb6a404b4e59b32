use driftlab_model::Span;
use driftlab_model::draws::Entity;

/// One process stands still, or dies, at one of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    /// Which process, by its name.
    pub process: Entity,
    /// After how many of its steps (polls since it was first started).
    pub step: u64,
    /// For how long.
    pub span: Span,
    /// What happens to it.
    pub kind: StallKind,
}

/// What a stall is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StallKind {
    /// It stands still and does not know it.
    Pause,
    /// It crashes, and starts again from nothing.
    Crash,
}
