//! The connector: from the database's log into the partitioned log.

use crate::log_cdc::decoding::{Decoding, Routed};
use crate::log_cdc::watermarked_snapshot::WatermarkedSnapshot;
use crate::log_cdc::{SLOT, naive_snapshot};
use crate::parts::position::{save, saved};
use crate::parts::retry::persist;
use driftlab_model::call::join;
use driftlab_model::port::{Ports, Slot};
use driftlab_model::{
    Bookmark, Commit, Failure, Kind, Lsn, Refusal, Setting, Settings, Span, Watermark, Word,
};
use std::sync::Arc;

/// How long a read of a log waits for something to come.
pub(crate) const WAIT: Span = Span::from_millis(100);

/// How sinks come by the rows that were there before the stream began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bootstrap {
    /// They have them already.
    None,
    /// They are copied while changes stream, without a word between the two.
    Naive,
    /// They are copied in chunks, each fitted into the stream between two watermarks.
    Watermarked,
}

impl Bootstrap {
    /// The setting `snapshot`.
    pub(crate) const SETTING: Setting = Setting {
        name: "snapshot",
        summary: "How sinks come by the rows that were there before.",
        kind: Kind::Choice(&[
            ("none", "they start as copies of the initial load"),
            ("naive", "they start empty; rows are written to them while changes stream"),
            ("watermarked", "they start empty; chunks of rows are fitted into the stream (DBLog)"),
        ]),
        default: Some("none"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("snapshot") {
            "naive" => Self::Naive,
            "watermarked" => Self::Watermarked,
            _ => Self::None,
        }
    }
}

/// What the connector does when its slot is gone: dropped, invalidated, or left behind by a failover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LostSlot {
    /// It makes a new one, and says in the stream that something is missing before this place.
    Declare,
    /// It makes a new one, and goes on.
    GoOn,
}

impl LostSlot {
    /// The setting `lost_slot`.
    pub(crate) const SETTING: Setting = Setting {
        name: "lost_slot",
        summary: "What the connector does when its replication slot is gone.",
        kind: Kind::Choice(&[
            (
                "declare",
                "it makes a new one and declares the gap in the stream: consumers load their copies again",
            ),
            (
                "go_on",
                "it makes a new one at the end of the log and goes on: what lies in between is lost, and nobody is told",
            ),
        ]),
        default: Some("declare"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("lost_slot") {
            "go_on" => Self::GoOn,
            _ => Self::Declare,
        }
    }
}

/// The setting `heartbeat`.
pub(crate) const HEARTBEAT: Setting = Setting {
    name: "heartbeat",
    summary: "How long the connector hears of no commit before it writes a mark of its own into the database's log, so that its slot moves on; unset: it waits for ever.",
    kind: Kind::Span,
    default: None,
};

/// What a heartbeat writes. Snapshots are fitted in by the positions of their own marks, so this one is none to them.
const BEAT: Watermark = Watermark(2);

/// The connector's options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connector {
    pub(crate) bootstrap: Bootstrap,
    pub(crate) decoding: Decoding,
    pub(crate) lost_slot: LostSlot,
    /// How long it waits for a commit before it writes something itself; for ever where it has none.
    pub(crate) heartbeat: Option<Span>,
    pub(crate) batch: usize,
    pub(crate) chunk: usize,
}

/// The name under which the connector notes that it is about to leave a gap in the stream.
const GAP: &str = "connector.gap";

impl Connector {
    /// Runs for ever.
    pub(crate) async fn run(&self, ports: &Ports) {
        match self.bootstrap {
            Bootstrap::None => self.stream(ports, None).await,
            Bootstrap::Naive => {
                let copy = Box::pin(naive_snapshot::copy(ports, self.chunk));
                join(copy, Box::pin(self.stream(ports, None))).await;
            }
            Bootstrap::Watermarked => {
                let snapshot = WatermarkedSnapshot::resume(ports, self.chunk).await;
                self.stream(ports, Some(snapshot)).await;
            }
        }
    }

