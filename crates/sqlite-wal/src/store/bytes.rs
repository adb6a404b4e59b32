//! Records of fixed length with a checksum at their end.

use crate::wal::{ByteOrder, Chain, Checksum, Salts};

/// Builds a record.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new(magic: &[u8; 8]) -> Self {
        Self(magic.to_vec())
    }
    pub(super) fn u32(mut self, number: u32) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }
    pub(super) fn u64(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }
    pub(super) fn salts(self, salts: Salts) -> Self {
        self.u32(salts.0).u32(salts.1)
    }
    pub(super) fn chain(self, chain: Option<&Chain>) -> Self {
        let Some(chain) = chain else { return self.u32(0).u32(0).u64(0).u64(0).u64(0) };
        let order = if chain.order == ByteOrder::Little { 1 } else { 2 };
        let Checksum(first, second) = chain.checksum;
        self.u32(order).u32(0).salts(chain.salts).u64(chain.frame).u32(first).u32(second)
    }
    /// Pads to `length` bytes and closes with the checksum.
    pub(super) fn finish(mut self, length: usize) -> Vec<u8> {
        self.0.resize(length - 8, 0);
        let Checksum(first, second) = Checksum(1, 2).over(ByteOrder::Little, &self.0);
        self.u32(first).u32(second).0
    }
}

/// Takes a record apart.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// `None` if magic or checksum are wrong.
    pub(super) fn new(bytes: &'a [u8], magic: &[u8; 8]) -> Option<Self> {
        let (body, sums) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
        let checksum = Checksum(1, 2).over(ByteOrder::Little, body);
        let mut found = Self(sums);
        (body.starts_with(magic) && checksum == Checksum(found.u32(), found.u32())).then(|| Self(&body[8..]))
    }
    pub(super) fn u32(&mut self) -> u32 {
        let (number, rest) = self.0.split_at(4);
        self.0 = rest;
        u32::from_le_bytes([number[0], number[1], number[2], number[3]])
    }
    pub(super) fn u64(&mut self) -> u64 {
        u64::from(self.u32()) | u64::from(self.u32()) << 32
    }
    pub(super) fn salts(&mut self) -> Salts {
        Salts(self.u32(), self.u32())
    }
    pub(super) fn chain(&mut self) -> Option<Chain> {
        let (order, _) = (self.u32(), self.u32());
        let salts = self.salts();
        let frame = self.u64();
        let checksum = Checksum(self.u32(), self.u32());
        let order = match order {
            1 => ByteOrder::Little,
            2 => ByteOrder::Big,
            _ => return None,
        };
        Some(Chain { order, salts, frame, checksum })
    }
}
