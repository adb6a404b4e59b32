//! The format of the write-ahead log and of its index: <https://www.sqlite.org/walformat.html>.

mod checksum;
mod frame;
mod header;
mod index;
mod log;

pub use checksum::{ByteOrder, Checksum};
pub use frame::{Chain, FRAME_HEADER_BYTES, Frame};
pub use header::{HEADER_BYTES, Header, Salts};
pub(crate) use index::Index;
pub(crate) use log::LogFile;

/// The big-endian word at `at`; the caller has checked the length.
fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Where frame `frame` (counted from 0 here) begins in a log with pages of `page_size` bytes.
pub(crate) fn frame_offset(frame: u64, page_size: u32) -> u64 {
    HEADER_BYTES as u64 + frame * (FRAME_HEADER_BYTES as u64 + u64::from(page_size))
}
