//! Segments of the relay log.

use super::bytes::{Reader, Writer};
use super::record::{Place, Record};
use crate::error::Error;
use crate::file::read_at;
use crate::position::Position;
use crate::wal::FRAME_HEADER_BYTES;
use std::fs::File;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"dlwalseg";

/// The head of a segment: the state that its first record changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHead {
    pub(crate) position: Position,
    /// Size of the database, in pages.
    pub(crate) pages: u32,
    pub(crate) page_size: u32,
    pub(crate) place: Place,
}

impl SegmentHead {
    pub(crate) const BYTES: usize = 80;

    pub(super) fn write(&self) -> Vec<u8> {
        let writer = Writer::new(MAGIC).u64(self.position.as_u64()).u32(self.pages).u32(self.page_size);
        self.place.write(writer).finish(Self::BYTES)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes, MAGIC)?;
        Some(Self {
            position: Position::from_u64(reader.u64()),
            pages: reader.u32(),
            page_size: reader.u32(),
            place: Place::read(&mut reader),
        })
    }
}

/// The path of segment `number`.
pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("relay-{number}"))
}

/// What a segment holds: its head, its whole records, and where they end.
pub(super) struct Segment {
    pub(super) head: SegmentHead,
    pub(super) records: Vec<Record>,
    pub(super) end: u64,
}

/// Reads segment `number`; `None` if there is none with a valid head.
///
/// Every frame is verified. The first record that is not whole ends the segment: it was being written when the process or the machine died.
pub(super) fn read(folder: &Path, number: u64) -> Result<Option<Segment>, Error> {
    let path = path(folder, number);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("opening", &path)(error)),
    };
    let mut head = [0; SegmentHead::BYTES];
    let read = read_at(&file, &mut head, 0).map_err(Error::io("reading", &path))?;
    let Some(head) = SegmentHead::read(&head[..read]) else { return Ok(None) };
    let mut segment = Segment { head, records: Vec::new(), end: SegmentHead::BYTES as u64 };
    let mut frame = vec![0; FRAME_HEADER_BYTES + head.page_size as usize];
    'records: loop {
        let mut bytes = [0; Record::BYTES];
        let read = read_at(&file, &mut bytes, segment.end).map_err(Error::io("reading", &path))?;
        let Some(record) = Record::read(&bytes[..read], number, segment.end) else { break };
        let mut chain = record.first;
        for at in 0..record.frames {
            let offset = record.body() + at * frame.len() as u64;
            let read = read_at(&file, &mut frame, offset).map_err(Error::io("reading", &path))?;
            if read < frame.len() || chain.step(&frame).is_none() {
                break 'records;
            }
        }
        segment.end = record.body() + record.body_bytes(head.page_size);
        segment.records.push(record);
    }
    Ok(Some(segment))
}
