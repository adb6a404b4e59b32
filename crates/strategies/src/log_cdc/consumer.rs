//! A consumer: from one partition of the log into one sink.

use crate::log_cdc::connector::{Bootstrap, WAIT};
use crate::log_cdc::marker::Marker;
use crate::log_cdc::reload;
use crate::log_cdc::replay::Replayed;
use crate::parts::applier::{Applier, Lost};
use crate::parts::grouping::{Group, Grouper};
use crate::parts::position::{Position, save, saved};
use crate::parts::retry::persist;
use driftlab_model::port::{Fetched, Ports, Record, Request, Sink};
use driftlab_model::{
    Bookmark, ChangeEvent, Failure, Kind, Lsn, Offset, Outcome, Refusal, Setting, Settings,
};

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
    pub(crate) batch: usize,
    pub(crate) chunk: usize,
}

/// The place of an event in the source's log. Partitions carry events in this order; one that comes again is a repeated append.
pub(crate) type Place = (Lsn, u32);

/// What a read of the log came to.
enum Read {
    Fetched(Fetched),
    /// Retention has removed what was to be read next; this is the earliest that is left.
    Removed(Offset),
}

/// The last event that was dealt with before a start.
enum Last {
    /// It had this place; `None` where there was none.
    Place(Option<Place>),
    /// Nobody can tell: the log begins with this record, or the sink has lost what it had. An append that is repeated after it could not be told from a new one, so a new copy is needed.
    Removed(Offset),
}

