//! `log_cdc`: a connector reads the database's own log, and consumers apply it.
//!
//! Debezium and Kafka, or a managed service that does the same inside. The log has every committed change, once, in commit order, and nothing of what was
//! rolled back; the application does nothing and pays nothing. The connector copies it from a replication slot into a partitioned log, and
//! one consumer for each sink and partition applies it.
//!
//! It is as right as its edges. Where a position is acknowledged before the change is applied, a crash loses it; where it is saved apart from the
//! data, a crash applies it twice. Several partitions tear transactions. And the first copy, taken while changes stream, must be fitted into the
//! stream at the right place, or an old row lands over a new one. With one partition, whole transactions, and the position
//! saved with the data, a sink always shows a state that the source had.

pub(crate) mod connector;
pub(crate) mod consumer;
pub(crate) mod decoding;
mod naive_snapshot;
pub(crate) mod options;
mod reading;
pub(crate) mod reload;
pub(crate) mod rendition;
mod replay;
pub(crate) mod restorer;
mod watermarked_snapshot;

use crate::parts::anomalies::{
    BROKEN_INVARIANT, DUPLICATE_EFFECT, LOSS, LOST_UPDATE, MISSED_DELETE, MayShow, NON_MONOTONIC,
    NOT_A_PREFIX, PHANTOM, PIECEMEAL, REGRESS, SINK_DISAGREEMENT, TORN_TRANSACTION, UNBOUNDED_LAG,
};
use crate::parts::applier::{Applier, IN_ORDER};
use crate::parts::delivery::{DEDUPLICATE, VERSIONED, guard};
use crate::parts::grouping::Grouping;
use crate::parts::position::Position;
use crate::registry::StrategyEntry;
use connector::{Bootstrap, Connector, HEARTBEAT, LostSlot};
use consumer::Consumer;
use decoding::Decoding;
use driftlab_model::port::{Demands, Process, Strategy, Topology};
use driftlab_model::{Contradiction, Kind, Schema, Setting, Settings, TableId};
use options::{Acknowledge, Anew, Empty, Forgotten};
use reload::Resync;
use rendition::AsTold;
use restorer::Restore;
use std::rc::Rc;

/// Its line in the registry.
pub const ENTRY: StrategyEntry = StrategyEntry {
    name: "log_cdc",
    summary: "A connector reads the database's log, and consumers apply it.",
    settings: SETTINGS,
    build: |settings| Ok(Rc::new(LogCdc::of(settings)?)),
    may_show,
};

const SETTINGS: &[Setting] = &[
    Setting {
        name: "partitions",
        summary: "How many partitions the log between connector and consumers has; keys are spread over them.",
        kind: Kind::Count(1, 64),
        default: Some("1"),
    },
    Bootstrap::SETTING,
    Acknowledge::SETTING,
    Decoding::SETTINGS[0],
    Decoding::SETTINGS[1],
    Decoding::SETTINGS[2],
    LostSlot::SETTING,
    HEARTBEAT,
    Forgotten::SETTING,
    Resync::SETTING,
    Empty::SETTING,
    Restore::SETTING,
    Grouping::setting("transaction"),
    Position::setting("with_data"),
    VERSIONED,
    DEDUPLICATE,
    Setting {
        name: "batch",
        summary: "How many commits the connector, and how many events a consumer, reads at once, at most.",
        kind: Kind::Count(1, 1_000_000),
        default: Some("500"),
    },
    Setting {
        name: "connections",
        summary: "How many changes a consumer writes at once; above 1 an older one may land last. Only with apply = \"rows\" and position = \"checkpoint\".",
        kind: Kind::Count(1, 64),
        default: Some("1"),
    },
    Setting {
        name: "chunk",
        summary: "How many rows of the first copy are read at once.",
        kind: Kind::Count(1, 1_000_000),
        default: Some("1000"),
    },
];

/// The replication slot's name.
pub(crate) const SLOT: &str = "driftlab";

struct LogCdc {
    partitions: u32,
    connector: Connector,
    consumer: Consumer<AsTold>,
    restore: Restore,
}

