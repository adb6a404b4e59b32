//! A consumer at work: how far it has read, and what one look into the log comes to.

use crate::log_cdc::connector::WAIT;
use crate::log_cdc::consumer::Consumer;
use crate::log_cdc::options::{Acknowledge, Anew, Empty, Forgotten};
use crate::log_cdc::reload;
use crate::log_cdc::rendition::{Rendition, render};
use crate::log_cdc::replay::Replayed;
use crate::parts::applier::Lost;
use crate::parts::grouping::{Group, Grouper};
use crate::parts::halt::Halt;
use crate::parts::position::{Position, held, save, saved};
use crate::parts::retry::persist;
use driftlab_model::port::{Fetched, Ports, Record, Request, Sink};
use driftlab_model::{Bookmark, ChangeEvent, Compacted, Failure, Lsn, Offset, Outcome, Refusal, Word};

/// The place of an event in the source's log. Partitions carry events in this order; one that comes again is a repeated append.
pub(crate) type Place = (Lsn, u32);

/// The place of an event.
pub(crate) fn place(event: &ChangeEvent) -> Place {
    (event.position, event.index)
}

/// A consumer since its last start.
pub(crate) struct Reading<'a, R> {
    consumer: Consumer<R>,
    ports: &'a Ports,
    sink: &'a Sink,
    partition: u32,
    name: &'a str,
    /// What is read next.
    next: Offset,
    /// What the sink has reached.
    reached: Bookmark,
    /// The place of the last event that was dealt with.
    last: Option<Place>,
    /// How far deletions had been forgotten when the log was last read.
    forgotten: Option<Offset>,
    /// Whether the first copy's end was read, in a part of the log that is compacted and goes on.
    is_copied: bool,
    /// Whether the sink joined this run and has no first load yet: it has one when the log was read to its end, and the first copy of all rows was in it.
    is_joining: bool,
    /// Whether that copy was read.
    has_first_copy: bool,
    grouper: Grouper,
    /// What is whole and not applied yet.
    groups: Vec<Group>,
}

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

impl<'a, R: Rendition> Reading<'a, R> {
    /// Finds out where to go on after a start.
    pub(crate) async fn begin(
        consumer: Consumer<R>,
        ports: &'a Ports,
        sink: &'a Sink,
        partition: u32,
        name: &'a str,
    ) -> Self {
        // Whoever begins again says that a first load is complete again: its predecessor may have died before it did.
        let is_joining = sink.joins.is_some();
        let has_first_copy = consumer.anew == Anew::FromTheSource
            || (is_joining && saved(ports, &read_name(sink, partition)).await != Bookmark::default());
        let reached = consumer.applier.reached(ports.runtime.as_ref(), sink).await;
        let next = Offset::from(match consumer.applier.position {
            Position::WithData => reached,
            Position::Checkpoint => saved(ports, name).await,
        });
        let mut reading = Self {
            consumer,
            ports,
            sink,
            partition,
            name,
            next,
            reached,
            last: None,
            forgotten: None,
            is_copied: false,
            is_joining,
            has_first_copy,
            grouper: Grouper::new(consumer.applier.grouping),
            groups: Vec::new(),
        };
        match reading.last_place().await {
            Last::Place(place) => reading.last = place,
            Last::Removed(earliest) => reading.rejoin(next.max(earliest)).await,
        }
        if reading.is_lost().await {
            reading.begin_anew(reading.next).await;
        }
        reading
    }

    /// Looks into the log once, and applies what is there.
    pub(crate) async fn round(&mut self) {
        self.ports.runtime.round();
        self.remember();
        let Fetched { records, compacted } = match self.read(self.next, self.consumer.batch).await {
            Read::Fetched(fetched) => fetched,
            Read::Removed(earliest) => return self.rejoin(earliest).await,
        };
        if self.is_joining && self.next == Offset::default() {
            // It holds nothing, so there is nothing whose deletion it could have missed.
            self.forgotten = Some(compacted.forgotten);
        }
        let is_end = records.len() < self.consumer.batch;
        if records.is_empty() && self.has_lost().await {
            return self.begin_anew(self.next).await;
        }
        let is_told = compacted.forgotten > self.next && self.forgotten != Some(compacted.forgotten);
        self.forgotten = Some(compacted.forgotten);
        if is_told && self.consumer.forgotten == Forgotten::BeginAnew {
            return self.begin_anew(self.next).await;
        }
        for Record { offset, event } in records {
            self.next = offset.next();
            if offset >= compacted.below {
                self.groups.extend(self.grouper.settle());
            }
            match event.word() {
                None => self.gather(offset, event, compacted),
                Some(word) => {
                    if self.apply().await.is_err() {
                        // The word is read again with what follows.
                        return self.begin_anew(offset).await;
                    }
                    self.heed(word, offset, compacted).await;
                }
            }
        }
        let is_past = self.next >= compacted.below;
        if is_past {
            self.groups.extend(self.grouper.settle());
        }
        if self.apply().await.is_err() {
            return self.begin_anew(self.next).await;
        }
        if self.is_copied && is_past {
            self.declare_complete().await;
            self.is_copied = false;
        }
        if self.is_joining && self.has_first_copy && is_end && is_past {
            self.declare_complete().await;
            self.is_joining = false;
        }
    }