impl Consumer {
    /// Runs for ever.
    pub(crate) async fn run(&self, ports: &Ports, sink: &Sink, partition: u32, name: &str) {
        let runtime = ports.runtime.as_ref();
        let mut reached = self.applier.reached(runtime, sink).await;
        let mut next = Offset::from(match self.applier.position {
            Position::WithData => reached,
            Position::Checkpoint => saved(ports, name).await,
        });
        let mut last = match self.last_place(ports, partition, next, name).await {
            Last::Place(place) => place,
            Last::Removed(earliest) => {
                next = next.max(earliest);
                reached = next.into();
                Some(self.rejoin(ports, sink, partition, next, name).await)
            }
        };
        let mut grouper = Grouper::new(self.applier.grouping);
        let mut groups = Vec::new();
        // How far deletions had been forgotten when the log was last read.
        let mut forgotten = None;
        let mut is_copied = false;
        'reading: loop {
            runtime.round();
            if grouper.is_empty() {
                let (place, index) = last.map_or((0, 0), |(place, index)| (1 + place.0, u64::from(index)));
                let forgotten = forgotten.map_or(0, |forgotten: Offset| 1 + forgotten.0);
                runtime.remembers(&[next.0, reached.0, place, index, forgotten, u64::from(is_copied)]);
            }
            let Fetched { records, compacted } = match self.read(ports, partition, next).await {
                Read::Fetched(fetched) => fetched,
                Read::Removed(earliest) => {
                    last = Some(self.rejoin(ports, sink, partition, earliest, name).await);
                    grouper.clear();
                    (next, reached) = (earliest, earliest.into());
                    continue;
                }
            };
            let is_told = compacted.forgotten > next && forgotten != Some(compacted.forgotten);
            forgotten = Some(compacted.forgotten);
            if is_told && self.forgotten == Forgotten::BeginAnew {
                grouper.clear();
                (next, last) = self.begin_anew(ports, sink, partition, next, &mut forgotten, name).await;
                reached = next.into();
                continue;
            }
            for Record { offset, event } in records {
                next = offset.next();
                let is_compacted = offset < compacted.below;
                if !is_compacted {
                    groups.extend(grouper.settle());
                }
                if let Some(marker) = Marker::of(&event) {
                    let taken = self.take(ports, sink, &mut groups, &mut reached, name).await;
                    if taken.is_err() {
                        // The marker is read again with what follows.
                        grouper.clear();
                        (next, last) =
                            self.begin_anew(ports, sink, partition, offset, &mut forgotten, name).await;
                        reached = next.into();
                        continue 'reading;
                    }
                    match marker {
                        // What is in between was never true of the source, so nothing is complete before its end.
                        Marker::Copied if is_compacted => is_copied = true,
                        Marker::Copied => declare_complete(ports, sink, partition).await,
                        Marker::Gap => {
                            grouper.clear();
                            last = Some(self.reload(ports, sink, partition, next, name).await);
                            reached = next.into();
                        }
                    }
                    continue;
                }
                if last.is_some_and(|last| place(&event) <= last) {
                    continue;
                }
                last = Some(place(&event));
                groups.extend(if is_compacted {
                    grouper.push_compacted(event, next.into())
                } else {
                    grouper.push(event, offset.into(), next.into())
                });
            }
            if next >= compacted.below {
                groups.extend(grouper.settle());
            }
            if self.take(ports, sink, &mut groups, &mut reached, name).await.is_err() {
                grouper.clear();
                (next, last) = self.begin_anew(ports, sink, partition, next, &mut forgotten, name).await;
                reached = next.into();
                continue;
            }
            if is_copied && next >= compacted.below {
                declare_complete(ports, sink, partition).await;
                is_copied = false;
            }
        }
    }

    /// Applies groups and saves the position, in the order that the options say. Leaves none.
    async fn take(
        &self,
        ports: &Ports,
        sink: &Sink,
        groups: &mut Vec<Group>,
        reached: &mut Bookmark,
        name: &str,
    ) -> Result<(), Lost> {
        let groups = std::mem::take(groups);
        let Some(end) = groups.last().map(|group| group.end) else { return Ok(()) };
        let is_checkpoint = self.applier.position == Position::Checkpoint;
        if is_checkpoint && self.acknowledge == Acknowledge::BeforeApply {
            save(ports, name, end).await;
        }
        self.applier.apply(ports.runtime.as_ref(), sink, &groups, reached).await?;
        if is_checkpoint && self.acknowledge == Acknowledge::AfterApply {
            save(ports, name, end).await;
        }
        Ok(())
    }

    /// Makes the copy of this partition anew, out of the log where that has all, and out of the source otherwise. Gives where reading goes on, and the place of what was
    /// dealt with.
    async fn begin_anew(
        &self,
        ports: &Ports,
        sink: &Sink,
        partition: u32,
        next: Offset,
        forgotten: &mut Option<Offset>,
        name: &str,
    ) -> (Offset, Option<Place>) {
        let replayed = match self.anew {
            Anew::FromTheLog => Replayed::read(ports, partition, self.batch).await,
            Anew::FromTheSource => None,
        };
        let Some(replayed) = replayed else {
            return (next, Some(self.rejoin(ports, sink, partition, next, name).await));
        };
        self.take_over(ports, sink, &replayed, partition, name).await;
        *forgotten = Some(replayed.forgotten);
        (replayed.next, replayed.last)
    }

    async fn read(&self, ports: &Ports, partition: u32, from: Offset) -> Read {
        persist(ports.runtime.as_ref(), async || {
            unless_removed(ports.log.read(partition, from, self.batch, WAIT).await)
        })
        .await
    }

    /// The place of the last event that was dealt with before this start: that of the record before `next`, or that of the snapshot
    /// which the sink was last loaded from, whichever is later.
    async fn last_place(&self, ports: &Ports, partition: u32, next: Offset, name: &str) -> Last {
        let loaded_at = Lsn::from(saved(ports, &loaded_name(name)).await);
        let loaded = (loaded_at > Lsn::default()).then_some((loaded_at, u32::MAX));
        let Some(before) = next.0.checked_sub(1).map(Offset) else {
            // A sink that was loaded, and has no position, has lost what it was loaded with.
            let is_lost = self.applier.position == Position::WithData && loaded.is_some();
            return if is_lost { Last::Removed(next) } else { Last::Place(loaded) };
        };
        let read = persist(ports.runtime.as_ref(), async || {
            unless_removed(ports.log.read(partition, before, 1, WAIT).await)
        })
        .await;
        match read {
            Read::Fetched(Fetched { records, .. }) => {
                // A compaction may have removed it; what is there instead has not been dealt with.
                let found = records.first().filter(|record| record.offset == before);
                Last::Place(loaded.max(found.map(|record| place(&record.event))))
            }
            Read::Removed(earliest) => Last::Removed(earliest),
        }
    }

    /// Replaces what the sink has of this partition by what the log comes to.
    async fn take_over(&self, ports: &Ports, sink: &Sink, replayed: &Replayed, partition: u32, name: &str) {
        let runtime = ports.runtime.as_ref();
        persist(runtime, async || replayed.load(ports, sink, partition, self.chunk).await).await;
        if self.applier.position == Position::Checkpoint {
            save(ports, name, replayed.next.into()).await;
        }
        declare_complete(ports, sink, partition).await;
    }

    /// Loads this partition again where the log has removed what was to be read next.
    ///
    /// The word that the first copy is complete may have been among it.
    async fn rejoin(&self, ports: &Ports, sink: &Sink, partition: u32, next: Offset, name: &str) -> Place {
        let place = self.reload(ports, sink, partition, next, name).await;
        declare_complete(ports, sink, partition).await;
        place
    }

    /// Replaces what the sink has of this partition by a snapshot, from which the stream goes on at `next`; gives the snapshot's place.
    ///
    /// The snapshot's place is saved first. Should the process die before the sink is loaded, it finds the same gap again and comes back here.
    async fn reload(&self, ports: &Ports, sink: &Sink, partition: u32, next: Offset, name: &str) -> Place {
        let runtime = ports.runtime.as_ref();
        let lsn = persist(runtime, async || {
            let view = ports.source.snapshot().await?;
            ports.checkpoint.save(&loaded_name(name), view.lsn().into()).await?;
            reload::load(ports, sink, view.as_ref(), partition, next.into(), self.chunk).await?;
            Ok(view.lsn())
        })
        .await;
        if self.applier.position == Position::Checkpoint {
            save(ports, name, next.into()).await;
        }
        (lsn, u32::MAX)
    }
}

/// Notes that the sink has a copy of this partition, and declares the sink complete when that is true of all partitions.
async fn declare_complete(ports: &Ports, sink: &Sink, partition: u32) {
    let name = |partition: u32| format!("copied.{}.{partition}", sink.name);
    save(ports, &name(partition), Bookmark(1)).await;
    for other in 0..ports.log.partitions() {
        if saved(ports, &name(other)).await == Bookmark::default() {
            return;
        }
    }
    persist(ports.runtime.as_ref(), async || sink.store.call(Request::Complete).await).await;
}

/// The name under which a consumer saves the position of the snapshot it was last loaded from.
fn loaded_name(consumer: &str) -> String {
    format!("{consumer}.loaded")
}

pub(crate) fn place(event: &ChangeEvent) -> Place {
    (event.position, event.index)
}

/// Tells a log that was cut off, which no retry brings back, from a failure that may pass.
fn unless_removed(outcome: Outcome<Fetched>) -> Outcome<Read> {
    match outcome {
        Err(Failure::Refused(Refusal::OutOfRange { earliest })) => Ok(Read::Removed(earliest)),
        other => other.map(Read::Fetched),
    }
}
