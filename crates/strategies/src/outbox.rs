//! `outbox`: the transaction also writes down what it changed, and a relay publishes it.
//!
//! The cure for the crash between two writes: the event is a row in the same database and commits, or does not, with the change it tells of. A relay
//! polls that table, publishes to the copies, and marks what it has sent. Whoever has a database and no wish to run CDC does this, often
//! by a library of the framework.
//!
//! What is left to get wrong is the relay. It polls "id above the last one I saw", though ids are not given out in commit order. It marks before it
//! has published, or it dies after publishing and publishes again: harmless where the copy compares versions, double where it adds up.
//! Or two relays run at once and overtake each other.

use crate::parts::anomalies::{
    BROKEN_INVARIANT, DUPLICATE_EFFECT, LOSS, MayShow, NON_MONOTONIC, NOT_A_PREFIX, PIECEMEAL, REGRESS,
    SINK_DISAGREEMENT,
};
use crate::parts::applier::{Applier, IN_ORDER};
use crate::parts::delivery::{DEDUPLICATE, VERSIONED, guard};
use crate::parts::event_table::Gaps;
use crate::parts::grouping::Grouping;
use crate::parts::position::Position;
use crate::parts::relay::{BATCH, Mark, POLL, Relay, Remove};
use crate::parts::schedule::period;
use crate::registry::StrategyEntry;
use driftlab_model::port::{Capture, Ports, Process, Strategy, Topology};
use driftlab_model::{Call, Commit, Contradiction, Kind, Outcome, Setting, Settings, Transaction};
use std::rc::Rc;
use std::sync::Arc;

/// Its line in the registry.
pub const ENTRY: StrategyEntry = StrategyEntry {
    name: "outbox",
    summary: "Each transaction inserts its events into a table, and a relay publishes them.",
    settings: SETTINGS,
    build: |settings| Ok(Rc::new(Outbox::of(settings)?)),
    may_show,
};

const SETTINGS: &[Setting] = &[
    POLL,
    BATCH,
    Gaps::SETTING,
    Mark::SETTING,
    Remove::SETTING,
    Grouping::setting("rows"),
    Position::setting("checkpoint"),
    VERSIONED,
    DEDUPLICATE,
    Setting {
        name: "relays",
        summary: "How many relays poll the same table, without a lock between them.",
        kind: Kind::Count(1, 8),
        default: Some("1"),
    },
];

struct Outbox {
    relay: Relay,
    relays: u64,
}

impl Outbox {
    fn of(settings: &Settings) -> Result<Self, Contradiction> {
        let relay = Relay {
            poll: period(settings, "poll")?,
            batch: settings.count("batch") as usize,
            gaps: Gaps::of(settings),
            mark: Mark::of(settings),
            remove: Remove::of(settings),
            applier: Applier {
                grouping: Grouping::of(settings),
                position: Position::of(settings),
                guard: guard(settings),
                connections: IN_ORDER,
            },
        };
        relay.check()?;
        Ok(Self { relay, relays: settings.count("relays") })
    }
}

fn may_show(settings: &Settings) -> Vec<&'static str> {
    let deletes_rows = settings.word("remove") == "delete_rows";
    let reads_past_gaps = settings.word("gaps") == "ignore" && !deletes_rows;
    let compares = settings.switch("versioned") || settings.switch("deduplicate");
    let once = settings.switch("deduplicate") || settings.word("position") == "with_data";
    MayShow::default()
        .when(settings.word("apply") == "rows", PIECEMEAL)
        // Whole transactions, but in the order of sequences: not quite the order of commits.
        .when(true, &[NOT_A_PREFIX, NON_MONOTONIC])
        .when(reads_past_gaps, LOSS)
        .when(settings.word("mark") == "before_publish", LOSS)
        .when(settings.word("mark") == "before_publish", &[SINK_DISAGREEMENT])
        .when(!compares, REGRESS)
        .when(!once, &[DUPLICATE_EFFECT])
        .when(settings.word("gaps") == "ignore", &[BROKEN_INVARIANT])
        .names()
}

impl Strategy for Outbox {
    fn write<'a>(&'a self, app: &'a Ports, transaction: &'a Transaction) -> Call<'a, Outcome<Arc<Commit>>> {
        app.source.transact(transaction, Capture::Outbox)
    }

    fn processes(&self, _: &Topology) -> Vec<Process> {
        let relay = self.relay;
        (0..self.relays)
            .map(|number| {
                let name = if self.relays == 1 { "relay".to_owned() } else { format!("relay.{number}") };
                Process::new(name, move |ports| async move { relay.run(&ports).await })
            })
            .collect()
    }
}