impl LogCdc {
    fn of(settings: &Settings) -> Result<Self, Contradiction> {
        let partitions = settings.count("partitions") as u32;
        let (batch, chunk) = (settings.count("batch") as usize, settings.count("chunk") as usize);
        let applier = Applier {
            grouping: Grouping::of(settings),
            position: Position::of(settings),
            guard: guard(settings),
            connections: settings.count("connections") as usize,
        };
        let acknowledge = Acknowledge::of(settings);
        let bootstrap = Bootstrap::of(settings);
        if partitions > 1 && applier.grouping == Grouping::Transactions {
            return Err(Contradiction::at(
                "apply",
                "each partition holds parts of transactions: use apply = \"rows\", or partitions = 1",
            ));
        }
        if partitions > 1 && applier.position == Position::WithData {
            return Err(Contradiction::at(
                "position",
                "a sink keeps one position, and each partition has its own: use position = \"checkpoint\", or partitions = 1",
            ));
        }
        if applier.connections > IN_ORDER && applier.grouping == Grouping::Transactions {
            return Err(Contradiction::at(
                "connections",
                "a transaction is applied in one step, over one connection: use apply = \"rows\", or connections = 1",
            ));
        }
        if applier.connections > IN_ORDER && applier.position == Position::WithData {
            return Err(Contradiction::at(
                "connections",
                "a position saved with the data needs them in order: use position = \"checkpoint\", or connections = 1",
            ));
        }
        if acknowledge == Acknowledge::BeforeApply && applier.position == Position::WithData {
            return Err(Contradiction::at(
                "acknowledge",
                "a position that is saved with the data is never saved before them: use position = \"checkpoint\"",
            ));
        }
        let resync = Resync::of(settings);
        let is_row_by_row = applier.grouping == Grouping::Rows && applier.position == Position::Checkpoint;
        if resync == Resync::Upsert && !is_row_by_row {
            return Err(Contradiction::at(
                "resync",
                "rows that are written over a copy are no atomic step: use apply = \"rows\" and position = \"checkpoint\", or resync = \"replace\"",
            ));
        }
        Ok(Self {
            restore: Restore::of(settings, bootstrap, "snapshot = \"watermarked\"")?,
            partitions,
            connector: Connector {
                bootstrap,
                decoding: Decoding::of(settings),
                lost_slot: LostSlot::of(settings),
                heartbeat: settings.span_if_set("heartbeat"),
                batch,
                chunk,
            },
            consumer: Consumer {
                rendition: AsTold,
                applier,
                acknowledge,
                forgotten: Forgotten::of(settings),
                anew: Anew::after(bootstrap),
                resync,
                empty: Empty::of(settings)?,
                batch,
                chunk,
            },
        })
    }
}

fn may_show(settings: &Settings) -> Vec<&'static str> {
    let compares = settings.switch("versioned") || settings.switch("deduplicate");
    let is_before_apply = settings.word("acknowledge") == "before_apply";
    let is_reordered = settings.count("connections") as usize > IN_ORDER;
    let is_partitioned = settings.count("partitions") > 1;
    let is_split = settings.word("key_changes") == "update" && is_partitioned;
    let keeps_truncated = settings.word("truncates") == "ignore";
    let writes_nulls = settings.word("partial_rows") == "null";
    let is_silent = settings.word("lost_slot") == "go_on";
    let is_deaf = settings.word("forgotten") == "read_on";
    let keeps_ghosts = settings.word("resync") == "upsert";
    let is_naive = settings.word("snapshot") == "naive";
    let is_bootstrapped = settings.word("snapshot") != "none";
    let is_once =
        settings.switch("deduplicate") || (settings.word("position") == "with_data" && !is_bootstrapped);
    MayShow::default()
        .when(settings.word("apply") == "rows", PIECEMEAL)
        .when(is_before_apply || is_deaf || is_silent || keeps_truncated, LOSS)
        .when(is_before_apply || is_deaf, &[SINK_DISAGREEMENT])
        .when(keeps_ghosts, &[MISSED_DELETE, SINK_DISAGREEMENT, UNBOUNDED_LAG])
        .when(is_naive || !compares, REGRESS)
        .when(writes_nulls, &[PHANTOM, LOST_UPDATE, UNBOUNDED_LAG])
        .when(writes_nulls, &[TORN_TRANSACTION, NOT_A_PREFIX, NON_MONOTONIC, BROKEN_INVARIANT])
        // What one partition has of a key, or of a table, another is told to remove.
        .when(is_split && !compares, &[LOST_UPDATE, MISSED_DELETE, UNBOUNDED_LAG])
        .when(is_partitioned && !compares, &[LOST_UPDATE, UNBOUNDED_LAG])
        .when(is_reordered && !compares, &[LOST_UPDATE, MISSED_DELETE, UNBOUNDED_LAG])
        // A search index may never have shown the newer row by the time the older one replaces it.
        .when(is_naive, &[LOST_UPDATE, MISSED_DELETE, UNBOUNDED_LAG])
        .when(!is_once, &[DUPLICATE_EFFECT])
        .names()
}

impl Strategy for LogCdc {
    fn demands(&self) -> Demands {
        Demands {
            slot: Some(SLOT),
            partitions: self.partitions,
            bootstraps: self.connector.bootstrap != Bootstrap::None,
            ..Demands::default()
        }
    }

    fn takes_on_newcomers(&self) -> bool {
        true
    }

    fn restores(&self, _: &Schema) -> Option<Vec<TableId>> {
        (self.restore == Restore::FromTheLog).then(Vec::new)
    }

    fn processes(&self, topology: &Topology) -> Vec<Process> {
        let connector = self.connector;
        let mut processes =
            vec![Process::new("connector", move |ports| async move { connector.run(&ports).await })];
        for (sink, sink_name, _) in &topology.sinks {
            for partition in 0..self.partitions {
                let name: Rc<str> = match self.partitions {
                    1 => format!("consumer.{sink_name}").into(),
                    _ => format!("consumer.{sink_name}.{partition}").into(),
                };
                let (consumer, sink) = (self.consumer, *sink);
                processes.push(Process::new(&*name, {
                    let name = Rc::clone(&name);
                    move |ports| {
                        let name = Rc::clone(&name);
                        async move { consumer.run(&ports, ports.sink(sink), partition, &name).await }
                    }
                }));
            }
        }
        processes.extend(self.restore.process(self.restores(&topology.schema), self.consumer.batch));
        processes
    }
}
