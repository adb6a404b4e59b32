//! Compaction of a partition: closed segments are written anew with what [`driftlab_model::Survivors`] leaves of them.
//!
//! Two walks over the closed segments: the first learns the newest event of each key, the second copies what stays, byte for byte. New segments are written beside the old ones
//! and synced; then it is noted how far the partition is compacted; then each new segment is given its name, and the old ones whose place it takes are removed. A crash
//! leaves old segments, new ones, or both, and [`Inventory`](super::inventory::Inventory) knows by their names which to drop. Any mixture of old and new ones is a log that
//! comes to the same, because no deletion goes in the same compaction as anything that it covers. What is noted is noted before it is true, so no reader is told too little.

use super::inventory::{UNFINISHED, note_compacted, remove};
use super::segment::{MAGIC, Made, Segment};
use super::{LogError, record};
use crate::store::Durability;
use driftlab_model::{Compacted, Heading, Offset, Survivors, Time, Verdict};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a compaction came to, over the segments that it looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacting {
    /// Their bytes before.
    pub bytes_before: u64,
    /// Their bytes after.
    pub bytes_after: u64,
    /// Their records before.
    pub records_before: u64,
    /// Their records after.
    pub records_after: u64,
    /// The keys that they are about: what it takes memory for.
    pub keys: u64,
}

impl std::ops::Add for Compacting {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            bytes_before: self.bytes_before + other.bytes_before,
            bytes_after: self.bytes_after + other.bytes_after,
            records_before: self.records_before + other.records_before,
            records_after: self.records_after + other.records_after,
            keys: self.keys + other.keys,
        }
    }
}

/// Asked before each change to the disk, by its name: a test lets a compaction die there.
pub(super) type Permit<'a> = &'a mut dyn FnMut(&'static str) -> Result<(), LogError>;

/// A compaction at work on the closed segments of a partition.
pub(super) struct Work<'a> {
    pub(super) folder: &'a Path,
    pub(super) segments: &'a [Arc<Segment>],
    /// Where the last of them ends.
    pub(super) end: Offset,
    pub(super) segment_bytes: u64,
    pub(super) durability: Durability,
    pub(super) horizon: Option<Time>,
    pub(super) permit: Permit<'a>,
}

/// What takes the place of some adjacent segments.
pub(super) struct Replacement {
    /// Which, of those that the work is about.
    pub(super) replaced: Range<usize>,
    /// The one in their place.
    pub(super) segment: Segment,
    /// Its bytes, and theirs.
    pub(super) bytes: u64,
    pub(super) bytes_before: u64,
}

/// A segment that is being written.
struct Draft {
    first: usize,
    count: usize,
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
    bytes_before: u64,
    dropped: u64,
}

