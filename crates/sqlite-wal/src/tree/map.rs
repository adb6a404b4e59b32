//! The map from page to place, kept from interior pages.

use super::{DEPTH_MAX, walk};
use crate::error::Error;
use crate::page::{Node, Pages, overflow_pages};
use crate::schema::{Catalog, TableId};

/// What a page is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Nothing that holds rows: an index, a free page, a pointer map.
    #[default]
    Nobody,
    /// The root of a table's tree.
    Root,
    /// A page of a table's tree, below this one.
    Child(u32),
    /// Overflow of a row on this page.
    Overflow(u32),
}

/// The owners of all pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct TreeMap {
    owners: Vec<Owner>,
}

impl TreeMap {
    /// Reads the trees of all tables of `catalog`, and the catalogue's own.
    pub(crate) fn read(pages: &dyn Pages, catalog: &Catalog) -> Result<Self, Error> {
        let mut map = Self::default();
        for (root, _) in catalog.roots() {
            map.set(root, Owner::Root);
            for number in walk(pages, root)? {
                map.read_page(pages, number)?;
            }
        }
        Ok(map)
    }

    fn read_page(&mut self, pages: &dyn Pages, number: u32) -> Result<(), Error> {
        let bytes = pages.page(number)?;
        let node = Node::parse(number, &bytes, pages.usable()).map_err(Error::damage(pages.path()))?;
        for child in node.children().map_err(Error::damage(pages.path()))? {
            self.set(child, Owner::Child(number));
        }
        self.claim_overflow(pages, &node)
    }

    /// Notes the overflow pages of the rows on `node`.
    pub(crate) fn claim_overflow(&mut self, pages: &dyn Pages, node: &Node<'_>) -> Result<(), Error> {
        for cell in node.overflowing() {
            overflow_pages(pages, &cell.map_err(Error::damage(pages.path()))?, |page| {
                self.set(page, Owner::Overflow(node.page()));
                true
            })?;
        }
        Ok(())
    }

    pub(crate) fn owner(&self, page: u32) -> Owner {
        self.owners.get(page as usize).copied().unwrap_or_default()
    }

    pub(crate) fn set(&mut self, page: u32, owner: Owner) {
        let at = page as usize;
        if at >= self.owners.len() {
            if owner == Owner::Nobody {
                return;
            }
            self.owners.resize(at + 1, Owner::Nobody);
        }
        self.owners[at] = owner;
    }

    /// Whether the page is part of a table's tree.
    pub(crate) fn in_tree(&self, page: u32) -> bool {
        matches!(self.owner(page), Owner::Root | Owner::Child(_))
    }

    /// The root of the tree that holds `page`.
    pub(crate) fn root_of(&self, mut page: u32) -> Option<u32> {
        for _ in 0..DEPTH_MAX {
            match self.owner(page) {
                Owner::Root => return Some(page),
                Owner::Child(parent) => page = parent,
                Owner::Nobody | Owner::Overflow(_) => return None,
            }
        }
        None
    }

    pub(crate) fn table_of(&self, page: u32, catalog: &Catalog) -> Option<TableId> {
        self.root_of(page).and_then(|root| catalog.at_root(root))
    }
}
