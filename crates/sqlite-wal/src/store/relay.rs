//! Writing the relay log.

use super::record::{Kind, Place, Record};
use super::segment::{self, SegmentHead};
use crate::error::Error;
use crate::file::write_at;
use crate::position::Position;
use crate::wal::Chain;
use std::fs::{File, OpenOptions};
use std::path::PathBuf;

/// A segment is closed when it is longer than this; only closed ones are folded and deleted.
const SEGMENT_BYTES: u64 = 16 << 20;

/// The end of the relay log.
pub(crate) struct Relay {
    folder: PathBuf,
    segment: u64,
    file: File,
    path: PathBuf,
    offset: u64,
    /// Bytes of frames of the record that is being written.
    body: u64,
    position: Position,
    pages: u32,
    page_size: u32,
    place: Place,
}

impl Relay {
    /// Begins segment `number`.
    pub(super) fn create(folder: PathBuf, number: u64, head: SegmentHead) -> Result<Self, Error> {
        let path = segment::path(&folder, number);
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path);
        let file = file.map_err(Error::io("creating", &path))?;
        write_at(&file, &head.write(), 0).map_err(Error::io("writing", &path))?;
        Ok(Self {
            folder,
            segment: number,
            file,
            path,
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
        let path = segment::path(&folder, number);
        let file = OpenOptions::new().write(true).open(&path).map_err(Error::io("opening", &path))?;
        file.set_len(end).map_err(Error::io("writing", &path))?;
        Ok(Self {
            folder,
            segment: number,
            file,
            path,
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

    /// Writes frames of the record in progress.
    pub(crate) fn extend(&mut self, frames: &[u8]) -> Result<(), Error> {
        let offset = self.offset + Record::BYTES as u64 + self.body;
        write_at(&self.file, frames, offset).map_err(Error::io("writing", &self.path))?;
        self.body += frames.len() as u64;
        Ok(())
    }

    /// Forgets the record in progress.
    pub(crate) fn abandon(&mut self) {
        self.body = 0;
    }

    /// Completes the record in progress: from here on it is part of the relay log.
    pub(crate) fn finish(
        &mut self,
        kind: Kind,
        pages: u32,
        first: Chain,
        place: Place,
    ) -> Result<Record, Error> {
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
        write_at(&self.file, &record.write(), self.offset).map_err(Error::io("writing", &self.path))?;
        self.offset += Record::BYTES as u64 + self.body;
        (self.body, self.position, self.pages, self.place) = (0, record.position, pages, place);
        if self.offset > SEGMENT_BYTES {
            let head = SegmentHead { position: self.position, pages, page_size: self.page_size, place };
            *self = Self::create(self.folder.clone(), self.segment + 1, head)?;
        }
        Ok(record)
    }
}
