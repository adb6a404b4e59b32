//! Cells of b-tree pages.

use super::node::NodeKind;
use super::varint;

/// A cell, its payload as far as it stands on the page itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The left child, on interior pages.
    pub child: u32,
    /// The rowid, in tables with rowids.
    pub rowid: i64,
    /// Length of the payload in bytes, overflow included.
    pub payload_bytes: u64,
    /// The part of the payload that is on this page.
    pub local: &'a [u8],
    /// The first page of the rest, or 0.
    pub overflow: u32,
}

impl<'a> Cell<'a> {
    /// The longest payload that stands on the page as a whole.
    #[inline]
    pub(super) fn room(kind: NodeKind, usable: usize) -> usize {
        if kind == NodeKind::TableLeaf { usable - 35 } else { (usable - 12) * 64 / 255 - 23 }
    }

    #[inline]
    pub(super) fn parse(kind: NodeKind, bytes: &'a [u8], usable: usize) -> Option<Self> {
        let mut at = 0;
        let mut child = 0;
        if kind.is_interior() {
            child = word(bytes)?;
            at = 4;
        }
        if kind == NodeKind::TableInterior {
            let (rowid, _) = varint(bytes.get(at..)?)?;
            return Some(Self { child, rowid: rowid as i64, payload_bytes: 0, local: &[], overflow: 0 });
        }
        let (payload_bytes, length) = varint(bytes.get(at..)?)?;
        at += length;
        let mut rowid = 0;
        if kind == NodeKind::TableLeaf {
            let (number, length) = varint(bytes.get(at..)?)?;
            rowid = number as i64;
            at += length;
        }
        let room = Self::room(kind, usable);
        let (here, overflow) = if payload_bytes <= room as u64 {
            (payload_bytes as usize, 0)
        } else {
            let least = (usable - 12) * 32 / 255 - 23;
            let surplus = least + ((payload_bytes - least as u64) % (usable as u64 - 4)) as usize;
            let here = if surplus <= room { surplus } else { least };
            (here, word(bytes.get(at + here..)?)?)
        };
        Some(Self { child, rowid, payload_bytes, local: bytes.get(at..at + here)?, overflow })
    }
}

fn word(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes([*bytes.first()?, *bytes.get(1)?, *bytes.get(2)?, *bytes.get(3)?]))
}
