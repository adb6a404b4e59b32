//! A page of a b-tree.

use super::cell::Cell;
use super::{Damage, varint};

/// The four kinds of b-tree pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Rows of a table, by rowid.
    TableLeaf,
    /// Children of a table, by rowid.
    TableInterior,
    /// Entries of an index, or rows of a table WITHOUT ROWID.
    IndexLeaf,
    /// Children of an index, with an entry between each two.
    IndexInterior,
}

impl NodeKind {
    /// Whether the page has children.
    #[must_use]
    pub fn is_interior(self) -> bool {
        matches!(self, Self::TableInterior | Self::IndexInterior)
    }
}

/// A b-tree page, its header checked and its cells within bounds when they are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    data: &'a [u8],
    shape: Shape,
}

/// What the header of a b-tree page says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    page: u32,
    start: usize,
    kind: NodeKind,
    cells: usize,
    usable: usize,
}

impl Shape {
    /// The page, whose header in `data` said so before.
    #[inline]
    pub(crate) fn of<'a>(&self, data: &'a [u8]) -> Node<'a> {
        Node { data: &data[..self.usable], shape: *self }
    }
    #[inline]
    fn pointers(&self) -> usize {
        self.start + if self.kind.is_interior() { 12 } else { 8 }
    }
}

impl<'a> Node<'a> {
    /// Reads page `page` of a database with `usable` bytes a page.
    #[inline]
    pub fn parse(page: u32, data: &'a [u8], usable: usize) -> Result<Self, Damage> {
        let data = data.get(..usable).ok_or(Damage::new(page, "the page is shorter than a page"))?;
        let start = if page == 1 { 100 } else { 0 };
        let header =
            data.get(start..start + 12).ok_or(Damage::new(page, "the page is shorter than its header"))?;
        let kind = match header[0] {
            2 => NodeKind::IndexInterior,
            5 => NodeKind::TableInterior,
            10 => NodeKind::IndexLeaf,
            13 => NodeKind::TableLeaf,
            _ => return Err(Damage::new(page, "the page is not a b-tree page")),
        };
        let cells = usize::from(u16::from_be_bytes([header[3], header[4]]));
        let shape = Shape { page, start, kind, cells, usable };
        if shape.pointers() + cells * 2 > usable {
            return Err(Damage::new(page, "the page has more cells than it has room for"));
        }
        Ok(Self { data, shape })
    }

    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }
    /// What kind of page it is.
    #[must_use]
    pub fn kind(&self) -> NodeKind {
        self.shape.kind
    }
    /// Its number.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.shape.page
    }
    /// How many cells it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.cells
    }
    /// Whether it has no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shape.cells == 0
    }

    #[inline]
    fn bytes_at(&self, index: usize) -> Result<&'a [u8], Damage> {
        let at = self.shape.pointers() + index * 2;
        let bytes = self.data.get(at..at + 2).filter(|_| index < self.shape.cells);
        let bytes = bytes.ok_or(Damage::new(self.shape.page, "there is no such cell"))?;
        let offset = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
        self.data.get(offset..).ok_or(Damage::new(self.shape.page, "a cell begins beyond the page"))
    }

    /// Cell `index`, from 0.
    #[inline]
    pub fn cell(&self, index: usize) -> Result<Cell<'a>, Damage> {
        let bytes = self.bytes_at(index)?;
        Cell::parse(self.shape.kind, bytes, self.shape.usable)
            .ok_or(Damage::new(self.shape.page, "a cell runs beyond its page"))
    }

    /// The rowid of cell `index` of a table's page, without looking at its payload.
    #[inline]
    pub fn rowid(&self, index: usize) -> Result<i64, Damage> {
        let short = Damage::new(self.shape.page, "a cell runs beyond its page");
        let bytes = self.bytes_at(index)?;
        let skip = if self.shape.kind == NodeKind::TableInterior { 4 } else { varint(bytes).ok_or(short)?.1 };
        let (rowid, _) = bytes.get(skip..).and_then(varint).ok_or(short)?;
        Ok(rowid as i64)
    }

    /// The cells whose payload runs over into further pages.
    pub(crate) fn overflowing(&self) -> impl Iterator<Item = Result<Cell<'a>, Damage>> {
        let node = *self;
        // A length of one byte is seen without looking at the rest of the cell.
        let room = Cell::room(node.shape.kind, node.shape.usable).min(0x7f);
        let long = move |index: &usize| match node.shape.kind {
            NodeKind::TableInterior => false,
            NodeKind::IndexInterior => true,
            NodeKind::TableLeaf | NodeKind::IndexLeaf => node
                .bytes_at(*index)
                .map_or(true, |bytes| bytes.first().is_none_or(|length| usize::from(*length) > room)),
        };
        let cells = (0..node.len()).filter(long).map(move |index| node.cell(index));
        cells.filter(|cell| !matches!(cell, Ok(cell) if cell.overflow == 0))
    }

    /// The children of an interior page, left to right; empty for a leaf.
    pub fn children(&self) -> Result<Vec<u32>, Damage> {
        if !self.shape.kind.is_interior() {
            return Ok(Vec::new());
        }
        let word = |bytes: &[u8]| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let mut children = Vec::with_capacity(self.shape.cells + 1);
        for index in 0..self.shape.cells {
            let bytes = self.bytes_at(index)?;
            let bytes = bytes.get(..4).ok_or(Damage::new(self.shape.page, "a cell runs beyond its page"))?;
            children.push(word(bytes));
        }
        children.push(word(&self.data[self.shape.start + 8..self.shape.start + 12]));
        Ok(children)
    }
}
