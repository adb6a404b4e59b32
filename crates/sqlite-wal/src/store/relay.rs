//! Writing the relay log.

use super::disk::Stored;
use super::record::{Kind, Place, Record};
use super::segment::{self, SegmentHead};
use crate::error::Error;
use crate::page::Part;
use crate::position::Position;
use crate::wal::Chain;
use std::path::PathBuf;
use std::sync::Arc;

/// A segment is closed when it is longer than this; only closed ones are folded and deleted.
const SEGMENT_BYTES: u64 = if cfg!(test) { 64 << 10 } else { 16 << 20 };

/// A record in progress is held in memory up to this length; of a longer one, what there is goes to the file.
const HELD_BYTES_MAX: u64 = 8 << 20;

/// The end of the relay log.
///
/// Records are gathered in memory and written in one go: a write for each would touch the file's pages twice and wake the file system
/// for each. Nobody hears of a record before it is in the file.
pub(crate) struct Relay {
    folder: PathBuf,
    segment: u64,
    file: Stored,
    /// What is not in the file yet: finished records, then the one in progress.
    buffer: Vec<u8>,
    /// Where in the file the buffer belongs.
    written: u64,
    /// Where the record in progress begins, or the next one.
    offset: u64,
    /// Bytes of frames of the record in progress.
    body: u64,
    position: Position,
    pages: u32,
    page_size: u32,
    place: Place,
}

impl Relay {
    /// Begins segment `number`.
    pub(super) fn create(folder: PathBuf, number: u64, head: SegmentHead) -> Result<Self, Error> {
        let file = Stored::create(segment::path(&folder, number))?;
        file.write_at(&head.write(), 0)?;
        Ok(Self {
            folder,
            segment: number,
            file,
            buffer: Vec::new(),
            written: SegmentHead::BYTES as u64,
            offset: SegmentHead::BYTES as u64,
            body: 0,
            position: head.position,
            pages: head.pages,
            page_size: head.page_size,
            place: head.place,
        })
    }

    /// Goes on in segment `number` after `end`, cutting off what a dead writer left there.
    pub(super) fn resume(folder: PathBuf, number: u64, end: u64, head: SegmentHead) -> Result<Self, Error> {
        let file = Stored::open(segment::path(&folder, number))?;
        file.set_len(end)?;
        Ok(Self {
            folder,
            segment: number,
            file,
            buffer: Vec::new(),
            written: end,
            offset: end,
            body: 0,
            position: head.position,
            pages: head.pages,
            page_size: head.page_size,
            place: head.place,
        })
    }

    pub(crate) fn place(&self) -> Place {
        self.place
    }
    /// The generation that has begun, before anything was read of it.
    pub(crate) fn set_place(&mut self, place: Place) {
        self.place = place;
    }
    pub(crate) fn page_size(&self) -> u32 {
        self.page_size
    }
    /// The transactions that follow are numbered from the one after `position`.
    pub(crate) fn skip_to(&mut self, position: Position) {
        self.position = self.position.max(position);
    }

    /// Makes room in memory for frames of so many bytes.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.buffer.reserve(bytes + bytes / 32 + Record::BYTES);
    }

    /// Adds frames to the record in progress.
    pub(crate) fn extend(&mut self, frames: &[u8]) -> Result<(), Error> {
        self.begin();
        self.buffer.extend_from_slice(frames);
        self.body += frames.len() as u64;
        if self.body > HELD_BYTES_MAX { self.spill() } else { Ok(()) }
    }

    /// Leaves room for the head of the record in progress.
    fn begin(&mut self) {
        if self.body == 0 {
            self.buffer.resize(self.buffer.len() + Record::BYTES, 0);
        }
    }

    /// Writes what there is, the record in progress too, whose head is not valid yet.
    fn spill(&mut self) -> Result<(), Error> {
        self.file.write_at(&self.buffer, self.written)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Forgets the record in progress.
    pub(crate) fn abandon(&mut self) {
        self.buffer.truncate(self.offset.saturating_sub(self.written) as usize);
        self.written = self.written.min(self.offset);
        self.body = 0;
    }

    /// Completes the record in progress. It is part of the relay log once it is flushed.
    pub(crate) fn finish(
        &mut self,
        kind: Kind,
        pages: u32,
        first: Chain,
        place: Place,
    ) -> Result<Record, Error> {
        self.begin();
        let frame = crate::wal::FRAME_HEADER_BYTES as u64 + u64::from(self.page_size);
        let record = Record {
            position: self.position.next(),
            kind,
            frames: self.body / frame,
            pages,
            first,
            place,
            segment: self.segment,
            offset: self.offset,
        };
        let head = record.write();
        match self.offset.checked_sub(self.written) {
            Some(at) => self.buffer[at as usize..][..Record::BYTES].copy_from_slice(&head),
            None => {
                self.spill()?;
                self.file.write_at(&head, self.offset)?;
            }
        }
        self.offset += Record::BYTES as u64 + self.body;
        (self.body, self.position, self.pages, self.place) = (0, record.position, pages, place);
        Ok(record)
    }

    /// Writes the finished records, and begins a new segment where this one is long enough.
    pub(crate) fn flush(&mut self) -> Result<Flushed, Error> {
        let start = self.written;
        let rest = self.buffer.split_off(self.offset.saturating_sub(self.written) as usize);
        let whole = std::mem::replace(&mut self.buffer, rest);
        if !whole.is_empty() {
            self.file.write_at(&whole, start)?;
            self.written += whole.len() as u64;
        }
        let flushed = Flushed { buffer: Arc::new(whole), start };
        if self.offset > SEGMENT_BYTES && self.written == self.offset {
            let head = SegmentHead {
                position: self.position,
                pages: self.pages,
                page_size: self.page_size,
                place: self.place,
            };
            let next = Self::create(self.folder.clone(), self.segment + 1, head)?;
            *self = Self { buffer: std::mem::take(&mut self.buffer), body: self.body, ..next };
        }
        Ok(flushed)
    }
}

/// Records that were written in one go, still in memory.
pub(crate) struct Flushed {
    buffer: Arc<Vec<u8>>,
    /// Where in the segment the buffer stands.
    start: u64,
}

impl Flushed {
    /// The frames of `record`, one of those that were finished before the flush; `None` if it was too long to be held.
    pub(crate) fn frames(&self, record: &Record, page_size: u32) -> Option<Part> {
        let start = record.body().checked_sub(self.start)? as usize;
        let length = record.body_bytes(page_size) as usize;
        (start + length <= self.buffer.len()).then(|| Part::of(&self.buffer, start, length))
    }
}
