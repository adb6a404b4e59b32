//! The source loses its tables of current state: a bad migration, a volume that is gone. What happened is stored elsewhere, and is still there.

use super::registry::{lasting, target};
use super::schedule::{AT, EVERY};
use super::{FaultEntry, Strike};
use driftlab_model::{Contradiction, Setting};
use std::rc::Rc;

/// The only node that has a state of its own.
const SOURCE: &str = "source";

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "lose_state",
    summary: "the source loses its tables of current state, and refuses everybody until the strategy has restored them: its log, its slots, and tables of events are still there",
    settings: &[
        target("the database that everything else is a copy of", SOURCE),
        Setting { default: Some("1s"), ..AT },
        EVERY,
        lasting(
            "nothing happens meanwhile: recovery is measured from its end, and lasts until the source is restored",
            Some("100ms"),
        ),
    ],
    build: |settings| {
        if settings.text_if_set("target") != Some(SOURCE) {
            return Err(Contradiction::at(
                "target",
                "only the source has a state that is not a copy: leave `target` out, and empty a copy with the fault `wipe`",
            ));
        }
        Ok(Rc::new(LoseState))
    },
};

struct LoseState;

impl Strike for LoseState {
    fn loses_state(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::{Fault, FaultEntry};
    use driftlab_model::Settings;

    fn built(target: &str) -> Result<Fault, driftlab_model::Contradiction> {
        let entry = FaultEntry::named("lose_state").expect("a registered fault");
        let settings = Settings::defaults(entry.settings).with(entry.settings, "target", target);
        Fault::build(entry, "lose_state", &settings)
    }

    #[test]
    fn only_the_source_has_a_state_to_lose() {
        assert!(built("source").is_ok_and(|fault| fault.strike.loses_state()));
        assert_eq!(built("search").err().map(|why| why.setting), Some("target"));
    }
}