    /// Reads commits, appends their events, and only then lets the database forget them: a crash appends some again, and loses none.
    async fn stream(&self, ports: &Ports, mut snapshot: Option<WatermarkedSnapshot>) {
        let runtime = ports.runtime.as_ref();
        let slot = ports.source.slot(SLOT);
        let mut position = self.confirmed(ports, slot.as_ref()).await;
        let mut heard = runtime.now();
        loop {
            runtime.round();
            // With a heartbeat it remembers a moment too, and no two moments are the same.
            if self.bootstrap == Bootstrap::None && self.heartbeat.is_none() {
                runtime.remembers(&[position.0]);
            }
            if let Some(snapshot) = &mut snapshot {
                snapshot.read_chunk(ports).await;
            }
            let Some(commits) = self.read(ports, slot.as_ref(), position).await else {
                if let Some(snapshot) = &mut snapshot {
                    snapshot.abandon_chunk();
                }
                position = self.begin_anew(ports).await;
                continue;
            };
            let Some(last) = commits.last() else {
                if self.heartbeat.is_some_and(|longest| runtime.now() >= heard + longest) {
                    persist(runtime, async || ports.source.mark(BEAT).await).await;
                    heard = runtime.now();
                }
                continue;
            };
            heard = runtime.now();
            runtime.about(last.lsn.0);
            let changes = commits.iter().map(|commit| commit.changes.len()).sum();
            let mut events = Vec::with_capacity(changes);
            for commit in &commits {
                self.decoding.events(&ports.schema, commit, &mut events);
                if let Some(snapshot) = &mut snapshot {
                    let chunk = snapshot.pass(&ports.schema, commit);
                    events.extend(chunk.into_iter().map(Routed::by_key));
                }
            }
            append(ports, &events).await;
            if let Some(snapshot) = &mut snapshot {
                self.note_progress(ports, snapshot, last.lsn).await;
            }
            // A slot that is lost by now shows when it is next read.
            persist(runtime, async || unless_lost(slot.acknowledge(last.lsn).await)).await;
            position = last.lsn;
        }
    }

    /// Saves how many tables of the first copy are wholly in the stream, and tells the consumers when all are.
    async fn note_progress(&self, ports: &Ports, snapshot: &mut WatermarkedSnapshot, position: Lsn) {
        let Some(done) = snapshot.take_progress() else { return };
        if snapshot.is_complete() {
            tell(ports, Word::Copied, position).await;
        }
        WatermarkedSnapshot::save(ports, done).await;
    }

    /// The position from which a start begins; where the slot was lost, the end of the log, with the gap declared.
    async fn confirmed(&self, ports: &Ports, slot: &dyn Slot) -> Lsn {
        if saved(ports, GAP).await != Bookmark::default() {
            return self.begin_anew(ports).await;
        }
        let runtime = ports.runtime.as_ref();
        match persist(runtime, async || unless_lost(slot.confirmed().await)).await {
            Some(lsn) => lsn,
            None => self.begin_anew(ports).await,
        }
    }

    /// The next commits; `None` where the slot was lost.
    async fn read(&self, ports: &Ports, slot: &dyn Slot, after: Lsn) -> Option<Vec<Arc<Commit>>> {
        let runtime = ports.runtime.as_ref();
        persist(runtime, async || unless_lost(slot.read(after, self.batch, WAIT).await)).await
    }

    /// Makes the slot anew and tells the consumers, in the stream, that something is missing before this place; or keeps that to itself, where the options say so.
    ///
    /// The intention is noted first: a connector that died right after it had made the slot would find one that looks sound.
    async fn begin_anew(&self, ports: &Ports) -> Lsn {
        let runtime = ports.runtime.as_ref();
        if self.lost_slot == LostSlot::GoOn {
            return persist(runtime, async || ports.source.create_slot(SLOT).await).await;
        }
        save(ports, GAP, Bookmark(1)).await;
        let lsn = persist(runtime, async || ports.source.create_slot(SLOT).await).await;
        tell(ports, Word::Gap, lsn).await;
        save(ports, GAP, Bookmark::default()).await;
        lsn
    }
}

/// Appends events, each to its partition, in order.
async fn append(ports: &Ports, events: &[Routed]) {
    let count = ports.log.partitions();
    for partition in 0..count {
        let own = || {
            let own = events.iter().filter(|routed| routed.goes_into(partition, count));
            own.map(|routed| &routed.event)
        };
        if own().next().is_some() {
            let attempt = async || ports.log.append(partition, own().cloned().collect()).await;
            persist(ports.runtime.as_ref(), attempt).await;
        }
    }
}

/// Puts a word into every partition.
async fn tell(ports: &Ports, word: Word, position: Lsn) {
    for partition in 0..ports.log.partitions() {
        let event = word.at(position);
        persist(ports.runtime.as_ref(), async || ports.log.append(partition, vec![event.clone()]).await)
            .await;
    }
}

/// Tells a lost slot, which no retry brings back, from a failure that may pass.
fn unless_lost<T>(outcome: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match outcome {
        Err(Failure::Refused(Refusal::SlotLost)) => Ok(None),
        other => other.map(Some),
    }
}
