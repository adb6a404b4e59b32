//! The log is shortened: an operator short of disk, or a limit that was set for another load.

use super::registry::{lasting, target};
use super::schedule::{AT, EVERY};
use super::{FaultEntry, Strike};
use driftlab_model::{Contradiction, Retention, Span};
use std::rc::Rc;

/// The only node that keeps records for a time. What the source keeps for a slot is bounded by `[source] retain`.
const LOG: &str = "log";

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "retention",
    summary: "the log keeps less for a while: who has not read what is removed is told that it is gone",
    settings: &[
        target("the log between capture and sinks", LOG),
        AT,
        EVERY,
        lasting("how long it keeps less; what is removed meanwhile stays gone", Some("5s")),
        Retention::age_setting(
            "records as old as this are removed; unset, and `retain_records` too: whatever there is",
            None,
        ),
        Retention::RECORDS_SETTING,
    ],
    build: |settings| {
        if settings.text_if_set("target") != Some(LOG) {
            return Err(Contradiction::at(
                "target",
                "only the log between capture and sinks has a retention that can be shortened: leave `target` out",
            ));
        }
        let retention = match Retention::from_settings(settings) {
            unset if unset.keeps_everything() => Retention { age_max: Some(Span::ZERO), records_max: None },
            given => given,
        };
        Ok(Rc::new(Shortened { retention }))
    },
};

struct Shortened {
    retention: Retention,
}

impl Strike for Shortened {
    fn retention(&self) -> Option<Retention> {
        Some(self.retention)
    }
}
