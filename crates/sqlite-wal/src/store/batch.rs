//! The pages of one transaction.

use super::pages::Store;
use super::record::Record;
use crate::error::Error;
use crate::file::read_at;
use crate::page::{Bytes, Damage, PageMap, Pages, Part};
use crate::wal::FRAME_HEADER_BYTES;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// A record and its frames.
pub(crate) struct Batch {
    pub(crate) record: Record,
    frames: Frames,
    /// Where in the frames the last version of each page begins.
    index: PageMap<u64>,
    page_size: usize,
}

enum Frames {
    Memory(Part),
    /// Too large to hold: read from the segment page by page.
    Segment(Arc<File>),
}

impl Batch {
    /// The record's frames, if the caller has them, else those in `segment`.
    pub(super) fn new(
        record: Record,
        page_size: u32,
        frames: Option<Part>,
        segment: &Arc<File>,
        path: &Path,
    ) -> Result<Self, Error> {
        const HELD_BYTES_MAX: u64 = 64 << 20;
        let size = FRAME_HEADER_BYTES as u64 + u64::from(page_size);
        let body = record.body_bytes(page_size);
        let frames = match frames {
            Some(frames) => Frames::Memory(frames),
            None if body <= HELD_BYTES_MAX => {
                let mut frames = vec![0; body as usize];
                read_at(segment, &mut frames, record.body()).map_err(Error::io("reading", path))?;
                Frames::Memory(Part::whole(frames))
            }
            None => Frames::Segment(Arc::clone(segment)),
        };
        let mut index =
            PageMap::with_capacity_and_hasher(record.frames.min(1 << 20) as usize, Default::default());
        for at in 0..record.frames {
            let mut head = [0; 4];
            match &frames {
                Frames::Memory(frames) => head.copy_from_slice(&frames[(at * size) as usize..][..4]),
                Frames::Segment(file) => {
                    read_at(file, &mut head, record.body() + at * size)
                        .map_err(Error::io("reading", path))?;
                }
            }
            index.insert(u32::from_be_bytes(head), at * size + FRAME_HEADER_BYTES as u64);
        }
        // What a transaction wrote beyond the end that it left is not part of the database.
        index.retain(|page, _| *page <= record.pages);
        Ok(Self { record, frames, index, page_size: page_size as usize })
    }

    /// The pages that it changed, in order.
    pub(crate) fn changed(&self) -> Vec<u32> {
        let mut changed: Vec<u32> = self.index.keys().copied().collect();
        changed.sort_unstable();
        changed
    }

    /// Where in its segment the last version of each page stands.
    pub(super) fn offsets(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.index.iter().map(|(page, at)| (*page, self.record.body() + at))
    }

    /// The last version of `page`, if the transaction wrote it.
    pub(super) fn page(&self, page: u32, path: &Path) -> Result<Option<Bytes<'_>>, Error> {
        let Some(&at) = self.index.get(&page) else { return Ok(None) };
        match &self.frames {
            Frames::Memory(frames) => Ok(Some(Bytes::Borrowed(&frames[at as usize..][..self.page_size]))),
            Frames::Segment(file) => {
                let mut bytes = vec![0; self.page_size];
                read_at(file, &mut bytes, self.record.body() + at).map_err(Error::io("reading", path))?;
                Ok(Some(Bytes::Shared(Part::whole(bytes))))
            }
        }
    }

    /// Where in the buffer that holds its frames the last version of each page stands; `None` if it is too large to be held.
    pub(super) fn held(&self) -> Option<impl Iterator<Item = (u32, Part)> + '_> {
        match &self.frames {
            Frames::Memory(frames) => {
                Some(self.index.iter().map(|(page, at)| (*page, frames.part(*at as usize, self.page_size))))
            }
            Frames::Segment(_) => None,
        }
    }
}

/// The state after a transaction: its pages over the state before.
pub(crate) struct After<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) before: &'a Store,
    /// Bytes of a page that hold content.
    pub(crate) usable: usize,
}

impl Pages for After<'_> {
    fn page(&self, page: u32) -> Result<Bytes<'_>, Error> {
        if page == 0 || page > self.batch.record.pages {
            return Err(Error::damage(self.path())(Damage::new(
                page,
                "the page is beyond the end of the database",
            )));
        }
        match self.batch.page(page, self.path())? {
            Some(bytes) => Ok(bytes),
            None => self.before.page(page),
        }
    }
    fn count(&self) -> u32 {
        self.batch.record.pages
    }
    fn usable(&self) -> usize {
        self.usable
    }
    fn path(&self) -> &Path {
        self.before.path()
    }
}
