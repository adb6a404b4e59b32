//! What stands before the frames of a transaction in the relay log.

use super::bytes::{Reader, Writer};
use crate::event::GapReason;
use crate::position::Position;
use crate::wal::{Chain, FRAME_HEADER_BYTES, Salts};

/// Up to where the application's log has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The generation.
    pub(crate) salts: Salts,
    /// The frames of it that were read; `None` if it had none.
    pub(crate) chain: Option<Chain>,
}

impl Place {
    pub(crate) fn frame(&self) -> u64 {
        self.chain.map_or(0, |chain| chain.frame)
    }
    pub(super) fn write(&self, writer: Writer) -> Writer {
        writer.salts(self.salts).chain(self.chain.as_ref())
    }
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self { salts: reader.salts(), chain: reader.chain() }
    }
}

/// How a record came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A transaction of the log.
    Log,
    /// The pages that differ after a gap.
    Reconciled(GapReason),
}

/// The head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) position: Position,
    pub(crate) kind: Kind,
    pub(crate) frames: u64,
    /// Size of the database after it, in pages.
    pub(crate) pages: u32,
    /// Where the checksums of its frames begin.
    pub(crate) first: Chain,
    /// Where the application's log goes on after it.
    pub(crate) place: Place,
    /// The segment it stands in, and where.
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

const MAGIC: &[u8; 8] = b"dlwalrec";

impl Record {
    pub(crate) const BYTES: usize = 136;

    pub(super) fn write(&self) -> Vec<u8> {
        let (kind, reason) = match self.kind {
            Kind::Log => (0, 0),
            Kind::Reconciled(reason) => (1, reason.code()),
        };
        let writer = Writer::new(MAGIC)
            .u64(self.position.as_u64())
            .u32(kind)
            .u32(reason)
            .u64(self.frames)
            .u32(self.pages)
            .chain(Some(&self.first));
        self.place.write(writer).finish(Self::BYTES)
    }

    pub(super) fn read(bytes: &[u8], segment: u64, offset: u64) -> Option<Self> {
        let mut reader = Reader::new(bytes, MAGIC)?;
        let position = Position::from_u64(reader.u64());
        let kind = match (reader.u32(), reader.u32()) {
            (0, _) => Kind::Log,
            (_, code) => Kind::Reconciled(GapReason::from_code(code)?),
        };
        let (frames, pages) = (reader.u64(), reader.u32());
        let first = reader.chain()?;
        let place = Place::read(&mut reader);
        Some(Self { position, kind, frames, pages, first, place, segment, offset })
    }

    /// Length of its frames in bytes.
    pub(crate) fn body_bytes(&self, page_size: u32) -> u64 {
        self.frames * (FRAME_HEADER_BYTES as u64 + u64::from(page_size))
    }
    /// Where its frames begin in the segment.
    pub(crate) fn body(&self) -> u64 {
        self.offset + Self::BYTES as u64
    }
}
