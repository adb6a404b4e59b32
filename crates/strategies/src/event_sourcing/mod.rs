//! `event_sourcing`: what is stored is what happened, and what is true now follows from it.
//!
//! A command ("reserve seat 3 for customer 7") is decided against the current state of its stream, one stream a seat, and where it is allowed an event is appended: "seat 3
//! reserved for customer 7", not "row updated". Events are never changed. Projections read them in the order in which they were committed and keep the copies,
//! each with the position up to which it has them. Banks have worked like this for ever, and event stores (KurrentDB, Marten, Axon) sell it.
//!
//! Two things must be right. Between the decision and the append somebody else may append to the same stream, so an append names the version that it expects to find and is
//! refused where another one stands, and then the command is decided anew. Without that both customers who found the seat free have it: every event is
//! there, in order, in all copies alike, and the history is impossible. And a projection must save its position in one step with what it has
//! made of the events, or a crash between the two makes it of them twice.
//!
//! # On a relational source
//!
//! The table of events has (stream, version) for its key. So the insert of the version that follows the one that was decided on *is* the check: it succeeds where the
//! stream still ends there, waits for whoever is about to append and has not ended, and is refused as a conflict where somebody has appended. No
//! isolation level is asked for, because a key is unique at all of them. That the decision was made on a snapshot a moment ago does no harm: a
//! stream only grows, so if it still ends at the version that was read, it is what was read. An append without an expected version is what event stores call "any": the
//! event goes to the end of the stream, wherever that is by then; on a conflict only the place is looked up anew, and the decision stands.
//!
//! The transaction that appends also keeps the rows that the event changes (an inline projection, as Marten calls it): they are what folding the
//! stream gives, because versions of one stream commit in order. They make this strategy comparable with those that keep tables alone: readers ask for the same rows, and a copy is held against
//! the same truth. The reservation is put and not inserted: whether it may be is decided by the events, and not by the key of a table.
//!
//! A snapshot is the state of a stream after one of its events, put in the transaction that appends that event: so it is never of another version than it says. Reading
//! begins with it, and goes on with the events after it. It saves reading a long stream again for each decision and changes none.
//!
//! The order of all events is that of their commits, which the database's log has: a number out of a sequence would be given out before the commit, and whoever reads by it
//! skips what commits late (see [`crate::outbox`]). So the feed and the projections are the connector and the consumer of [`crate::log_cdc`], with one partition and
//! whole appends, and what holds of those holds here: with the position in the same atomic step as the data, a copy always shows a state that the source had.
//!
//! # Events outlive the code that wrote them
//!
//! The application is rolled over, and a new release writes events of a new form. What was written before stays as it is: streams, log and copies hold all forms that there ever were. So whoever
//! reads (a decision, a projection, somebody who asks what was true last week) makes an event of its own form out of an older one before it looks at it, one upcaster after another (`forms`), and
//! everything behind that knows one form. A reader that takes old events as they are fails nowhere: it has no name for what has been renamed, and numbers change their unit. A state
//! that was saved in another form is thrown away, because it follows from events that are all there.
//!
//! The other way there is no step: a release cannot know what a later one means. While a roll-over is under way a projection of the old release meets events of the new one, and passing them over
//! loses them for good, because its position moves on. So it stands still before the first of them, says which it is, and goes on when it is rolled over itself; a command about such a stream is refused.
//! Its copies are late for so long, and right. Rolling over readers first avoids that.
//!
//! # When the tables are lost
//!
//! A command is decided against its stream, and its append also changes rows; so where the rows are gone no command can be let in, though its decision could be made. The events alone do not bring them all back: what a payment was
//! called is in its row and in no event. The log has both, so with `restore = "log"` they are made anew out of that. Snapshots of streams are of no help there: they say who has a seat, and shorten nothing but decisions.

mod append;
mod command;
mod forms;
mod projection;
mod reader;
mod recount;
mod release;
mod rollover;
mod seat;
mod snapshots;
mod stream;

use crate::log_cdc::SLOT;
use crate::log_cdc::connector::{Bootstrap, Connector, LostSlot};
use crate::log_cdc::consumer::Consumer;
use crate::log_cdc::decoding::Decoding;
use crate::log_cdc::options::{Acknowledge, Anew, Empty, Forgotten};
use crate::log_cdc::reload::Resync;
use crate::log_cdc::restorer::Restore;
use crate::parts::anomalies::{
    BROKEN_INVARIANT, DUPLICATE_EFFECT, LOSS, MayShow, PHANTOM, SINK_DISAGREEMENT,
};
use crate::parts::applier::{Applier, IN_ORDER};
use crate::parts::grouping::Grouping;
use crate::parts::position::Position;
use crate::registry::StrategyEntry;
use append::Append;
use driftlab_model::port::{Condition, Demands, Ports, Process, Strategy, Topology};
use driftlab_model::{
    Call, Commit, Contradiction, Key, Kind, Outcome, Recount, Row, Schema, Setting, Settings, TableId,
    Transaction,
};
use projection::Projection;
use rollover::Rollover;
use snapshots::Snapshots;
use std::rc::Rc;
use std::sync::Arc;

/// Its line in the registry.
pub const ENTRY: StrategyEntry = StrategyEntry {
    name: "event_sourcing",
    summary: "Commands append events to streams, and projections read them; for the shape seats.",
    settings: SETTINGS,
    build: |settings| Ok(Rc::new(EventSourcing::of(settings)?)),
    may_show,
};

