use super::LogError;
use super::record::{self, Framed};
use driftlab_model::port::Record;
use driftlab_model::{Heading, Offset, Time};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// What a segment begins with: four letters, and the version of its layout.
pub(super) const MAGIC: [u8; 8] = *b"dlsg\0\0\0\x01";
/// An index entry is made for the first record after so many bytes.
const INDEX_EVERY_BYTES: u64 = 16 << 10;
const CHUNK_LEAST: usize = 32 << 10;
const CHUNK_MOST: usize = 1 << 20;

/// A segment file, as its readers see it.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    /// The offset that its first record has, or would have.
    pub(super) base: Offset,
    /// Where it ends, where a compaction has made it, and which one; offsets are missing in it then.
    pub(super) made: Option<Made>,
    /// Built by a walk over the file when it is first needed, or as records are appended.
    index: Mutex<Option<Index>>,
}

/// What a compaction says of a segment that it made. It is in the name of the file: whoever opens the log knows by it which others the file takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// The offset at which the following segment begins.
    pub(super) end: Offset,
    /// Above that of every segment that it was made of.
    pub(super) generation: u32,
}

#[derive(Clone, Debug, Default)]
struct Index {
    /// Offsets and positions of some records, in order.
    entries: Vec<(Offset, u64)>,
    newest: Time,
}

/// What was cut off the end of a partition when it was opened: a record that a crash had torn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The segment file.
    pub path: PathBuf,
    /// Its length now.
    pub position: u64,
    /// How many bytes were cut off.
    pub bytes: u64,
}

/// Where a read of a segment stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// At its end.
    End,
    /// Where the reader had enough.
    Limit,
    /// Before a damaged record.
    Damage,
}

/// The end of a segment, found by reading all of it.
pub(super) struct Tail {
    pub(super) size: u64,
    pub(super) end: Offset,
    pub(super) repair: Option<Repair>,
}

impl Segment {
    pub(super) fn path_of(folder: &Path, base: Offset) -> PathBuf {
        folder.join(format!("{:020}.log", base.0))
    }

    /// One that a compaction makes of those from `base` to `made.end`.
    pub(super) fn compacted(folder: &Path, base: Offset, made: Made) -> Self {
        let name = format!("{:020}-{:020}-{}.log", base.0, made.end.0, made.generation);
        Self { path: folder.join(name), base, made: Some(made), index: Mutex::new(None) }
    }

