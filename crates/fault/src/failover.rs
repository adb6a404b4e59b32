//! The database fails over to a replica, which has all its rows and none of its replication slots.

use super::registry::{lasting, target};
use super::schedule::{AT, EVERY};
use super::{Draw, Fate, FaultEntry, Strike};
use driftlab_model::{Contradiction, Setting};
use std::rc::Rc;

/// The only node that has slots.
const SOURCE: &str = "source";

pub(super) const ENTRY: FaultEntry = FaultEntry {
    name: "failover",
    summary: "the database fails over to a replica: requests are refused until it is promoted, every commit is there, and the replication slots are gone",
    settings: &[
        target("the database that everything else is a copy of", SOURCE),
        Setting { default: Some("1s"), ..AT },
        EVERY,
        lasting("how long it takes until the replica is promoted", Some("1s")),
    ],
    build: |settings| {
        if settings.text_if_set("target") != Some(SOURCE) {
            return Err(Contradiction::at(
                "target",
                "only the database fails over to a replica: leave `target` out",
            ));
        }
        Ok(Rc::new(Failover))
    },
};

struct Failover;

impl Strike for Failover {
    fn drops_slots(&self) -> bool {
        true
    }

    fn request(&self, fate: &mut Fate, _: Draw<'_>) {
        fate.refuses = true;
    }
}

#[cfg(test)]
mod tests {
    use crate::{Fault, FaultEntry};
    use driftlab_model::Settings;

    fn built(target: &str) -> Result<Fault, driftlab_model::Contradiction> {
        let entry = FaultEntry::named("failover").expect("a registered fault");
        let settings = Settings::defaults(entry.settings).with(entry.settings, "target", target);
        Fault::build(entry, "failover", &settings)
    }

    #[test]
    fn only_the_source_fails_over() {
        assert!(built("source").is_ok_and(|fault| fault.strike.drops_slots()));
        assert_eq!(built("search").err().map(|why| why.setting), Some("target"));
    }
}
