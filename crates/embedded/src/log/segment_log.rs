use super::partition::Partition;
use super::{Compacting, LogError, LogOptions, Repair, Retention};
use driftlab_model::port::Fetched;
use driftlab_model::{ChangeEvent, Compaction, Offset, Time};
use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::time::Duration;

/// A partitioned, append-only log in files: each partition in order, no order across partitions.
///
/// Shared by all threads as it is: each partition has one appender at a time and any number of readers, who do not hold each other up.
///
/// Retention removes whole segments and never asks who still needs them: a reader below the earliest record is refused as
/// [`LogError::OutOfRange`]. It strikes at [`SegmentLog::enforce`]. Moments are of the run's monotonic clock and must not go backwards.
#[derive(Debug)]
pub struct SegmentLog {
    partitions: Vec<Partition>,
    retention: Retention,
    repairs: Vec<Repair>,
    /// Held so that nobody else opens the folder meanwhile; the operating system lets go of it when the process dies.
    lock: File,
}

impl Drop for SegmentLog {
    fn drop(&mut self) {
        // To close the file is not enough: a process that is being started elsewhere holds a copy of it for a moment.
        let _ = self.lock.unlock();
    }
}

impl SegmentLog {
    /// Opens a log, or makes one where the folder is empty or missing. What a crash had torn at the end of a partition is cut off; see [`SegmentLog::repairs`].
    ///
    /// # Errors
    /// Where the folder holds a log with another number of partitions, is open already, or cannot be read.
    pub fn open(folder: &Path, options: &LogOptions) -> Result<Self, LogError> {
        fs::create_dir_all(folder).map_err(LogError::io("create", folder))?;
        let lock_path = folder.join("lock");
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&lock_path);
        let lock = lock.map_err(LogError::io("create", &lock_path))?;
        let mismatch = |why: String| LogError::Mismatch { path: folder.to_path_buf(), why };
        if lock.try_lock().is_err() {
            return Err(mismatch(
                "it is open already, here or in another process; close it there first".to_owned(),
            ));
        }
        let mut found = 0;
        for entry in fs::read_dir(folder).map_err(LogError::io("list", folder))? {
            found += u32::from(entry.map_err(LogError::io("list", folder))?.path().is_dir());
        }
        if options.partitions == 0 || (found != 0 && found != options.partitions) {
            let asked = options.partitions;
            return Err(mismatch(format!(
                "it holds {found} partitions and {asked} were asked for, which must be the same and at least 1: a key's events would be in \
                 two partitions otherwise; remove the folder to begin anew"
            )));
        }
        let mut repairs = Vec::new();
        let partitions = (0..options.partitions)
            .map(|n| Partition::open(folder.join(format!("{n:04}")), options, &mut repairs))
            .collect::<Result<_, _>>()?;
        Ok(Self { partitions, retention: options.retention, repairs, lock })
    }

    /// How many partitions there are.
    #[must_use]
    pub fn partitions(&self) -> u32 {
        self.partitions.len() as u32
    }

    /// What was cut off when the log was opened.
    #[must_use]
    pub fn repairs(&self) -> &[Repair] {
        &self.repairs
    }

    /// Appends events to a partition, together and in order; gives the offset of the first, or where it would have been if there are none.
    ///
    /// A crash of the process meanwhile leaves the first few of them, or all, or none. A crash after it leaves all.
    ///
    /// # Errors
    /// [`LogError::NoSuchPartition`], as for every call that names one; [`LogError::Io`] where the disk is full or fails, and then whether the events
    /// will be there after the next opening is unknown.
    pub fn append(&self, now: Time, partition: u32, events: &[ChangeEvent]) -> Result<Offset, LogError> {
        self.partition(partition)?.append(now, events)
    }

    /// Reads at most `limit` records from an offset on, waiting up to `wait` for the first; empty when none came.
    ///
    /// # Errors
    /// [`LogError::OutOfRange`] where the offset was removed; [`LogError::Damaged`] where the very next record is damaged.
    pub fn read(
        &self,
        partition: u32,
        from: Offset,
        limit: usize,
        wait: Duration,
    ) -> Result<Fetched, LogError> {
        self.partition(partition)?.read(from, limit, wait)
    }

    /// The offset that the next record of a partition will have.
    ///
    /// # Errors
    /// [`LogError::NoSuchPartition`].
    pub fn end(&self, partition: u32) -> Result<Offset, LogError> {
        self.partition(partition).map(Partition::end)
    }

    /// The earliest offset of a partition that can still be read; its end where nothing is left.
    ///
    /// # Errors
    /// [`LogError::NoSuchPartition`].
    pub fn earliest(&self, partition: u32) -> Result<Offset, LogError> {
        self.partition(partition).map(Partition::earliest)
    }

    /// The bytes that all partitions take on disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.partitions.iter().map(Partition::bytes).sum()
    }

    /// Removes what retention no longer keeps.
    ///
    /// # Errors
    /// [`LogError::Io`] where a file cannot be removed.
    pub fn enforce(&self, now: Time) -> Result<(), LogError> {
        self.partitions.iter().try_for_each(|partition| partition.enforce(now, self.retention))
    }

    /// Begins a new segment in each partition that has any record in its newest, so that what is there can be compacted.
    ///
    /// # Errors
    /// [`LogError::Io`] where a file cannot be made.
    pub fn close_segments(&self) -> Result<(), LogError> {
        self.partitions.iter().try_for_each(Partition::close_segment)
    }

    /// Compacts all segments but those that are written to; gives what that came to, over all partitions.
    ///
    /// Readers and appenders go on meanwhile. A crash at any moment leaves a log that comes to the same. Memory is needed for each key, and none for each event.
    ///
    /// # Errors
    /// [`LogError::Damaged`] or [`LogError::Missing`], and then nothing was changed in that partition; [`LogError::Io`] where the disk is full or fails.
    pub fn compact(&self, now: Time, compaction: Compaction) -> Result<Compacting, LogError> {
        let horizon = compaction.horizon(now);
        self.partitions.iter().try_fold(Compacting::default(), |sum, partition| {
            Ok(sum + partition.compact(horizon, &mut |_| Ok(()))?)
        })
    }

    /// Removes the records of a partition below an offset, whoever still needs them: a loss that readers meet as [`LogError::OutOfRange`], for good.
    /// Beyond the end it removes everything and moves nothing else.
    ///
    /// # Errors
    /// [`LogError::NoSuchPartition`], or [`LogError::Io`] where it could not be noted or a file could not be removed.
    pub fn truncate_before(&self, partition: u32, offset: Offset) -> Result<(), LogError> {
        self.partition(partition)?.truncate_before(offset)
    }

    /// Makes everything appended until now survive a loss of power.
    ///
    /// # Errors
    /// [`LogError::Io`] where the disk refuses.
    pub fn sync(&self) -> Result<(), LogError> {
        self.partitions.iter().try_for_each(Partition::sync)
    }

    fn partition(&self, partition: u32) -> Result<&Partition, LogError> {
        let partitions = self.partitions();
        self.partitions.get(partition as usize).ok_or(LogError::NoSuchPartition { partition, partitions })
    }
}