const SETTINGS: &[Setting] = &[
    Setting {
        name: "expected_version",
        summary: "An append is refused where its stream has grown since the decision, and the command is decided anew; otherwise it goes to the end of the stream, wherever that is by then.",
        kind: Kind::Switch,
        default: Some("true"),
    },
    Snapshots::SETTING,
    Setting {
        name: "rebuild",
        summary: "What a projection is made of anew that has lost what it held.",
        kind: Kind::Choice(&[
            ("source", "a snapshot of the source"),
            (
                "log",
                "the log, in which the feed puts a first copy of the rows that were there before any event; the source is not asked",
            ),
        ]),
        default: Some("source"),
    },
    Empty::SETTING,
    Rollover::SETTINGS[0],
    Rollover::SETTINGS[1],
    Rollover::SETTINGS[2],
    Rollover::SETTINGS[3],
    Restore::SETTING,
    Position::setting("with_data"),
    Setting {
        name: "batch",
        summary: "How many appends the feed, and how many events a projection, reads at once, at most.",
        kind: Kind::Count(1, 1_000_000),
        default: Some("500"),
    },
];

/// How many rows a projection that must begin anew reads at once.
const CHUNK: usize = 1_000;

struct EventSourcing {
    append: Append,
    rollover: Rollover,
    bootstrap: Bootstrap,
    restore: Restore,
    position: Position,
    empty: Empty,
    batch: usize,
}

impl EventSourcing {
    fn of(settings: &Settings) -> Result<Self, Contradiction> {
        let rollover = Rollover::of(settings)?;
        let bootstrap = match settings.word("rebuild") {
            "log" => Bootstrap::Watermarked,
            _ => Bootstrap::None,
        };
        Ok(Self {
            append: Append::of(settings, rollover),
            rollover,
            bootstrap,
            restore: Restore::of(settings, bootstrap, "rebuild = \"log\"")?,
            position: Position::of(settings),
            empty: Empty::of(settings)?,
            batch: settings.count("batch") as usize,
        })
    }

    const fn feed(&self) -> Connector {
        Connector {
            bootstrap: self.bootstrap,
            decoding: Decoding::KNOWING,
            lost_slot: LostSlot::Declare,
            heartbeat: None,
            batch: self.batch,
            chunk: CHUNK,
        }
    }

    fn projection(&self, schema: &Schema) -> Consumer<Projection> {
        let applier = Applier {
            // An append is one fact, however many rows it changes.
            grouping: Grouping::Transactions,
            position: self.position,
            guard: Condition::Newer,
            connections: IN_ORDER,
        };
        Consumer {
            rendition: Projection::new(schema, self.rollover),
            applier,
            acknowledge: Acknowledge::AfterApply,
            forgotten: Forgotten::BeginAnew,
            anew: Anew::after(self.bootstrap),
            resync: Resync::Replace,
            empty: self.empty,
            batch: self.batch,
            chunk: CHUNK,
        }
    }
}

fn may_show(settings: &Settings) -> Vec<&'static str> {
    MayShow::default()
        .when(!settings.switch("expected_version"), &[BROKEN_INVARIANT])
        // A first copy counts rows that the stream counts too, as it does for log_cdc.
        .when(
            settings.word("position") == "checkpoint" || settings.word("rebuild") == "log",
            &[DUPLICATE_EFFECT],
        )
        // What is passed over never comes, and what is misread was never there; a copy that is made later differs from one that read the same events when they were new.
        .when(settings.word("old_events") == "as_is", LOSS)
        .when(settings.word("old_events") == "as_is", &[PHANTOM, SINK_DISAGREEMENT])
        .when(settings.word("new_events") == "skip", LOSS)
        .when(settings.word("new_events") == "skip", &[SINK_DISAGREEMENT])
        .names()
}

impl Strategy for EventSourcing {
    fn demands(&self) -> Demands {
        Demands {
            slot: Some(SLOT),
            partitions: 1,
            bootstraps: self.bootstrap != Bootstrap::None,
            ..Demands::default()
        }
    }

    fn understands(&self, schema: &Schema) -> Result<(), Contradiction> {
        match command::Tables::of(schema) {
            Some(_) => Ok(()),
            None => Err(Contradiction::at(
                "kind",
                "event_sourcing decides about reservations, payments and cancellations of seats: use it with [workload] shape = \"seats\"",
            )),
        }
    }

    fn takes_on_newcomers(&self) -> bool {
        true
    }

    fn write<'a>(&'a self, app: &'a Ports, transaction: &'a Transaction) -> Call<'a, Outcome<Arc<Commit>>> {
        Box::pin(self.append.run(app, transaction))
    }

    /// Events are stored, and so are snapshots of their streams; all else follows from them.
    fn restores(&self, schema: &Schema) -> Option<Vec<TableId>> {
        let tables = command::Tables::of(schema)?;
        (self.restore == Restore::FromTheLog).then(|| vec![tables.event, tables.snapshot])
    }

    fn recounts(&self, schema: &Schema, rows: &[(Key, Row)]) -> Option<Recount> {
        recount::of(command::Tables::of(schema)?, rows, self.rollover.auditor())
    }

    fn processes(&self, topology: &Topology) -> Vec<Process> {
        let (feed, projection) = (self.feed(), self.projection(&topology.schema));
        let mut processes = vec![Process::new("feed", move |ports| async move { feed.run(&ports).await })];
        for (sink, sink_name, _) in &topology.sinks {
            let sink = *sink;
            let name: Rc<str> = format!("projection.{sink_name}").into();
            processes.push(Process::new(&*name, {
                let name = Rc::clone(&name);
                move |ports| {
                    let name = Rc::clone(&name);
                    async move { projection.run(&ports, ports.sink(sink), 0, &name).await }
                }
            }));
        }
        processes.extend(self.restore.process(self.restores(&topology.schema), self.batch));
        processes
    }
}
