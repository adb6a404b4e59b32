//! The first 32 bytes of a write-ahead log.

use super::checksum::{ByteOrder, Checksum};
use super::word;

/// Length of the header in bytes.
pub const HEADER_BYTES: usize = 32;

/// The two random words that tell one generation of a log from the next, as they stand in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Salts(pub u32, pub u32);

impl Salts {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        Self(word(bytes, 0), word(bytes, 4))
    }
    /// Whether a log with these salts can be the direct successor of one with `before`: a restart adds one to the first.
    pub(crate) fn follow(self, before: Self) -> bool {
        self.0 == before.0.wrapping_add(1)
    }
}

/// What the header says, its checksum verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// How checksums are summed.
    pub order: ByteOrder,
    /// Page size in bytes.
    pub page_size: u32,
    /// The writer's count of restarts; each connection counts for itself, so it proves nothing across connections.
    pub restarts: u32,
    /// The generation.
    pub salts: Salts,
    /// The sums that the first frame carries on from.
    pub checksum: Checksum,
}

impl Header {
    /// Reads a header; `None` if the bytes are no valid header, as in a log that has not been written to yet.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..HEADER_BYTES)?;
        let order = match word(bytes, 0) {
            0x377f_0682 => ByteOrder::Little,
            0x377f_0683 => ByteOrder::Big,
            _ => return None,
        };
        let page_size = word(bytes, 8);
        if word(bytes, 4) != 3_007_000 || !page_size.is_power_of_two() || !(512..=65_536).contains(&page_size)
        {
            return None;
        }
        let checksum = Checksum::default().over(order, &bytes[..24]);
        (checksum == Checksum(word(bytes, 24), word(bytes, 28))).then_some(Self {
            order,
            page_size,
            restarts: word(bytes, 12),
            salts: Salts::read(&bytes[16..]),
            checksum,
        })
    }
}