impl Work<'_> {
    /// Writes the new segments beside the old ones. Gives them, and how far deletions are forgotten once they are in place.
    pub(super) fn write(&mut self, told: &mut Compacting) -> Result<(Vec<Replacement>, Offset), LogError> {
        let survivors = self.survey()?;
        told.keys += survivors.keys() as u64;
        let generation = self.segments.iter().map(|segment| segment.generation()).max().unwrap_or(0) + 1;
        let mut forgotten = Offset::default();
        let mut made = Vec::new();
        let mut draft: Option<Draft> = None;
        for (number, segment) in self.segments.iter().enumerate() {
            let bytes = fs::metadata(&segment.path).map_err(LogError::io("read", &segment.path))?.len();
            // Small ones are put together, or every compaction would leave one more.
            let is_full = |draft: &mut Draft| draft.bytes + bytes > self.segment_bytes;
            if let Some(full) = draft.take_if(is_full) {
                made.extend(self.finish(full, generation, told)?);
            }
            let draft = match &mut draft {
                Some(draft) => draft,
                None => draft.insert(self.begin(number)?),
            };
            draft.count += 1;
            draft.bytes_before += bytes;
            (self.permit)("write records")?;
            segment.each(|frame, heading| {
                let verdict = survivors.judge(frame.offset, frame.at, &heading, self.horizon);
                told.records_before += 1;
                match verdict {
                    Verdict::Stays => {
                        told.records_after += 1;
                        draft.bytes += frame.bytes.len() as u64;
                        return draft.file.write_all(frame.bytes).map_err(LogError::io("write", &draft.path));
                    }
                    Verdict::Forgotten => forgotten = forgotten.max(frame.offset.next()),
                    Verdict::Superseded => {}
                }
                draft.dropped += 1;
                Ok(())
            })?;
        }
        if let Some(last) = draft {
            made.extend(self.finish(last, generation, told)?);
        }
        Ok((made, forgotten))
    }

    /// Notes how far the partition is compacted, before it is.
    pub(super) fn note(&mut self, compacted: Compacted) -> Result<(), LogError> {
        (self.permit)("note how far")?;
        note_compacted(self.folder, compacted, self.durability)
    }

    /// Gives a new segment its name: from now on it stands in the place of the old ones, whoever opens the log.
    pub(super) fn put_in_place(&mut self, replacement: &Replacement) -> Result<(), LogError> {
        (self.permit)("rename")?;
        let path = &replacement.segment.path;
        fs::rename(path.with_extension(UNFINISHED), path).map_err(LogError::io("rename", path))?;
        (self.permit)("sync names")?;
        self.durability.sync_folder(self.folder).map_err(LogError::io("sync", self.folder))
    }

    /// Removes the old segments in whose place a new one stands.
    pub(super) fn clear_away(&mut self, replaced: Range<usize>) -> Result<(), LogError> {
        for segment in &self.segments[replaced] {
            (self.permit)("remove")?;
            remove(&segment.path)?;
        }
        Ok(())
    }

    fn survey(&self) -> Result<Survivors, LogError> {
        let mut survivors = Survivors::default();
        for (number, segment) in self.segments.iter().enumerate() {
            let following = self.segments.get(number + 1).map_or(self.end, |following| following.base);
            let mut reached = segment.base;
            segment.each(|frame: record::Frame<'_>, heading: Heading| {
                survivors.note(frame.offset, &heading);
                reached = frame.offset.next();
                Ok(())
            })?;
            segment.ends_before(reached, following)?;
        }
        Ok(survivors)
    }

    fn begin(&mut self, first: usize) -> Result<Draft, LogError> {
        (self.permit)("begin a segment")?;
        let path = self.folder.join(format!("{:020}.{UNFINISHED}", self.segments[first].base.0));
        let opened = OpenOptions::new().write(true).create(true).truncate(true).open(&path);
        let mut file = BufWriter::with_capacity(1 << 20, opened.map_err(LogError::io("create", &path))?);
        file.write_all(&MAGIC).map_err(LogError::io("write", &path))?;
        Ok(Draft { first, count: 0, path, file, bytes: MAGIC.len() as u64, bytes_before: 0, dropped: 0 })
    }

    /// Makes a new segment durable, still under another name; none where it would be the old one again.
    fn finish(
        &mut self,
        draft: Draft,
        generation: u32,
        told: &mut Compacting,
    ) -> Result<Option<Replacement>, LogError> {
        let Draft { first, count, path, file, bytes, bytes_before, dropped } = draft;
        told.bytes_before += bytes_before;
        told.bytes_after += bytes;
        (self.permit)("sync a segment")?;
        let flushed = file.into_inner().map_err(io::IntoInnerError::into_error);
        let synced = flushed.and_then(|file| self.durability.sync_file(&file));
        synced.map_err(LogError::io("write", &path))?;
        if dropped == 0 && count == 1 {
            remove(&path)?;
            return Ok(None);
        }
        let end = self.segments.get(first + count).map_or(self.end, |following| following.base);
        let segment = Segment::compacted(self.folder, self.segments[first].base, Made { end, generation });
        (self.permit)("set aside")?;
        let aside = segment.path.with_extension(UNFINISHED);
        fs::rename(&path, &aside).map_err(LogError::io("rename", &path))?;
        Ok(Some(Replacement { replaced: first..first + count, segment, bytes, bytes_before }))
    }
}
