//! A consumer: from one partition of the log into one sink. Its options; at work it is a [`Reading`].

use crate::log_cdc::connector::Bootstrap;
use crate::log_cdc::reading::Reading;
use crate::log_cdc::reload::Resync;
use crate::parts::applier::Applier;
use driftlab_model::port::{Ports, Sink};
use driftlab_model::{Kind, Setting, Settings};

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

/// A consumer's options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Consumer {
    pub(crate) applier: Applier,
    pub(crate) acknowledge: Acknowledge,
    pub(crate) forgotten: Forgotten,
    pub(crate) anew: Anew,
    pub(crate) resync: Resync,
    pub(crate) batch: usize,
    pub(crate) chunk: usize,
}

impl Consumer {
    /// Runs for ever.
    pub(crate) async fn run(&self, ports: &Ports, sink: &Sink, partition: u32, name: &str) {
        let mut reading = Reading::begin(*self, ports, sink, partition, name).await;
        loop {
            reading.round().await;
        }
    }
}
