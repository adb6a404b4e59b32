//! The running checksum of a write-ahead log.

/// In which byte order the 32-bit words are summed; the header's magic number says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Magic 0x377f0682.
    Little,
    /// Magic 0x377f0683.
    Big,
}

/// The two sums that every frame carries on from the frame before: a frame is part of the log only if they agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum(pub u32, pub u32);

impl Checksum {
    /// The sums after `bytes`, whose length is a multiple of 8; a rest shorter than that is ignored.
    #[must_use]
    pub fn over(self, order: ByteOrder, bytes: &[u8]) -> Self {
        match order {
            ByteOrder::Little => self.sum(bytes, u32::from_le_bytes),
            ByteOrder::Big => self.sum(bytes, u32::from_be_bytes),
        }
    }

    #[inline(always)]
    fn sum(self, bytes: &[u8], word: impl Fn([u8; 4]) -> u32) -> Self {
        let Self(mut first, mut second) = self;
        for pair in bytes.chunks_exact(8) {
            let left = word([pair[0], pair[1], pair[2], pair[3]]);
            let right = word([pair[4], pair[5], pair[6], pair[7]]);
            first = first.wrapping_add(left).wrapping_add(second);
            second = second.wrapping_add(right).wrapping_add(first);
        }
        Self(first, second)
    }
}
