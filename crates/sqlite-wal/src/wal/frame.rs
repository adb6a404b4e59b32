//! Frames: a header of 24 bytes and a page.

use super::checksum::{ByteOrder, Checksum};
use super::header::{Header, Salts};
use super::word;

/// Length of a frame's header in bytes.
pub const FRAME_HEADER_BYTES: usize = 24;

/// What a verified frame says of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The page, counted from 1.
    pub page: u32,
    /// In a commit frame the size of the database in pages after the commit, else 0.
    pub commit: u32,
}

/// Verifies frames one after the other: the place in a generation of a log up to which everything is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// How checksums are summed.
    pub order: ByteOrder,
    /// The generation.
    pub salts: Salts,
    /// Frames verified.
    pub frame: u64,
    /// The sums after them.
    pub checksum: Checksum,
}

impl Chain {
    /// At the start of the log that begins with `header`.
    #[must_use]
    pub fn start(header: &Header) -> Self {
        Self { order: header.order, salts: header.salts, frame: 0, checksum: header.checksum }
    }

    /// Verifies the next frame, its header and page in `bytes`, and steps over it; `None`, without a step, where it is not the log's
    /// next frame: its end, a torn tail, or what an earlier generation left.
    pub fn step(&mut self, bytes: &[u8]) -> Option<Frame> {
        let (header, page) = bytes.split_at_checked(FRAME_HEADER_BYTES)?;
        let frame = Frame { page: word(header, 0), commit: word(header, 4) };
        if Salts::read(&header[8..]) != self.salts || frame.page == 0 {
            return None;
        }
        let checksum = self.checksum.over(self.order, &header[..8]).over(self.order, page);
        if checksum != Checksum(word(header, 16), word(header, 20)) {
            return None;
        }
        self.checksum = checksum;
        self.frame += 1;
        Some(frame)
    }

    /// Writes a frame that [`Chain::step`] accepts.
    pub(crate) fn seal(&mut self, frame: Frame, page: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        for number in [frame.page, frame.commit, self.salts.0, self.salts.1] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        self.checksum = self.checksum.over(self.order, &out[start..start + 8]).over(self.order, page);
        out.extend_from_slice(&self.checksum.0.to_be_bytes());
        out.extend_from_slice(&self.checksum.1.to_be_bytes());
        out.extend_from_slice(page);
        self.frame += 1;
    }
}
