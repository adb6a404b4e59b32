//! What a consumer can be told: when it acknowledges, what it does about deletions that it never heard of, where a copy comes from that has to be made anew, and how it
//! knows that it has to.

use crate::log_cdc::connector::Bootstrap;
use crate::parts::position::Position;
use driftlab_model::{Contradiction, Kind, Setting, Settings};

/// When a consumer saves that it has dealt with events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acknowledge {
    /// After the sink has them.
    AfterApply,
    /// Before.
    BeforeApply,
}

impl Acknowledge {
    /// The setting `acknowledge`.
    pub(crate) const SETTING: Setting = Setting {
        name: "acknowledge",
        summary: "When a consumer saves the position of what it has read.",
        kind: Kind::Choice(&[
            ("after_apply", "once the sink has it: a crash applies it again"),
            ("before_apply", "before: a crash loses it; only with position = \"checkpoint\""),
        ]),
        default: Some("after_apply"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("acknowledge") {
            "before_apply" => Self::BeforeApply,
            _ => Self::AfterApply,
        }
    }
}

/// What a consumer does when it is told that the log has forgotten deletions which it never read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forgotten {
    /// It makes its copy anew.
    BeginAnew,
    /// It reads on.
    ReadOn,
}

impl Forgotten {
    /// The setting `forgotten`.
    pub(crate) const SETTING: Setting = Setting {
        name: "forgotten",
        summary: "What a consumer does when a compacted log has forgotten deletions that it never read.",
        kind: Kind::Choice(&[
            (
                "begin_anew",
                "it replaces its copy by what the log says from its start, or where no first copy is in the log, by a snapshot",
            ),
            ("read_on", "it reads on: rows that were deleted meanwhile stay"),
        ]),
        default: Some("begin_anew"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("forgotten") {
            "read_on" => Self::ReadOn,
            _ => Self::BeginAnew,
        }
    }
}

/// Where a copy comes from that has to be made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anew {
    /// Out of the log, which has a first copy in it.
    FromTheLog,
    /// Out of a snapshot of the source.
    FromTheSource,
}

impl Anew {
    pub(crate) fn after(bootstrap: Bootstrap) -> Self {
        match bootstrap {
            Bootstrap::Watermarked => Self::FromTheLog,
            Bootstrap::None | Bootstrap::Naive => Self::FromTheSource,
        }
    }
}

/// How a consumer that starts knows a sink that has lost everything from one that never had anything: both are empty, and without a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Empty {
    /// It does not: an empty sink is a new one.
    IsNew,
    /// It noted, when it first began, that it had.
    IsLostWhereNoted,
}

impl Empty {
    /// The setting `notes`.
    pub(crate) const SETTING: Setting = Setting {
        name: "notes",
        summary: "Whoever fills a sink notes apart from it that it has begun, and looks after it when there is nothing to do: so a sink that was lost in a quiet hour is missed, and one that dies while it is made anew does not take it for a new one; only with position = \"with_data\".",
        kind: Kind::Switch,
        default: Some("false"),
    };

    /// # Errors
    /// Where the position is not kept with the data: it outlives the sink that was lost, so its consumer never asks.
    pub(crate) fn of(settings: &Settings) -> Result<Self, Contradiction> {
        match (settings.switch("notes"), Position::of(settings)) {
            (false, _) => Ok(Self::IsNew),
            (true, Position::WithData) => Ok(Self::IsLostWhereNoted),
            (true, Position::Checkpoint) => Err(Contradiction::at(
                "notes",
                "a position apart from the sink says nothing of a sink that was lost: set position = \"with_data\", or leave `notes` out",
            )),
        }
    }
}
