//! The rows on a list of leaves, in the order of their rowids.

use crate::error::Error;
use crate::page::{Bytes, Cell, Node, NodeKind, Pages, Shape};

/// Walks over the rows of some leaves of one tree, holding one page at a time.
pub(crate) struct Leaves<'p> {
    pages: &'p dyn Pages,
    list: std::vec::IntoIter<u32>,
    current: Option<(Bytes<'p>, Shape)>,
    index: usize,
    rows: usize,
}

impl<'p> Leaves<'p> {
    /// `list` in any order; pages of it that are no table leaves are left out.
    pub(crate) fn new(pages: &'p dyn Pages, list: &[u32]) -> Result<Self, Error> {
        let mut first = Vec::with_capacity(list.len());
        for &page in list {
            let bytes = pages.page(page)?;
            let node = parse(pages, page, &bytes)?;
            if node.kind() == NodeKind::TableLeaf && !node.is_empty() {
                first.push((node.rowid(0).map_err(Error::damage(pages.path()))?, page));
            }
        }
        // The leaves of a tree hold ranges of rowids that do not overlap.
        first.sort_unstable();
        first.dedup();
        let list: Vec<u32> = first.into_iter().map(|(_, page)| page).collect();
        let mut leaves = Self { pages, list: list.into_iter(), current: None, index: 0, rows: 0 };
        leaves.load()?;
        Ok(leaves)
    }

    fn load(&mut self) -> Result<(), Error> {
        self.index = 0;
        self.current = match self.list.next() {
            Some(page) => {
                let bytes = self.pages.page(page)?;
                let node = parse(self.pages, page, &bytes)?;
                self.rows = node.len();
                let shape = node.shape();
                Some((bytes, shape))
            }
            None => None,
        };
        Ok(())
    }

    /// The row it stands at, and its page; `None` at the end.
    #[inline]
    pub(crate) fn row(&self) -> Result<Option<(u32, Cell<'_>)>, Error> {
        let Some((bytes, shape)) = &self.current else { return Ok(None) };
        let node = shape.of(bytes);
        match node.cell(self.index) {
            Ok(cell) => Ok(Some((node.page(), cell))),
            Err(damage) => Err(Error::damage(self.pages.path())(damage)),
        }
    }

    #[inline]
    pub(crate) fn step(&mut self) -> Result<(), Error> {
        self.index += 1;
        if self.index >= self.rows { self.load() } else { Ok(()) }
    }
}

#[inline]
fn parse<'a>(pages: &dyn Pages, page: u32, bytes: &'a [u8]) -> Result<Node<'a>, Error> {
    Node::parse(page, bytes, pages.usable()).map_err(Error::damage(pages.path()))
}
