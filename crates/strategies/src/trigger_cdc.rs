//! `trigger_cdc`: triggers write every change into a table, and a poller publishes it.
//!
//! Change capture for databases whose log nobody may read: SymmetricDS, Bucardo, Slony, and many home-grown audit tables. The application
//! does not know of it, unlike an outbox, and the poller is the very same.
//!
//! It has the outbox's troubles with sequences and redelivery, and two of its own: every write pays for the trigger, and whatever goes past the
//! triggers (a bulk load, a session that disabled them, a TRUNCATE) is never heard of.

use crate::parts::anomalies::{DUPLICATE_EFFECT, LOSS, MayShow, PIECEMEAL, REGRESS, SINK_DISAGREEMENT};
use crate::parts::applier::{Applier, IN_ORDER};
use crate::parts::delivery::{DEDUPLICATE, VERSIONED, guard};
use crate::parts::event_table::Gaps;
use crate::parts::grouping::Grouping;
use crate::parts::position::Position;
use crate::parts::relay::{BATCH, Mark, POLL, Relay, Remove};
use crate::parts::schedule::period;
use crate::registry::StrategyEntry;
use driftlab_model::port::{Demands, Process, Strategy, Topology};
use driftlab_model::{Contradiction, Setting, Settings};
use std::rc::Rc;

/// Its line in the registry.
pub const ENTRY: StrategyEntry = StrategyEntry {
    name: "trigger_cdc",
    summary: "Triggers write each change into a table, and a poller publishes it.",
    settings: SETTINGS,
    build: |settings| Ok(Rc::new(TriggerCdc::of(settings)?)),
    may_show,
};

const SETTINGS: &[Setting] = &[
    POLL,
    BATCH,
    Gaps::SETTING,
    Mark::SETTING,
    Remove::SETTING,
    Position::setting("checkpoint"),
    VERSIONED,
    DEDUPLICATE,
];

struct TriggerCdc {
    poller: Relay,
}

impl TriggerCdc {
    fn of(settings: &Settings) -> Result<Self, Contradiction> {
        let poller = Relay {
            poll: period(settings, "poll")?,
            batch: settings.count("batch") as usize,
            gaps: Gaps::of(settings),
            mark: Mark::of(settings),
            remove: Remove::of(settings),
            applier: Applier {
                // A trigger sees one row, and does not know how many its transaction will have.
                grouping: Grouping::Rows,
                position: Position::of(settings),
                guard: guard(settings),
                connections: IN_ORDER,
            },
        };
        poller.check()?;
        Ok(Self { poller })
    }
}

fn may_show(settings: &Settings) -> Vec<&'static str> {
    let compares = settings.switch("versioned") || settings.switch("deduplicate");
    let once = settings.switch("deduplicate") || settings.word("position") == "with_data";
    MayShow::default()
        .when(true, PIECEMEAL)
        // Whatever the settings: a bulk path goes past the triggers.
        .when(true, LOSS)
        .when(settings.word("mark") == "before_publish", &[SINK_DISAGREEMENT])
        .when(!compares, REGRESS)
        .when(!once, &[DUPLICATE_EFFECT])
        .names()
}

impl Strategy for TriggerCdc {
    fn demands(&self) -> Demands {
        Demands { triggers: true, ..Demands::default() }
    }

    fn processes(&self, _: &Topology) -> Vec<Process> {
        let poller = self.poller;
        vec![Process::new("poller", move |ports| async move { poller.run(&ports).await })]
    }
}
