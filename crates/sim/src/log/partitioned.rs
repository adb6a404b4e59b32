use super::partition::Partition;
use driftlab_model::port::Fetched;
use driftlab_model::{ChangeEvent, Compaction, Offset, Refusal, RetainedPartition, Retention, Time};

/// A partitioned, append-only log as a state machine: each partition in order, no order across partitions.
///
/// Retention removes the oldest records of each partition and never asks who still needs them: a reader below the
/// earliest record is refused as [`Refusal::OutOfRange`]. It strikes at appends and at [`PartitionedLog::enforce`], so a record may
/// be readable for a while after its age has passed, as in a real log that removes whole segments now and then.
///
/// Compaction begins a new segment at every multiple of its period, and compacts all before it: what was appended since then is never touched. It, too, strikes
/// at appends and at [`PartitionedLog::enforce`], once for all periods that have passed since.
/// Moments must not go backwards from call to call.
#[derive(Debug)]
pub struct PartitionedLog {
    partitions: Vec<Partition>,
    retention: Retention,
    compaction: Option<Compaction>,
    /// Up to when it is compacted: a multiple of the period.
    compacted: Time,
    events: u64,
    bytes: u64,
}

impl PartitionedLog {
    /// An empty log that keeps everything.
    #[must_use]
    pub fn new(partitions: u32) -> Self {
        Self {
            partitions: (0..partitions).map(|_| Partition::default()).collect(),
            retention: Retention::default(),
            compaction: None,
            compacted: Time::ZERO,
            events: 0,
            bytes: 0,
        }
    }

    /// How many partitions there are.
    #[must_use]
    pub fn partitions(&self) -> u32 {
        self.partitions.len() as u32
    }

    /// Appends events to a partition, together and in order; gives the offset of the first, or where it would have been if there are none.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] where there is no such partition, as for every call that names one.
    pub fn append(&mut self, now: Time, partition: u32, events: Vec<ChangeEvent>) -> Result<Offset, Refusal> {
        let size: usize = events.iter().map(ChangeEvent::size).sum();
        let count = events.len() as u64;
        self.compact_if_due(now);
        let retention = self.retention;
        let partition = self.partition_mut(partition)?;
        let first = partition.append(now, events);
        trim(partition, now, retention);
        self.events += count;
        self.bytes += size as u64;
        Ok(first)
    }

    /// Adds at most `limit` records from an offset on to what was fetched, and says how far the partition is compacted; none where the offset is at or beyond the end.
    ///
    /// # Errors
    /// [`Refusal::OutOfRange`] where the offset was removed; nothing is added then.
    pub fn read(
        &self,
        partition: u32,
        from: Offset,
        limit: usize,
        fetched: &mut Fetched,
    ) -> Result<(), Refusal> {
        self.partition(partition)?.read(from, limit, fetched)
    }

    /// The offset that the next record of a partition will have.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] where there is no such partition.
    pub fn end(&self, partition: u32) -> Result<Offset, Refusal> {
        self.partition(partition).map(Partition::end)
    }

    /// The earliest offset of a partition that can still be read; its end where nothing is left.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] where there is no such partition.
    pub fn earliest(&self, partition: u32) -> Result<Offset, Refusal> {
        self.partition(partition).map(Partition::earliest)
    }

    /// Keeps this much, from now on. What was removed does not come back where it is more.
    pub fn retain(&mut self, now: Time, retention: Retention) {
        self.retention = retention;
        self.enforce(now);
    }

    /// Is compacted from now on.
    pub fn compact(&mut self, compaction: Compaction) {
        self.compaction = Some(compaction);
    }

    /// Removes what retention and compaction no longer keep.
    pub fn enforce(&mut self, now: Time) {
        self.compact_if_due(now);
        if !self.retention.keeps_everything() {
            self.partitions.iter_mut().for_each(|partition| trim(partition, now, self.retention));
        }
    }

    /// Events appended since the beginning, removed ones included.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Their bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The events that are still held.
    #[must_use]
    pub fn events_held(&self) -> u64 {
        self.partitions.iter().map(Partition::count).sum()
    }

    /// The bytes that are still held.
    #[must_use]
    pub fn bytes_held(&self) -> u64 {
        self.partitions.iter().map(Partition::bytes).sum()
    }

    /// What it holds now, partition by partition.
    #[must_use]
    pub fn retained(&self) -> Vec<RetainedPartition> {
        self.partitions.iter().map(Partition::retained).collect()
    }

    /// Empties it, retention and compaction included, and keeps its memory, for the next run.
    pub fn reset(&mut self) {
        self.partitions.iter_mut().for_each(Partition::reset);
        self.retention = Retention::default();
        (self.compaction, self.compacted) = (None, Time::ZERO);
        (self.events, self.bytes) = (0, 0);
    }

    fn compact_if_due(&mut self, now: Time) {
        let Some(compaction) = self.compaction else { return };
        let every = compaction.every.nanos().max(1);
        let due = Time::from_nanos(now.nanos() / every * every);
        if due > self.compacted {
            self.compacted = due;
            let horizon = compaction.horizon(due);
            self.partitions.iter_mut().for_each(|partition| partition.compact(due, horizon));
        }
    }

    fn partition(&self, partition: u32) -> Result<&Partition, Refusal> {
        self.partitions.get(partition as usize).ok_or(Refusal::Unsupported)
    }

    fn partition_mut(&mut self, partition: u32) -> Result<&mut Partition, Refusal> {
        self.partitions.get_mut(partition as usize).ok_or(Refusal::Unsupported)
    }
}

fn trim(partition: &mut Partition, now: Time, retention: Retention) {
    if let Some(count) = retention.records_max {
        partition.keep_newest(count);
    }
    if let Some(age) = retention.age_max
        && let Some(moment) = now.nanos().checked_sub(age.nanos())
    {
        partition.remove_until(Time::from_nanos(moment));
    }
}
