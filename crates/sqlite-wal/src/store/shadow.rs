//! The shadow: the pages of a state of the database.

use crate::error::Error;
use crate::file::{read_at, write_at};
use crate::source::Visitor;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// A file of pages, page 1 first.
pub(crate) struct Shadow {
    file: File,
    path: PathBuf,
    page_size: u32,
}

impl Shadow {
    pub(crate) fn open(folder: &Path, page_size: u32) -> Result<Self, Error> {
        let path = folder.join("shadow");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(Error::io("opening", &path))?;
        Ok(Self { file, path, page_size })
    }

    fn offset(&self, page: u32) -> u64 {
        u64::from(page - 1) * u64::from(self.page_size)
    }

    /// Reads a page; what was never written is zero.
    pub(super) fn read(&self, page: u32, buffer: &mut [u8]) -> Result<(), Error> {
        let read =
            read_at(&self.file, buffer, self.offset(page)).map_err(Error::io("reading", &self.path))?;
        buffer[read..].fill(0);
        Ok(())
    }

    pub(super) fn write(&self, page: u32, bytes: &[u8]) -> Result<(), Error> {
        write_at(&self.file, bytes, self.offset(page)).map_err(Error::io("writing", &self.path))
    }

    /// Cuts it to `pages` pages.
    pub(super) fn truncate(&self, pages: u32) -> Result<(), Error> {
        self.file.set_len(self.offset(pages + 1)).map_err(Error::io("writing", &self.path))
    }

    pub(super) fn sync(&self) -> Result<(), Error> {
        self.file.sync_data().map_err(Error::io("syncing", &self.path))
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