    /// Says all that what it does next depends on, where that is little.
    fn remember(&self) {
        if self.grouper.is_empty() && !self.is_joining {
            let (place, index) = self.last.map_or((0, 0), |(place, index)| (1 + place.0, u64::from(index)));
            let forgotten = self.forgotten.map_or(0, |forgotten| 1 + forgotten.0);
            let is_copied = u64::from(self.is_copied);
            self.ports.runtime.remembers(&[self.next.0, self.reached.0, place, index, forgotten, is_copied]);
        }
    }

    /// Puts an event to its transaction, unless it is one that came before.
    fn gather(&mut self, offset: Offset, event: ChangeEvent, compacted: Compacted) {
        if self.last.is_some_and(|last| place(&event) <= last) {
            return;
        }
        self.last = Some(place(&event));
        self.groups.extend(if offset < compacted.below {
            self.grouper.push_compacted(event, self.next.into())
        } else {
            self.grouper.push(event, offset.into(), self.next.into())
        });
    }

    /// Does what a word asks for, once all before it is applied.
    async fn heed(&mut self, word: Word, offset: Offset, compacted: Compacted) {
        match word {
            // What is in between was never true of the source, so nothing is complete before its end.
            Word::Copied if self.is_joining => {
                save(self.ports, &read_name(self.sink, self.partition), Bookmark(1)).await;
                self.has_first_copy = true;
            }
            Word::Copied if offset < compacted.below => self.is_copied = true,
            Word::Copied => self.declare_complete().await,
            Word::Gap => self.reload(self.next).await,
        }
    }

    /// Applies what is whole. Where it meets what it must not guess, it applies what came before, and waits until it can read that.
    async fn apply(&mut self) -> Result<(), Lost> {
        let mut groups = std::mem::take(&mut self.groups);
        let mut memory = R::Memory::default();
        let runtime = self.ports.runtime.as_ref();
        let mut halt = Halt::new(runtime);
        loop {
            let (count, stopped) = render(self.consumer.rendition, runtime, &mut groups, &mut memory);
            self.bring(&groups[..count]).await?;
            groups.drain(..count);
            match stopped {
                Some(why) => halt.before(why).await,
                None => break,
            }
        }
        halt.end();
        self.groups = groups;
        Ok(())
    }

    /// Applies groups and saves the position, in the order that the options say.
    async fn bring(&mut self, groups: &[Group]) -> Result<(), Lost> {
        let Some(end) = groups.last().map(|group| group.end) else { return Ok(()) };
        let Consumer { applier, acknowledge, .. } = self.consumer;
        let is_checkpoint = applier.position == Position::Checkpoint;
        if is_checkpoint && acknowledge == Acknowledge::BeforeApply {
            save(self.ports, self.name, end).await;
        }
        let runtime = self.ports.runtime.as_ref();
        applier.apply(runtime, self.sink, groups, &mut self.reached).await?;
        if is_checkpoint && acknowledge == Acknowledge::AfterApply {
            save(self.ports, self.name, end).await;
        }
        Ok(())
    }

    /// Makes the copy of this partition anew, out of the log where that has all, and otherwise out of the source, whose snapshot the stream goes on from at `next`.
    async fn begin_anew(&mut self, next: Offset) {
        let replayed = match self.consumer.anew {
            Anew::FromTheLog => {
                let Consumer { rendition, batch, .. } = self.consumer;
                Replayed::read(self.ports, self.partition, batch, rendition).await
            }
            Anew::FromTheSource => None,
        };
        match replayed {
            Some(replayed) => self.take_over(&replayed).await,
            None => self.rejoin(self.behind(next).await).await,
        }
    }

    /// Where reading goes on behind a snapshot that is about to be taken: where that is the beginning, behind what is in the log by now, all of which the snapshot has.
    /// So the sink has a position, and is missed when it is lost once more.
    async fn behind(&self, next: Offset) -> Offset {
        if self.consumer.empty == Empty::IsNew || next > Offset::default() {
            return next;
        }
        match self.read(next, self.consumer.batch).await {
            Read::Fetched(fetched) => fetched.records.last().map_or(next, |record| record.offset.next()),
            Read::Removed(earliest) => earliest,
        }
    }

    /// Replaces what the sink has of this partition by what the log comes to.
    async fn take_over(&mut self, replayed: &Replayed) {
        let (ports, chunk) = (self.ports, self.consumer.chunk);
        let runtime = ports.runtime.as_ref();
        persist(runtime, async || replayed.load(ports, self.sink, self.partition, chunk).await).await;
        self.go_on(replayed.next, replayed.last).await;
        self.declare_complete().await;
        self.forgotten = Some(replayed.forgotten);
    }

