//! The shadow: the pages of a state of the database.

use super::disk::Stored;
use crate::error::Error;
use crate::source::Visitor;
use std::path::Path;

/// A file of pages, page 1 first.
pub(crate) struct Shadow {
    file: Stored,
    page_size: u32,
}

impl Shadow {
    pub(crate) fn open(folder: &Path, page_size: u32) -> Result<Self, Error> {
        Ok(Self { file: Stored::open(folder.join("shadow"))?, page_size })
    }

    fn offset(&self, page: u32) -> u64 {
        u64::from(page - 1) * u64::from(self.page_size)
    }

    /// Reads a page; what was never written is zero.
    pub(super) fn read(&self, page: u32, buffer: &mut [u8]) -> Result<(), Error> {
        let read = self.file.read_at(buffer, self.offset(page))?;
        buffer[read..].fill(0);
        Ok(())
    }

    pub(super) fn write(&self, page: u32, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_at(bytes, self.offset(page))
    }

    /// Cuts it to `pages` pages.
    pub(super) fn truncate(&self, pages: u32) -> Result<(), Error> {
        self.file.set_len(self.offset(pages + 1))
    }

    pub(super) fn sync(&self) -> Result<(), Error> {
        self.file.sync()
    }
}

impl Visitor for Shadow {
    fn start(&mut self) -> Result<(), Error> {
        self.truncate(0)
    }
    fn page(&mut self, page: u32, bytes: &[u8]) -> Result<(), Error> {
        self.write(page, bytes)
    }
}
