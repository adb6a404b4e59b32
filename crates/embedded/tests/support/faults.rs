//! The virtual world's faults, for real stores.

use driftlab_embedded::fault::{self, Fault, Windows};
use driftlab_model::draws::{Draws, Entity};
use driftlab_model::{Settings, Span, Time};
use driftlab_sim::fault as sim;
use std::rc::Rc;

/// A fault of the virtual world's registry, in a run of this length.
pub(crate) fn fault(kind: &str, given: &[(&str, &str)], duration: Span) -> Fault {
    let entry = sim::FaultEntry::named(kind).expect("a registered fault");
    let settings = given
        .iter()
        .fold(Settings::defaults(entry.settings), |all, (name, text)| all.with(entry.settings, name, text));
    let built = sim::Fault::build(entry, kind, &settings).expect("a fault without contradictions");
    let windows = match built.schedule {
        sim::Schedule::Always => Windows::Always,
        schedule => {
            let end = Time::ZERO + duration;
            Windows::From(schedule.windows(&Draws::new(1), Entity::named(kind), end))
        }
    };
    let strike = Rc::new(Same(built.strike));
    Fault { name: built.name, target: built.target, from: built.from, windows, strike }
}

struct Same(Rc<dyn sim::Strike>);

impl fault::Strike for Same {
    fn affliction(&self) -> Option<fault::Affliction> {
        Some(match self.0.affliction()? {
            sim::Affliction::Crash => fault::Affliction::Crash,
            sim::Affliction::Pause => fault::Affliction::Pause,
            sim::Affliction::Skew(nanos) => fault::Affliction::Skew(nanos),
        })
    }

    fn request(&self, fate: &mut fault::Fate, draw: fault::Draw<'_>) {
        let mut same = sim::Fate {
            loses_request: fate.loses_request,
            hangs: fate.hangs,
            refuses: fate.refuses,
            loses_reply: fate.loses_reply,
            repeats_after: fate.repeats_after,
            delay: fate.delay,
            slowness: fate.slowness,
        };
        self.0.request(&mut same, draw);
        *fate = fault::Fate {
            loses_request: same.loses_request,
            hangs: same.hangs,
            refuses: same.refuses,
            loses_reply: same.loses_reply,
            repeats_after: same.repeats_after,
            delay: same.delay,
            slowness: same.slowness,
        };
    }
}