    /// Loads this partition again where the log has removed what was to be read next.
    ///
    /// The word that the first copy is complete may have been among it.
    async fn rejoin(&mut self, next: Offset) {
        self.reload(next).await;
        self.declare_complete().await;
    }

    /// Loads what the sink has of this partition anew from a snapshot, from which the stream goes on at `next`.
    ///
    /// The snapshot's place is saved first. Should the process die before the sink is loaded, it finds the same gap again and comes back here.
    async fn reload(&mut self, next: Offset) {
        let ports = self.ports;
        let lsn = persist(ports.runtime.as_ref(), async || {
            let view = ports.source.snapshot().await?;
            ports.checkpoint.save(&loaded_name(self.name), view.lsn().into()).await?;
            let Consumer { resync, chunk, .. } = self.consumer;
            let part = (self.partition, resync);
            reload::load(ports, self.sink, view.as_ref(), part, next.into(), chunk).await?;
            Ok(view.lsn())
        })
        .await;
        self.go_on(next, Some((lsn, u32::MAX))).await;
    }

    /// Reads on at `next` from a copy that was made anew, which has all up to the place `last`.
    async fn go_on(&mut self, next: Offset, last: Option<Place>) {
        self.grouper.clear();
        (self.next, self.reached, self.last) = (next, next.into(), last);
        if self.consumer.applier.position == Position::Checkpoint {
            save(self.ports, self.name, next.into()).await;
        }
    }

    /// Whether a sink that has no position had one: then everything is gone. Notes that there is something to lose from now on.
    async fn is_lost(&self) -> bool {
        let Consumer { empty, applier, .. } = self.consumer;
        if empty == Empty::IsNew || applier.position == Position::Checkpoint {
            return false;
        }
        let note = format!("{}.begun", self.name);
        let has_begun = saved(self.ports, &note).await != Bookmark::default();
        if !has_begun {
            save(self.ports, &note, Bookmark(1)).await;
        }
        has_begun && self.next == Offset::default()
    }

    /// Whether a sink has lost what it held. One for which there is nothing to do would not be asked otherwise, and nobody would know.
    async fn has_lost(&self) -> bool {
        let Consumer { empty, applier, .. } = self.consumer;
        empty == Empty::IsLostWhereNoted
            && applier.position == Position::WithData
            && held(self.ports.runtime.as_ref(), self.sink).await < self.reached
    }

    async fn read(&self, from: Offset, batch: usize) -> Read {
        persist(self.ports.runtime.as_ref(), async || {
            unless_removed(self.ports.log.read(self.partition, from, batch, WAIT).await)
        })
        .await
    }

    /// The place of the last event that was dealt with before this start: that of the record before `next`, or that of the snapshot
    /// which the sink was last loaded from, whichever is later.
    async fn last_place(&self) -> Last {
        let loaded_at = Lsn::from(saved(self.ports, &loaded_name(self.name)).await);
        let loaded = (loaded_at > Lsn::default()).then_some((loaded_at, u32::MAX));
        let Some(before) = self.next.0.checked_sub(1).map(Offset) else {
            // A sink that was loaded, and has no position, has lost what it was loaded with.
            let is_lost = self.consumer.applier.position == Position::WithData && loaded.is_some();
            return if is_lost { Last::Removed(self.next) } else { Last::Place(loaded) };
        };
        match self.read(before, 1).await {
            Read::Fetched(Fetched { records, .. }) => {
                // A compaction may have removed it; what is there instead has not been dealt with.
                let found = records.first().filter(|record| record.offset == before);
                Last::Place(loaded.max(found.map(|record| place(&record.event))))
            }
            Read::Removed(earliest) => Last::Removed(earliest),
        }
    }

    /// Notes that the sink has a copy of this partition, and declares the sink complete when that is true of all partitions.
    async fn declare_complete(&self) {
        let name = |partition: u32| format!("copied.{}.{partition}", self.sink.name);
        save(self.ports, &name(self.partition), Bookmark(1)).await;
        for other in 0..self.ports.log.partitions() {
            if saved(self.ports, &name(other)).await == Bookmark::default() {
                return;
            }
        }
        persist(self.ports.runtime.as_ref(), async || self.sink.store.call(Request::Complete).await).await;
    }
}

/// The name under which it is noted that a sink which joins has been read the first copy out of the log.
fn read_name(sink: &Sink, partition: u32) -> String {
    format!("read.{}.{partition}", sink.name)
}

/// The name under which a consumer saves the position of the snapshot it was last loaded from.
fn loaded_name(consumer: &str) -> String {
    format!("{consumer}.loaded")
}

/// Tells a log that was cut off, which no retry brings back, from a failure that may pass.
fn unless_removed(outcome: Outcome<Fetched>) -> Outcome<Read> {
    match outcome {
        Err(Failure::Refused(Refusal::OutOfRange { earliest })) => Ok(Read::Removed(earliest)),
        other => other.map(Read::Fetched),
    }
}
