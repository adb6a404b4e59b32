//! Where pages come from.

use super::{Damage, DatabaseHeader};
use crate::error::Error;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

/// The content of a page.
#[derive(Clone, Debug)]
pub(crate) enum Bytes<'a> {
    /// In a buffer that somebody else holds.
    Borrowed(&'a [u8]),
    /// In a buffer that is shared.
    Shared(Part),
}

/// Part of a buffer that others hold too: pages are not copied out of the buffer that they were read into.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    buffer: Arc<Vec<u8>>,
    start: usize,
    length: usize,
}

impl Part {
    /// The `length` bytes of `buffer` from `start` on, which it must have.
    pub(crate) fn of(buffer: &Arc<Vec<u8>>, start: usize, length: usize) -> Self {
        debug_assert!(start + length <= buffer.len());
        Self { buffer: Arc::clone(buffer), start, length }
    }
    /// A buffer that holds nothing else.
    pub(crate) fn whole(bytes: Vec<u8>) -> Self {
        let length = bytes.len();
        Self { buffer: Arc::new(bytes), start: 0, length }
    }
    /// Part of this part, which it must have.
    pub(crate) fn part(&self, start: usize, length: usize) -> Self {
        debug_assert!(start + length <= self.length);
        Self { buffer: Arc::clone(&self.buffer), start: self.start + start, length }
    }
}

impl Deref for Part {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        &self.buffer[self.start..self.start + self.length]
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

/// One state of a database, page by page.
pub(crate) trait Pages {
    /// The content of page `page`, counted from 1; an error if the state has no such page.
    fn page(&self, page: u32) -> Result<Bytes<'_>, Error>;

    /// Size of the state in pages.
    fn count(&self) -> u32;

    /// Bytes of a page that hold content.
    fn usable(&self) -> usize;

    /// The file that errors name.
    fn path(&self) -> &Path;
}

/// The header on page 1 of a state whose pages have the size that it says.
pub(crate) fn database_header(pages: &dyn Pages) -> Result<DatabaseHeader, Error> {
    let bytes = pages.page(1)?;
    let header = DatabaseHeader::parse(&bytes).map_err(Error::damage(pages.path()))?;
    if header.page_size as usize != bytes.len() {
        let other = Damage::new(1, "the header says another page size than the pages have");
        return Err(Error::damage(pages.path())(other));
    }
    Ok(header)
}