    /// One that exists, of which nothing is known but its name; `None` where that is not the name of a segment.
    pub(super) fn found(path: PathBuf) -> Option<Self> {
        let mut parts = path.file_stem()?.to_str()?.split('-');
        let base = Offset(parts.next()?.parse().ok()?);
        let made = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => None,
            (Some(end), Some(generation), None) => {
                Some(Made { end: Offset(end.parse().ok()?), generation: generation.parse().ok()? })
            }
            _ => return None,
        };
        Some(Self { path, base, made, index: Mutex::new(None) })
    }

    /// Which compaction has made it; 0 for none.
    pub(super) fn generation(&self) -> u32 {
        self.made.map_or(0, |made| made.generation)
    }

    /// Whether a compaction has made it out of that other one, among others.
    pub(super) fn takes_the_place_of(&self, other: &Self) -> bool {
        self.made.is_some_and(|made| {
            made.generation > other.generation() && self.base <= other.base && other.base < made.end
        })
    }

    /// A new one, whose index grows with it.
    pub(super) fn fresh(path: PathBuf, base: Offset) -> Self {
        Self { path, base, made: None, index: Mutex::new(Some(Index::default())) }
    }

    /// Whether it gets to where the following segment begins, given that its records do so far.
    pub(super) fn ends_before(&self, reached: Offset, following: Offset) -> Result<(), LogError> {
        let end = self.made.map_or(reached, |made| made.end);
        if end == following {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        Err(LogError::Missing { path: Self::path_of(folder, end), offset: end })
    }

    /// Notes a record that was appended.
    pub(super) fn note(&self, offset: Offset, at: Time, position: u64) {
        self.index.lock().expect(POISON).get_or_insert_default().note(offset, at, position);
    }

    /// When its newest record was appended.
    pub(super) fn newest(&self) -> Result<Time, LogError> {
        self.with_index(|index| index.newest)
    }

    /// Reads to the first record that is not whole and cuts off the rest, for the segment that is written next.
    pub(super) fn repair(&self) -> Result<Tail, LogError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&self.path)
            .map_err(LogError::io("open", &self.path))?;
        let length = file.metadata().map_err(LogError::io("read", &self.path))?.len();
        let mut index = Index::default();
        let mut end = self.base;
        let size = if length < MAGIC.len() as u64 {
            0
        } else {
            self.walk(&file, length, |frame, position| {
                index.note(frame.offset, frame.at, position);
                end = frame.offset.next();
            })?
        };
        *self.index.lock().expect(POISON) = Some(index);
        let repair =
            (size < length).then(|| Repair { path: self.path.clone(), position: size, bytes: length - size });
        if repair.is_some() {
            file.set_len(size).and_then(|()| file.sync_all()).map_err(LogError::io("repair", &self.path))?;
        }
        Ok(Tail { size, end, repair })
    }

    /// Adds records from an offset on, up to `limit` in all, out of the first `size` bytes. Damage is an error only where nothing
    /// was read before it; after some records it is an early stop.
    pub(super) fn read(
        &self,
        from: Offset,
        limit: usize,
        size: u64,
        records: &mut Vec<Record>,
    ) -> Result<Stop, LogError> {
        let mut position = self.with_index(|index| index.before(from))?;
        let mut file = File::open(&self.path).map_err(LogError::io("open", &self.path))?;
        file.seek(SeekFrom::Start(position)).map_err(LogError::io("read", &self.path))?;
        let had = records.len();
        let mut chunk = CHUNK_LEAST;
        let mut buffer = Vec::new();
        let mut start = 0;
        while records.len() < limit && position < size {
            match record::frame(&buffer[start..]) {
                Framed::Whole(frame) => {
                    // Those that are passed over are checked as well: a damaged offset would make one be passed over.
                    let record = if frame.offset < from {
                        frame.check().map(|()| None)
                    } else {
                        frame.record().map(Some)
                    };
                    match record {
                        Ok(record) => records.extend(record),
                        Err(_) if records.len() > had => return Ok(Stop::Damage),
                        Err(why) => return Err(self.damaged(position, why)),
                    }
                    start += frame.bytes.len();
                    position += frame.bytes.len() as u64;
                }
                Framed::Cut { length } if position + length as u64 <= size => {
                    buffer.drain(..start);
                    start = 0;
                    let held = buffer.len();
                    let left = (size - position) as usize - held;
                    buffer.resize(held + chunk.max(length - held).min(left), 0);
                    file.read_exact(&mut buffer[held..]).map_err(LogError::io("read", &self.path))?;
                    chunk = (2 * chunk).min(CHUNK_MOST);
                }
                Framed::Cut { .. } | Framed::Bad(_) if records.len() > had => return Ok(Stop::Damage),
                Framed::Cut { .. } => {
                    return Err(self.damaged(position, "the record would end beyond the segment"));
                }
                Framed::Bad(why) => return Err(self.damaged(position, why)),
            }
        }
        Ok(if position < size { Stop::Limit } else { Stop::End })
    }

    /// Goes through all of a closed segment, record by record.
    pub(super) fn each(
        &self,
        mut each: impl FnMut(record::Frame<'_>, Heading) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        let file = File::open(&self.path).map_err(LogError::io("open", &self.path))?;
        let length = file.metadata().map_err(LogError::io("read", &self.path))?.len();
        let mut failure = None;
        let reached = self.walk(&file, length, |frame, position| {
            if failure.is_some() {
                return;
            }
            let done = frame.heading().map_err(|why| self.damaged(position, why));
            failure = done.and_then(|heading| each(frame, heading)).err();
        })?;
        match failure {
            Some(failure) => Err(failure),
            None if reached < length => Err(self.damaged(reached, "no whole record begins there")),
            None => Ok(()),
        }
    }

    pub(super) fn damaged(&self, position: u64, why: &'static str) -> LogError {
        LogError::Damaged { path: self.path.clone(), position, why }
    }

    fn with_index<T>(&self, ask: impl FnOnce(&Index) -> T) -> Result<T, LogError> {
        let mut index = self.index.lock().expect(POISON);
        if let Some(index) = &*index {
            return Ok(ask(index));
        }
        let file = File::open(&self.path).map_err(LogError::io("open", &self.path))?;
        let length = file.metadata().map_err(LogError::io("read", &self.path))?.len();
        let mut fresh = Index::default();
        // A damaged record is the business of who reads it: the index ends before it, so every read of what follows comes upon it.
        self.walk(&file, length, |frame, position| fresh.note(frame.offset, frame.at, position))?;
        Ok(ask(index.insert(fresh)))
    }

    /// Goes from record to record until one is not whole, and gives the position where it stopped.
    fn walk(
        &self,
        mut file: &File,
        length: u64,
        mut each: impl FnMut(record::Frame<'_>, u64),
    ) -> Result<u64, LogError> {
        let mut magic = [0; MAGIC.len()];
        file.read_exact(&mut magic).map_err(LogError::io("read", &self.path))?;
        if magic != MAGIC {
            let why = "it does not begin as a segment of this version of driftlab does; remove the folder to begin anew";
            return Err(LogError::Mismatch { path: self.path.clone(), why: why.to_owned() });
        }
        let mut position = MAGIC.len() as u64;
        let (mut buffer, mut start) = (Vec::new(), 0);
        while position < length {
            match record::frame(&buffer[start..]) {
                Framed::Whole(frame) if frame.is_intact() => {
                    each(frame, position);
                    start += frame.bytes.len();
                    position += frame.bytes.len() as u64;
                }
                Framed::Cut { length: needed } if position + needed as u64 <= length => {
                    buffer.drain(..start);
                    start = 0;
                    let held = buffer.len();
                    let left = (length - position) as usize - held;
                    buffer.resize(held + CHUNK_MOST.max(needed - held).min(left), 0);
                    file.read_exact(&mut buffer[held..]).map_err(LogError::io("read", &self.path))?;
                }
                Framed::Whole(_) | Framed::Cut { .. } | Framed::Bad(_) => break,
            }
        }
        Ok(position)
    }
}

const POISON: &str = "nothing panics while it holds the index";

impl Index {
    fn note(&mut self, offset: Offset, at: Time, position: u64) {
        self.newest = self.newest.max(at);
        if self.entries.last().is_none_or(|&(_, last)| position >= last + INDEX_EVERY_BYTES) {
            self.entries.push((offset, position));
        }
    }

    /// A position at or before the first record from an offset on.
    fn before(&self, offset: Offset) -> u64 {
        let after = self.entries.partition_point(|&(at, _)| at <= offset);
        after.checked_sub(1).map_or(MAGIC.len() as u64, |i| self.entries[i].1)
    }
}
